"""The whole way with fakes: events, JSON as promised, follow-ups, the log."""

import dataclasses
import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from index.errors import LibraryError
from models.errors import ModelError
from models.fake import FakeGenerator
from rag.compose import ComposeReader
from rag.errors import QuestionError
from rag.pipeline import Pipeline, build_pipeline
from rag.readers import build_generator
from rag.rendering import answer_json
from rag.retriever import Retriever
from rag.settings import Settings

QUESTION = "In which city was the third AI capacity-building workshop held?"

# The promise of docs: names and order of the keys, and what kind of value each has.
ANSWER = {
    "version": int,
    "question": str,
    "standalone_question": str,
    "status": str,
    "short_answer": (str, type(None)),
    "confidence": float,
    "sentences": list,
    "passages": list,
    "reader": str,
    "generator": str,
    "embedder": str,
    "timings_ms": dict,
    "tokens": dict,
}
SENTENCE = {"text": str, "kind": str, "support": str, "citations": list}
CITATION = {
    "n": int,
    "document": str,
    "path": str,
    "title": str,
    "sha256": str,
    "start": int,
    "end": int,
    "quote": str,
    "locator": (dict, type(None)),
    "section": (str, type(None)),
    "speaker": (str, type(None)),
    "date": (str, type(None)),
    "role": str,
}
PASSAGE = {
    "n": int,
    "document": str,
    "path": str,
    "start": int,
    "end": int,
    "score": float,
    "read": bool,
    "left_out": (str, type(None)),
}


def check_shape(data: dict, shape: dict) -> None:
    assert list(data) == list(shape)
    for key, kind in shape.items():
        assert isinstance(data[key], kind), key


def check_answer(data: dict) -> None:
    check_shape(data, ANSWER)
    assert data["version"] == 1
    assert data["status"] in ("answered", "disputed", "refused")
    for sentence in data["sentences"]:
        check_shape(sentence, SENTENCE)
        assert sentence["kind"] in ("quote", "written")
        assert sentence["support"] in ("supported", "partly", "unsupported", "unchecked")
        for citation in sentence["citations"]:
            check_shape(citation, CITATION)
    for passage in data["passages"]:
        check_shape(passage, PASSAGE)
    assert all(isinstance(value, int) for value in data["tokens"].values())
    timings = data["timings_ms"]
    assert timings.keys() >= {"understand", "retrieve", "read", "total"}
    assert sum(v for k, v in timings.items() if k.startswith("read.")) <= timings["read"] + 0.5


@pytest.fixture
def composing(settings: Settings) -> Iterator[Pipeline]:
    made = build_pipeline(dataclasses.replace(settings, reader="compose"), create=False)
    yield made
    made.close()


@pytest.mark.parametrize(
    "question",
    [QUESTION, "When was the interview published?", "Did Lindqvist or Reyes speak of Singapore?"],
)
def test_answers_as_json(pipeline: Pipeline, question: str) -> None:
    data = answer_json(pipeline.ask(question))
    check_answer(json.loads(json.dumps(data)))
    assert data["question"] == data["standalone_question"] == question
    assert (data["reader"], data["generator"], data["embedder"]) == ("extract", "fake", "fake")


def test_composed_answers_as_json(composing: Pipeline) -> None:
    data = answer_json(composing.ask(QUESTION))
    check_answer(json.loads(json.dumps(data)))
    assert data["reader"] == "compose"


def test_refusals_as_json(settings: Settings) -> None:
    pipeline = build_pipeline(dataclasses.replace(settings, min_confidence=1.0), create=False)
    data = answer_json(pipeline.ask("What is the capital of Mongolia?"))
    check_answer(data)
    assert data["status"] == "refused"
    assert data["short_answer"] is None
    assert data["sentences"] == []
    assert all(passage["read"] != bool(passage["left_out"]) for passage in data["passages"])
    pipeline.close()


def test_events_come_in_order(pipeline: Pipeline) -> None:
    events = list(pipeline.ask_stream(QUESTION))
    kinds = [event.kind for event in events]
    assert kinds[0] == "step"
    assert kinds.count("answer") == 1
    assert kinds[-1] == "answer"
    assert "sentence" in kinds
    assert f"{pipeline.library.store.count('passages')} passages" in events[0].text
    sentences = tuple(event.sentence for event in events if event.kind == "sentence")
    assert sentences == events[-1].answer.sentences


