import hashlib
import json

import pytest

from eval.errors import QuestionSetError
from eval.evidence import PathDocuments, resolve_all
from eval.formats import beir_documents, squad_documents
from eval.questions import load_questions, question_as_json

GOOD = {"id": "1", "question": "Who?", "kind": "fact", "answers": ["Li"]}
HASH = hashlib.sha256(b"words").hexdigest()


def write(tmp_path, *lines):
    path = tmp_path / "set.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_reads_every_key(tmp_path):
    full = {
        "id": "2",
        "question": "And when?",
        "history": ["Who founded it?"],
        "kind": "follow-up",
        "answers": ["1999"],
        "must_include": ["1999"],
        "must_not_include": ["2000"],
        "evidence": [
            {"source": "a.txt", "quote": "some words"},
            {"source": "b.txt", "start": 3, "end": 8, "sha256": HASH},
        ],
    }
    none = {"id": "3", "question": "?", "kind": "x", "answers": [], "unanswerable": True}
    first, second, third = load_questions(write(tmp_path, GOOD, "", full, none))
    assert (first.id, first.answers, first.history) == ("1", ("Li",), ())
    assert second.evidence[0].quote == "some words"
    assert (second.evidence[1].start, second.evidence[1].end) == (3, 8)
    assert third.unanswerable
    assert question_as_json(second) == full


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"answer": "Li"}, "unknown key 'answer'"),
        ({"answers": None}, "missing"),
        ({"answers": "Li"}, '"answers" must be a list'),
        ({"question": " "}, '"question" must be a text'),
        ({"unanswerable": "yes"}, "true or false"),
        ({"answers": []}, "nothing says what is right"),
        ({"evidence": {}}, "must be a list, not an object"),
        ({"evidence": [{"source": "a"}]}, "evidence 1: key 'start' is missing"),
        ({"evidence": [{"source": "a", "quote": "b", "start": 1}]}, "unknown key 'start'"),
        ({"evidence": [{"source": "a", "start": 5, "end": 5, "sha256": HASH}]}, "start < end"),
        ({"evidence": [{"source": "a", "start": 1, "end": 5, "sha256": "abc"}]}, "hex"),
    ],
)
def test_errors_name_file_line_and_reason(tmp_path, changes, message):
    bad = GOOD | {"id": "2"} | changes
    if bad["answers"] is None:
        del bad["answers"]
    path = write(tmp_path, GOOD, bad)
    with pytest.raises(QuestionSetError) as error:
        load_questions(path)
    assert f"{path}, line 2" in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"id": '], "line 1: not JSON"),
        ([[1]], "line 1: a question is a JSON object, not a list"),
        ([GOOD, "", GOOD], "line 3: id '1' was used before, on line 1"),
        ([], "holds no question"),
    ],
)
def test_bad_files(tmp_path, lines, message):
    with pytest.raises(QuestionSetError, match=message):
        load_questions(write(tmp_path, *lines))


def test_missing_file_wrong_encoding_and_unknown_format(tmp_path):
    with pytest.raises(QuestionSetError, match="cannot read the question set"):
        load_questions(tmp_path / "none.jsonl")
    path = tmp_path / "latin.jsonl"
    path.write_bytes(b'{"id": "\xe9"}')
    with pytest.raises(QuestionSetError, match="not UTF-8 at byte 8"):
        load_questions(path)
    with pytest.raises(QuestionSetError, match="known: footnote, squad, beir"):
        load_questions(path, format="trec")


def test_line_separator_inside_a_text_does_not_split_the_line(tmp_path):
    path = tmp_path / "set.jsonl"
    odd = GOOD | {"question": "a\u2028b"}
    path.write_text(json.dumps(odd, ensure_ascii=False) + "\r\n", encoding="utf-8-sig")
    assert load_questions(path)[0].question == "a\u2028b"


def squad(tmp_path):
    contexts = ["Paris is in France.", "Rome is in Italy. Rome is old."]
    data = {
        "version": "v2.0",
        "data": [
            {
                "title": "Cities/Europe",
                "paragraphs": [
                    {
                        "context": contexts[0],
                        "qas": [
                            {
                                "id": "a",
                                "question": " Where is Paris? ",
                                "answers": [
                                    {"text": "France", "answer_start": 12},
                                    {"text": "France", "answer_start": 12},
                                    {"text": "in France", "answer_start": 9},
                                ],
                            }
                        ],
                    },
                    {
                        "context": contexts[1],
                        "qas": [
                            {
                                "id": "b",
                                "question": "Where is Rome?",
                                "answers": [{"text": "Italy", "answer_start": 11}],
                                "is_impossible": False,
                            },
                            {
                                "id": "c",
                                "question": "Where is Oslo?",
                                "answers": [],
                                "is_impossible": True,
                            },
                        ],
                    },
                ],
            }
        ],
    }
    path = tmp_path / "squad.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_squad_evidence_stands_in_its_documents(tmp_path):
    path = squad(tmp_path)
    texts = dict(squad_documents(path))
    assert list(texts) == ["Cities%2FEurope.txt"]
    first, second, third = load_questions(path, format="squad")
    assert first.question == "Where is Paris?"
    assert first.answers == ("France", "in France")
    documents = PathDocuments({name: name for name in texts}, texts.__getitem__)
    gold = resolve_all([first, second, third], documents)
    span = gold["b"][0].spans[0]
    assert texts[span.document][span.start : span.end] == "Italy"
    assert (span.start, span.end) == (second.evidence[0].start, second.evidence[0].end)
    assert third.unanswerable
    assert third.kind == "unanswerable"


def test_squad_of_another_layout(tmp_path):
    path = tmp_path / "squad.json"
    path.write_text('{"data": [{"paragraphs": [{"text": "x"}]}]}')
    with pytest.raises(QuestionSetError, match="not laid out as SQuAD"):
        load_questions(path, format="squad")


def beir(tmp_path, qrels="query-id\tcorpus-id\tscore\nq1\td/1\t2\nq1\td2\t0\n"):
    (tmp_path / "qrels").mkdir()
    corpus = [{"_id": "d/1", "title": "T", "text": "one"}, {"_id": "d2", "text": "two"}]
    queries = [{"_id": "q1", "text": "first?"}, {"_id": "q2", "text": "unjudged?"}]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (tmp_path / "qrels" / "test.tsv").write_text(qrels)
    return tmp_path


def test_beir(tmp_path):
    folder = beir(tmp_path)
    assert dict(beir_documents(folder)) == {"d%2F1.txt": "T\n\none", "d2.txt": "two"}
    (only,) = load_questions(folder, format="beir")
    assert (only.id, only.question, only.answers) == ("q1", "first?", ())
    assert [(e.source, e.grade, e.start) for e in only.evidence] == [("d%2F1.txt", 2.0, None)]
    assert not only.says_what_is_right


def test_beir_with_a_bad_line(tmp_path):
    with pytest.raises(QuestionSetError, match=r"test\.tsv, line 2: expected query-id"):
        load_questions(beir(tmp_path, "query-id\tcorpus-id\tscore\nq1\td1\n"), format="beir")
