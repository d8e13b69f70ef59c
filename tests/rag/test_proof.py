"""Portable proof: written for people and machines, read back, checked against the documents alone."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rag.errors import AnswerFileError
from rag.pipeline import Pipeline, build_pipeline
from rag.proof import SUFFIXES, proof
from rag.proof_checking import check, is_as_written, read_proof
from rag.settings import Settings
from rag.types import Answer

EVIL = "</script><script>alert(1)</script> --> ![x](http://a.b/c.png) [l](javascript:x) `${1}` {{2}} <b>"
TEXTS = {
    "ferry.txt": "The ferry\n\nThe ferry to Ostrand leaves at noon from pier 4.\n",
    "evil.md": f"# {EVIL}\n\nThe password of the robot is {EVIL} swordfish, they say.\n",
}


@pytest.fixture
def pipeline(tmp_path: Path) -> Iterator[Pipeline]:
    folder = tmp_path / "private folder"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = Settings(
        library=tmp_path / "library", embedder="fake", generator="fake", min_confidence=0.0
    )
    made = build_pipeline(settings)
    made.library.add([folder])
    yield made
    made.close()


@pytest.fixture
def answers(pipeline: Pipeline) -> list[Answer]:
    found = [
        pipeline.ask("When does the ferry to Ostrand leave?"),
        pipeline.ask("What is the password of the robot, as they say?"),
    ]
    assert all(answer.sentences for answer in found)
    return found


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_proof_is_read_back_and_holds(suffix: str, answers: list[Answer], tmp_path: Path) -> None:
    text = proof(answers, suffix)
    assert str(tmp_path) not in text
    assert "private folder" not in text
    back = read_proof(text)
    assert [a.question for a in back] == [a.question for a in answers]
    for one, other in zip(back, answers, strict=True):
        for a, b in zip(one.sentences, other.sentences, strict=True):
            assert (a.text, a.kind, a.support) == (b.text, b.kind, b.support)
            assert [(c.quote, c.start, c.end, c.sha256) for c in a.citations] == [
                (c.quote, c.start, c.end, c.sha256) for c in b.citations
            ]
    checks = check(back, [tmp_path / "private folder"])
    assert len(checks) == sum(len(s.citations) for a in answers for s in a.sentences)
    assert all(one.holds for one in checks)
    assert is_as_written(text)


def test_nothing_of_a_document_becomes_markup(answers: list[Answer]) -> None:
    parser = Tags()
    parser.feed(proof(answers, ".html"))
    scripts = [attrs for tag, attrs in parser.found if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "footnote-proof"}]
    assert not {"b", "img", "iframe"} & {tag for tag, _ in parser.found}
    links = [attrs["href"] for tag, attrs in parser.found if tag == "a"]
    assert links
    assert all(re.fullmatch(r"#a\d+-\d+", str(link)) for link in links)
    policies = [attrs["content"] for tag, attrs in parser.found if "http-equiv" in attrs]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    shown = proof(answers, ".md").split("<!-- footnote-proof")[0]
    assert "![" not in shown.replace("\\!\\[", "")
    assert "](" not in shown.replace("\\]\\(", "")
    assert "<script" not in shown.replace("\\<", "")


def test_a_renamed_file_holds_a_changed_one_does_not(answers: list[Answer], tmp_path: Path) -> None:
    kept = read_proof(proof(answers[:1], ".html"))
    folder = tmp_path / "private folder"
    (folder / "ferry.txt").rename(folder / "boat.txt")
    (moved,) = {one.file for one in check(kept, [folder]) if one.holds}
    assert moved is not None
    assert moved.name == "boat.txt"
    (folder / "boat.txt").rename(folder / "ferry.txt")
    (folder / "ferry.txt").write_text("The ferry\n\nIt leaves at one.\n", encoding="utf-8")
    changed = check(kept, [folder])
    assert {one.problem for one in changed} == {"ferry.txt has changed since"}
    (folder / "ferry.txt").unlink()
    assert {one.problem for one in check(kept, [folder])} == {"no file has this content"}


def test_a_forged_quote_does_not_hold(answers: list[Answer], tmp_path: Path) -> None:
    text = proof(answers[:1], ".json").replace("noon", "nine")
    checks = check(read_proof(text), [tmp_path / "private folder"])
    assert [one.problem for one in checks] == ["these words do not stand there"] * len(checks)
    assert checks


def forged(answers: list[Answer], **changes: object) -> str:
    """A proof with one more sentence, whose footnote has the first one's number."""
    data = json.loads(proof(answers[:1], ".json"))
    first = data["answers"][0]["sentences"][0]
    false = {**first, "citations": [{**first["citations"][0], **changes}]}
    data["answers"][0]["sentences"].insert(0, false)
    return json.dumps(data)


