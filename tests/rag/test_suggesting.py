"""Suggested questions are answered from where they were made from, kept, and renewed with the library."""

import dataclasses
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library import Library
from models.errors import ModelError
from models.fake import FakeEmbedder
from rag.pipeline import Pipeline, build_pipeline
from rag.settings import Settings
from rag.suggesting import follow_ups, kept_suggestions, suggest
from rag.suggestion_file import Suggestion
from rag.suggestion_headings import Suggestible
from rag.suggestion_sources import same_question, suggestible
from rag.suggestion_trying import agreed, tried
from rag.types import Answer, Citation, Event, Sentence

DOCUMENTS = {
    "robots.txt": """Robots in the east

China installed 276,300 industrial robots in 2023. The factories of Suzhou have many of them, and people say
that China will have more. In Europe and China the number grows.
""",
    "talks.md": """# The wall and the ladder

## Is DeepSeek a part of Alibaba?

No. DeepSeek belongs to the circle of the fund High-Flyer, and Alibaba has its seat in the same city.

## The Rise of the Chinese Chip Makers

Chip makers of China have grown since DeepSeek came. DeepSeek hired 150 young engineers in 2024.
The ferries of Europe are late.

Ana Holm: I think the rules for DeepSeek came too late.

Bo Reyes: The DeepSeek rules hurt companies in Suzhou.

Ana Holm: And the wall became a ladder for DeepSeek.
""",
    "glossary.md": """# Chips explained

## Glossary

### EUV

A way of printing chip patterns with light.

### Open weights

The trained numbers of a model, which can be downloaded.
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in DOCUMENTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    made = Library(tmp_path / "library", FakeEmbedder())
    made.add([tmp_path / name for name in DOCUMENTS])
    made.close()
    return tmp_path


@pytest.fixture
def own(folder: Path) -> Iterator[Pipeline]:
    settings = Settings(
        library=folder / "library", embedder="fake", generator="fake", min_confidence=0.0
    )
    made = build_pipeline(settings, create=False)
    yield made
    made.close()


def answer_to(
    question: str, document: int = 1, start: int = 0, end: int = 10, **changed: object
) -> Answer:
    citation = Citation(
        1, str(document), "p", "t", "s", start, end, "q", None, None, None, None, "body"
    )
    sentence = Sentence("The answer.", "quote", "supported", (citation,))
    made = Answer(question, question, "answered", None, 0.9, (sentence,), (), "r", "g", "e")
    return dataclasses.replace(made, **changed)  # type: ignore[arg-type]


# -- sources --------------------------------------------------------------------------------------


def test_documents_offer_questions_of_many_kinds(own: Pipeline) -> None:
    found = {one.question: one for one in suggestible(own.library)}
    assert found["How many industrial robots did China install in 2023?"].words == "276,300"
    assert found["Is DeepSeek a part of Alibaba?"].kind == "heading"
    assert found["What is EUV?"].kind == "definition"
    assert "What does “open weights” mean?" in found
    assert found["How many documents mention China?"].places == ()


def test_every_place_is_where_the_answer_stands(own: Pipeline) -> None:
    for one in suggestible(own.library):
        for document, start, end in one.places:
            text = own.library.store.text(document, start, end)
            assert one.words in " ".join(text.split())


def test_the_same_question_in_other_words_is_the_same() -> None:
    assert same_question("What did Nvidia lose in a day?", "What did Nvidia lose?")
    assert not same_question("What did Nvidia lose?", "What did Baidu show?")


# -- what is kept ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "kept"),
    [
        ({}, True),
        ({"short_answer": "276,300 robots"}, True),
        ({"short_answer": "about 300"}, False),
        ({"status": "refused"}, False),
        ({"status": "disputed"}, False),
        ({"confidence": 0.2}, False),
        ({"sentences": ()}, False),
    ],
)
def test_only_the_fact_itself_is_an_answer(changed: dict[str, object], kept: bool) -> None:
    one = Suggestible("How many robots did China install?", "amount", "276,300", ((1, 5, 50),))
    assert (agreed(one, answer_to(one.question, **changed)) is not None) == kept


def test_an_answer_from_elsewhere_is_none() -> None:
    one = Suggestible("How many robots did China install?", "amount", "276,300", ((1, 50, 90),))
    assert agreed(one, answer_to(one.question)) is None
    assert agreed(one, answer_to(one.question, document=2, start=60, end=70)) is None
    # A second sentence from the right place does not make up for a first one from another.
    elsewhere = answer_to(one.question)
    there = answer_to(one.question, start=60, end=70)
    both = dataclasses.replace(elsewhere, sentences=elsewhere.sentences + there.sentences)
    assert agreed(one, both) is None


def test_suggestions_are_answered_from_the_library(own: Pipeline) -> None:
    found = suggest(own, n=6)
    assert found
    assert len({one.question for one in found}) == len(found)
    for one in found:
        answer = own.ask(one.question)
        assert answer.status == "answered"
        if one.document is not None:
            assert own.library.store.text(one.document, one.start, one.end) == one.quote
    assert sum(one.kind == "census" for one in found) == 1


def test_what_is_known_is_there_at_once(own: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    found = suggest(own, n=2)

    def ask_nothing(*_: object, **__: object) -> Iterator[Event]:
        raise AssertionError("nothing is to be asked again")

    monkeypatch.setattr(Pipeline, "ask_stream", ask_nothing)
    assert suggest(own, n=2) == found
    assert set(kept_suggestions(own.library, n=2)) == set(found)


def test_without_budget_or_when_stopped_nothing_is_asked(own: Pipeline) -> None:
    stopped = threading.Event()
    stopped.set()
    assert suggest(own, budget_s=0) == ()
    assert suggest(own, stopped=stopped) == ()


def test_a_changed_library_keeps_what_still_stands(own: Pipeline, folder: Path) -> None:
    suggest(own, n=6)
    before = kept_suggestions(own.library)
    robots = own.library.store.document_at(str(folder / "robots.txt"))
    assert robots is not None
    assert any(one.document == robots.id for one in before)
    (folder / "robots.txt").write_text("Nothing is said here any more about it.", encoding="utf-8")
    own.library.add([folder / "robots.txt"])
    after = kept_suggestions(own.library)
    assert after
    assert {one.question for one in after} == {
        one.question for one in before if one.document not in (None, robots.id)
    }
    assert all(one.document != robots.id for one in suggest(own, n=6))


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", '{"version": 1}', '{"version": 9, "library": "x"}'],
)
def test_a_damaged_file_is_made_anew(own: Pipeline, damage: str) -> None:
    suggest(own, n=2)
    path = own.library.store.folder / "suggestions.json"
    kept = json.loads(path.read_text())
    path.write_text(damage, encoding="utf-8")
    assert kept_suggestions(own.library) == ()
    kept["suggestions"][0]["start"] = "zero"
    path.write_text(json.dumps(kept), encoding="utf-8")
    assert kept_suggestions(own.library) == ()
    assert suggest(own, n=2)


def test_a_model_that_fails_is_no_suggestion(
    own: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Iterator[Event]:
        raise ModelError("out of memory")
        yield

    monkeypatch.setattr(Pipeline, "ask_stream", fail)
    one = Suggestible("What is EUV?", "definition", "", ((1, 0, 9),))
    assert tried(own, one, threading.Event(), float("inf")) is None


def test_suggestions_are_not_logged_as_questions(own: Pipeline, folder: Path) -> None:
    own.settings = dataclasses.replace(own.settings, log_questions=True)
    assert suggest(own, n=2)
    assert not (folder / "library" / "questions.jsonl").exists()


# -- going on -------------------------------------------------------------------------------------


def test_follow_ups_are_others_and_whole(own: Pipeline) -> None:
    suggest(own, n=6)
    answer = own.ask("Which company does DeepSeek belong to?")
    found = follow_ups(own, answer, n=3)
    assert len(set(found)) == len(found) <= 3
    assert all(question.endswith("?") for question in found)
    assert not any(same_question(question, answer.question) for question in found)


def test_beside_the_cited_words_other_facts_are_offered(own: Pipeline, folder: Path) -> None:
    (folder / "fair.txt").write_text(
        "The fair of Arlen\n\nThe Arlen fair was opened in May 2019. Guests came from Europe.\n\n"
        "The Arlen fair was closed in June 2021. Nobody knows why it was so.\n",
        encoding="utf-8",
    )
    own.library.add([folder / "fair.txt"])
    answer = own.ask("When was the Arlen fair opened?")
    assert "2019" in answer.sentences[0].text
    assert follow_ups(own, answer) == ("When was the Arlen fair closed?",)
    assert follow_ups(own, answer, budget_s=60) in ((), ("When was the Arlen fair closed?",))


def test_nothing_near_means_no_follow_up(own: Pipeline) -> None:
    assert follow_ups(own, own.ask("Zebra xylophone quartz?")) == ()


def test_a_suggestion_is_plain_data() -> None:
    one = Suggestion("Q?", "a", "date", 1, 0, 3, "abc", 0.5)
    assert Suggestion(**json.loads(json.dumps(dataclasses.asdict(one)))) == one
