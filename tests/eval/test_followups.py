import json
from contextlib import closing

from eval.followups import (
    REWRITES,
    build_collection,
    canard_rows,
    measure,
    own_rows,
    own_set,
    part_of,
    read_followups,
)
from index.library import Library
from models.fake import FakeEmbedder
from rag.retriever import Retriever

FERRY = "The ferry was built in Sandhaven in the year 1911."
STOPPED = "It stopped because nobody wanted to pay for the coal."
STATION = "The station in Arlen delivers three hundred megawatts of power."


def row(history, question, rewrite=None):
    return json.dumps({"history": history, "question": question, "rewrite": rewrite or question})


FIRST = ["Marrow", "Ferry"]
BUILT = [*FIRST, "Where was it built?", FERRY]
ASKED = [*BUILT, "Who knows?", "I don't know."]
LINES = [
    row(FIRST, "Where was it built?", "Where was the Marrow ferry built?"),
    row(BUILT, "Who knows?"),
    row(ASKED, "Why did it stop?"),
    row([*ASKED, "Why did it stop?", STOPPED], "Anything else?"),
    row(["Arlen", "Power"], "How much power?"),
    row(["Arlen", "Power", "How much power?", STATION], "Who built it?"),
]


def test_only_questions_with_a_known_answer_are_asked():
    items, answers = read_followups(LINES)
    assert [item.question for item in items] == [
        "Where was it built?",
        "Why did it stop?",
        "How much power?",
    ]
    assert [item.answer for item in items] == [FERRY, STOPPED, STATION]
    assert items[1].asked == ("Tell me about Marrow: Ferry", "Where was it built?", "Who knows?")
    assert items[1].turns[2] == FERRY
    assert answers == {("Marrow", "Ferry"): [FERRY, STOPPED], ("Arlen", "Power"): [STATION]}


def test_a_dialogue_lies_in_one_part():
    assert part_of(("Frank Zappa", "Disbandment")) in ("test", "train")
    parts = [part_of((str(number), "a")) for number in range(500)]
    assert 60 < parts.count("test") < 140


def test_an_answer_is_found_by_its_own_words(tmp_path):
    items, answers = read_followups(LINES)
    with closing(build_collection(tmp_path, FakeEmbedder(), answers)) as library:
        retriever = Retriever(library)

        def search(query):
            return retriever.retrieve(query, 10)

        assert measure(search, items, lambda item: item.answer) == (1.0, 1.0)
        assert measure(search, [], lambda item: item.answer) == (0.0, 0.0)
        rows = list(canard_rows(retriever, items))
        assert len(rows) == 2 + len(REWRITES)


def test_breadcrumbs_can_be_left_out(tmp_path):
    _, answers = read_followups(LINES)
    for bare, crumb in ((True, ""), (False, "Marrow › Ferry")):
        folder = tmp_path / str(bare)
        with closing(build_collection(folder, FakeEmbedder(), answers, bare=bare)) as library:
            found = Retriever(library).retrieve(FERRY, 1)[0].passage
            assert (found.text, found.breadcrumb) == (FERRY, crumb)


def test_a_changed_subject_stands_before_the_dialogue():
    items, _ = read_followups(LINES)
    moved = items[0].after(items[2])
    assert moved.asked == ("Tell me about Arlen: Power", "Tell me about Marrow: Ferry")
    alone = items[0].alone_after(items[2])
    assert alone.question == "Where was the Marrow ferry built?"
    assert alone.asked == ("Tell me about Arlen: Power",)


def test_own_sets_are_asked_with_and_without_a_history(tmp_path):
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "ferry.txt").write_text(f"{FERRY} {STOPPED}\n")
    lines = [
        {"id": "1", "question": "Where was the ferry built?", "answers": ["Sandhaven"]},
        {"id": "2", "question": "Why did the ferry stop?", "answers": ["coal"]},
        {"id": "3", "question": "And when?", "answers": ["1911"], "history": ["Who built it?"]},
    ]
    quotes = ("Sandhaven", "nobody wanted to pay", "1911")
    for line, quote in zip(lines, quotes, strict=True):
        line |= {"kind": "fact", "evidence": [{"source": "ferry.txt", "quote": quote}]}
    questions = tmp_path / "set.jsonl"
    questions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with closing(Library(tmp_path / "library", FakeEmbedder())) as library:
        own = own_set(library, documents, questions)
        assert [question.id for question in own.follow_ups] == ["3"]
        assert len(own.alone) == 4
        rows = list(own_rows("ferry", own))
    assert rows[1].endswith("1.000")