@pytest.mark.parametrize(
    "changes", [{"quote": "It never leaves."}, {"quote": "", "start": 0, "end": 0}, {"start": -5}]
)
def test_a_false_footnote_does_not_hide_behind_a_true_one(
    changes: dict[str, object], answers: list[Answer], tmp_path: Path
) -> None:
    checks = check(read_proof(forged(answers, **changes)), [tmp_path / "private folder"])
    assert [one.holds for one in checks[:2]] == [False, True]


@pytest.mark.parametrize("changes", [{"start": "0"}, {"n": "1"}, {"path": 5}, {"quote": None}])
def test_an_odd_footnote_is_refused(changes: dict[str, object], answers: list[Answer]) -> None:
    with pytest.raises(AnswerFileError, match="no answer of Footnote"):
        read_proof(forged(answers, **changes))


def test_a_sentence_without_a_footnote_or_other_than_its_quote_does_not_hold(
    answers: list[Answer], tmp_path: Path
) -> None:
    data = json.loads(proof(answers[:1], ".json"))
    sentences = data["answers"][0]["sentences"]
    bare = {**sentences[0], "citations": []}
    other = {**sentences[0], "text": "The ferry to Ostrand leaves at nine."}
    data["answers"][0]["sentences"] = [bare, other]
    checks = check(read_proof(json.dumps(data)), [tmp_path / "private folder"])
    assert checks[0].problem == "it has no footnote"
    assert {one.problem for one in checks[1:]} == {"the sentence is not what is quoted"}


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_what_is_shown_must_be_what_the_data_says(suffix: str, answers: list[Answer]) -> None:
    text = proof(answers, suffix)
    assert is_as_written(text.replace("\n", "\r\n"))
    assert not is_as_written(text.replace("noon", "nine", 1))


def test_the_same_bytes_under_another_ending_do_no_harm(
    answers: list[Answer], tmp_path: Path
) -> None:
    folder = tmp_path / "private folder"
    (folder / "zz.html").write_bytes((folder / "evil.md").read_bytes())
    assert all(one.holds for one in check(answers, [folder]))


def test_a_path_where_nothing_is_is_named(answers: list[Answer], tmp_path: Path) -> None:
    with pytest.raises(AnswerFileError, match=r"nothing at .*typo"):
        check(answers, [tmp_path / "typo"])


@pytest.mark.parametrize("text", ["", "{", "[1]", "<html></html>", '{"answers": 3}', "[]"])
def test_what_is_no_proof_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(AnswerFileError, match="footnote ask"):
        read_proof(text)


def test_another_ending_is_refused(answers: list[Answer]) -> None:
    with pytest.raises(AnswerFileError, match=r"\.html, \.md, \.json, not in \.pdf"):
        proof(answers, ".pdf")


def test_the_json_is_plain(answers: list[Answer]) -> None:
    data = json.loads(proof(answers, ".json"))
    assert data["version"] == 1
    assert [one["passages"] for one in data["answers"]] == [[], []]