def test_composed_events_come_in_order(library, settings: Settings) -> None:
    generator = FakeGenerator(
        [["The third workshop ", "was held in Shanghai [1]", ". So ", "there."]]
    )
    pipeline = Pipeline(library, Retriever(library), ComposeReader(generator, library), settings)
    kinds = [event.kind for event in pipeline.ask_stream(QUESTION)]
    assert [kind for kind, _ in groupby(kinds)] == ["step", "text", "sentence", "text", "answer"]


def test_closing_stops(pipeline: Pipeline) -> None:
    events = pipeline.ask_stream(QUESTION)
    next(events)
    events.close()
    assert list(events) == []


def test_nothing_happens_before_the_first_event(pipeline: Pipeline) -> None:
    events = pipeline.ask_stream("")
    with pytest.raises(QuestionError, match="empty"):
        next(events)


def test_an_empty_library(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path / "none", embedder="fake", generator="fake")
    with pytest.raises(LibraryError, match=r"no library in .* footnote add PATH"):
        build_pipeline(settings, create=False)
    pipeline = build_pipeline(settings)
    with pytest.raises(LibraryError, match=r"holds no documents yet\. .*footnote add PATH"):
        pipeline.ask(QUESTION)
    pipeline.close()


def test_follow_ups_are_made_standalone(pipeline: Pipeline) -> None:
    answer = pipeline.ask(
        "And how many megawatts does it deliver?", ["Where is the Arlen station?"]
    )
    assert answer.question == "And how many megawatts does it deliver?"
    assert "Arlen" in answer.standalone_question
    assert "300 megawatts" in answer.sentences[0].text
    hits = pipeline.retrieve(
        "And how many megawatts does it deliver?", ["Where is the Arlen station?"]
    )
    assert [hit.passage.start for hit in hits] == [use.start for use in answer.passages]


def test_long_histories_do_not_make_a_question_too_long(pipeline: Pipeline) -> None:
    question = "And what about " + "the station and " * 100 + "so on?"
    answer = pipeline.ask(question, ["chips " * 5_000, "Long ago " * 400])
    assert answer.question == " ".join(question.split())


def test_white_space_is_tidied(pipeline: Pipeline) -> None:
    assert pipeline.ask(f"  {QUESTION}\n").question == QUESTION


def test_nothing_is_logged_unasked(pipeline: Pipeline) -> None:
    pipeline.ask(QUESTION)
    assert not (pipeline.library.folder / "questions.jsonl").exists()


def test_one_line_a_question_is_logged_where_asked_for(logging_settings: Settings) -> None:
    pipeline = build_pipeline(logging_settings, create=False)
    pipeline.ask(QUESTION)
    pipeline.ask("Who spoke of Singapore — “leave”?")
    lines = (pipeline.library.folder / "questions.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["question"] for line in lines] == [
        *(QUESTION, "Who spoke of Singapore — “leave”?"),
    ]
    for line in lines:
        check_answer(json.loads(line))
    pipeline.close()


def test_a_log_that_cannot_be_written_costs_no_answer(logging_settings: Settings) -> None:
    pipeline = build_pipeline(logging_settings, create=False)
    (pipeline.library.folder / "questions.jsonl").mkdir()
    assert pipeline.ask(QUESTION).status == "answered"
    pipeline.close()


@pytest.mark.parametrize(
    ("size_gb", "reader"), [(0.1, "extract"), (1.0, "extract"), (2.5, "compose"), (20, "compose")]
)
def test_an_unknown_model_is_judged_by_its_size(
    tmp_path: Path, settings: Settings, size_gb: float, reader: str
) -> None:
    path = tmp_path / "my-own-model.gguf"
    with path.open("wb") as file:
        file.write(b"GGUF")
        file.truncate(int(size_gb * 1e9))
    generator = build_generator(dataclasses.replace(settings, generator=str(path)))
    assert generator.profile.reader == reader
    assert generator.name == "my-own-model"


def test_a_model_that_is_not_there(tmp_path: Path, settings: Settings) -> None:
    missing = dataclasses.replace(settings, generator=str(tmp_path / "none.gguf"))
    with pytest.raises(ModelError, match=r"none\.gguf"):
        build_pipeline(missing, create=False)
