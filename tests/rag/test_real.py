"""Both readers with the real starter models over the small library: nothing but what stands there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library import Library
from models.errors import ModelError
from rag.pipeline import Pipeline, build_pipeline, open_library
from rag.settings import Settings
from rag.types import Answer

pytestmark = pytest.mark.slow
QUESTION = "In which city was the third AI capacity-building workshop held?"


@pytest.fixture(scope="module")
def folder(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The documents of the small library, embedded for real."""
    made = tmp_path_factory.mktemp("real") / "library"
    real = open_library(Settings(library=made))
    real.add([Path(document.path) for document in library.store.documents()])
    real.close()
    return made


@pytest.fixture(scope="module", params=["extract", "compose"])
def pipeline(request: pytest.FixtureRequest, folder: Path) -> Iterator[Pipeline]:
    settings = Settings(
        library=folder,
        reader=request.param,
        top_k=3,
        n_read=1,
        threads=2,
        context_tokens=2048,
        answer_tokens=24,
        min_confidence=0.0,
    )
    made = build_pipeline(settings, create=False)
    yield made
    made.close()


def check(answer: Answer, pipeline: Pipeline) -> None:
    assert answer.status in ("answered", "refused")
    for sentence in answer.sentences:
        assert sentence.citations
        for citation in sentence.citations:
            text = pipeline.library.store.text(int(citation.document))
            assert citation.quote == text[citation.start : citation.end] != ""


def test_footnotes_are_verbatim(pipeline: Pipeline) -> None:
    answer = pipeline.ask("How many megawatts does the station in Arlen deliver?")
    check(answer, pipeline)
    assert answer.tokens["prompt"] > 0
    if answer.reader == "extract":
        assert answer.status == "answered"
        assert answer.short_answer in answer.sentences[0].citations[0].quote


def test_the_right_passage_is_found(pipeline: Pipeline) -> None:
    assert "Shanghai" in pipeline.retrieve(QUESTION)[0].passage.text


def test_stopped_and_closed_it_answers_again(pipeline: Pipeline) -> None:
    events = pipeline.ask_stream(QUESTION)
    for event in events:
        if event.kind in ("text", "sentence"):
            break
    events.close()
    # Closed, the model is opened again when it is needed.
    pipeline.close()
    check(pipeline.ask(QUESTION), pipeline)


def test_a_damaged_model_file_is_said(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "half.gguf"
    path.write_bytes(b"GGUF\x03\x00\x00\x00 and no more")
    pipeline = build_pipeline(
        Settings(library=folder, generator=str(path), min_confidence=0.0), create=False
    )
    with pytest.raises(ModelError, match=r"half\.gguf"):
        pipeline.ask(QUESTION)
    pipeline.close()
