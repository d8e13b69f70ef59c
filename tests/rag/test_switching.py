"""Another model while questions are answered: the old one ends its work, the new one is whole."""

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from models.errors import ModelError
from models.registered import Address, register_address
from rag import fitting, switching
from rag.drafts import Draft, Reading
from rag.errors import SettingsError
from rag.lending import ReaderPlace
from rag.pipeline import Pipeline, build_pipeline
from rag.settings import Settings, load_settings
from rag.switching import switch_generator, use_now
from rag.types import Event

QUESTION = "In which city was the third AI capacity-building workshop held?"


class NamedReader:
    """Takes its time, and knows whether it was opened and closed."""

    name = "named"

    def __init__(self, generator: str, problem: Exception | None = None) -> None:
        self.generator = generator
        self.n_opened = self.n_closed = 0
        self._problem = problem

    def open(self) -> None:
        self.n_opened += 1
        if self._problem is not None:
            raise self._problem

    def close(self) -> None:
        self.n_closed += 1

    def answer(self, reading: Reading, draft: Draft) -> Iterator[Event]:
        for n in range(3):
            assert not self.n_closed, "closed while it was answering"
            yield Event("step", f"{self.generator} {n}")


@pytest.fixture
def place(pipeline: Pipeline) -> tuple[Pipeline, NamedReader]:
    """A pipeline that reads with a reader called old."""
    old = NamedReader("old")
    pipeline.readers.reader.close()
    pipeline.readers = ReaderPlace(old)
    return pipeline, old


def put_new(monkeypatch: pytest.MonkeyPatch, new: NamedReader) -> None:
    monkeypatch.setattr(switching, "build_reader", lambda *_: new)


def changed(settings: Settings, **changes: Any) -> Settings:
    return dataclasses.replace(settings, **changes)


def test_the_next_question_is_answered_by_the_new_model(
    place: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline, old = place
    new = NamedReader("new")
    put_new(monkeypatch, new)
    library = pipeline.settings.library
    wanted = changed(settings, top_k=3, n_read=2, library=Path("/elsewhere"))
    assert switch_generator(pipeline, wanted) == "new"
    assert pipeline.ask(QUESTION).generator == "new"
    assert (old.n_closed, new.n_opened, new.n_closed) == (1, 1, 0)
    # What concerns reading is taken over, nothing else.
    assert pipeline.settings.n_read == 2
    assert pipeline.settings.top_k == settings.top_k
    assert pipeline.settings.library == library
    pipeline.close()
    assert new.n_closed == 1


def test_a_question_ends_with_the_model_it_began_with(
    place: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline, old = place
    put_new(monkeypatch, NamedReader("new"))
    events = pipeline.ask_stream(QUESTION)
    first = [next(events), next(events)]
    assert first[-1].text == "old 0"
    switch_generator(pipeline, settings)
    assert old.n_closed == 0
    assert pipeline.ask(QUESTION).generator == "new"
    rest = list(events)
    assert [event.text for event in rest[:2]] == ["old 1", "old 2"]
    assert rest[-1].answer.generator == "old"
    assert old.n_closed == 1


def test_a_question_that_is_left_gives_the_model_back(
    place: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline, old = place
    put_new(monkeypatch, NamedReader("new"))
    events = pipeline.ask_stream(QUESTION)
    next(events), next(events)
    switch_generator(pipeline, settings)
    events.close()
    assert old.n_closed == 1


@pytest.mark.parametrize("problem", [ModelError("half a file"), MemoryError()])
def test_a_model_that_cannot_be_loaded_changes_nothing(
    place: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    pipeline, old = place
    new = NamedReader("new", problem)
    put_new(monkeypatch, new)
    before = pipeline.settings
    with pytest.raises(type(problem)):
        switch_generator(pipeline, changed(settings, n_read=1))
    assert pipeline.settings == before
    assert pipeline.ask(QUESTION).generator == "old"
    assert (old.n_closed, new.n_closed) == (0, 1)
    # And the next attempt is not in the way of the first.
    put_new(monkeypatch, NamedReader("newer"))
    assert switch_generator(pipeline, settings) == "newer"


def test_one_exchange_at_a_time(place: Any, settings: Settings) -> None:
    pipeline, _ = place
    with pipeline.readers.exchanging(), pytest.raises(ModelError, match="Another model is being"):
        switch_generator(pipeline, settings)


def test_many_threads_and_many_exchanges(place: Any) -> None:
    pipeline, old = place
    readers = [old] + [NamedReader(f"reader {n}") for n in range(20)]
    failures: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(30):
                with pipeline.readers.borrowed() as reader:
                    list(reader.answer(None, Draft()))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for reader in readers[1:]:
        pipeline.readers.put(reader)
    for thread in threads:
        thread.join()
    assert failures == []
    assert [reader.n_closed for reader in readers] == [1] * 20 + [0]


def test_too_large_a_model_is_refused_with_numbers(
    pipeline: Pipeline, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "free_bytes", lambda: 200_000_000)
    starter = changed(settings, generator="starter")
    with pytest.raises(ModelError, match=r"needs about 0\.4 GB .* 4096 tokens; 0\.2 GB are free"):
        switch_generator(pipeline, starter)
    with pytest.raises(ModelError, match=r"Footnote itself about 0\.9 GB"):
        fitting.check_fits(starter)
    monkeypatch.setattr(fitting, "free_bytes", lambda: None)
    fitting.check_fits(starter)
    fitting.check_fits(settings)


def test_an_address_answers_with_footnotes(
    pipeline: Pipeline, settings: Settings, chat_server: Any
) -> None:
    register_address(Address("mine", f"{chat_server.url}/v1", "tiny-chat"))
    chat_server.pieces = ["The third workshop was held ", "in Shanghai [1]."]
    wanted = changed(settings, generator="mine")
    name = switch_generator(pipeline, wanted)
    assert name.startswith("tiny-chat at 127.0.0.1:")
    answer = pipeline.ask(QUESTION)
    assert answer.status == "answered"
    assert answer.reader == "compose"
    assert answer.generator == name
    (sentence,) = answer.sentences
    assert "Shanghai" in sentence.citations[0].quote
    sent = chat_server.requests[-1][2]["messages"]
    assert QUESTION in sent[-1]["content"]
    # Back again, the server is left alone.
    switch_generator(pipeline, settings)
    chat_server.requests.clear()
    assert pipeline.ask(QUESTION).generator != name
    assert chat_server.requests == []


def test_an_address_that_fails_leaves_the_old_model(
    pipeline: Pipeline, settings: Settings, chat_server: Any
) -> None:
    register_address(Address("mine", f"{chat_server.url}/v1", "tiny-chat", key_env="NO_SUCH_KEY"))
    before = pipeline.ask(QUESTION).generator
    with pytest.raises(ModelError, match="NO_SUCH_KEY"):
        switch_generator(pipeline, changed(settings, generator="mine"))
    assert pipeline.ask(QUESTION).generator == before
    with pytest.raises(SettingsError, match="reader compose only"):
        switch_generator(pipeline, changed(settings, generator="mine", reader="extract"))


def test_used_now_and_after_a_restart(
    pipeline: Pipeline, settings: Settings, chat_server: Any
) -> None:
    register_address(Address("mine", f"{chat_server.url}/v1", "tiny-chat"))
    used = use_now(pipeline, "mine")
    assert "sent to another program on this machine" in used.notes[0]
    assert pipeline.ask(QUESTION).generator.startswith("tiny-chat at")
    assert load_settings({}).generator == "mine"
    register_address(Address("gone", "http://127.0.0.1:9/v1", "tiny-chat"))
    with pytest.raises(ModelError, match="Is the server running"):
        use_now(pipeline, "gone")
    assert pipeline.settings.generator == "mine"
    assert load_settings({}).generator == "mine"


@pytest.mark.slow
def test_the_real_starter_and_back(settings: Settings) -> None:
    pipeline = build_pipeline(settings, create=False)
    try:
        name = switch_generator(pipeline, changed(settings, generator="starter", threads=2))
        assert name == "SmolLM2-135M-Instruct"
        assert pipeline.ask(QUESTION).generator == name
        switch_generator(pipeline, settings)
        assert pipeline.ask(QUESTION).generator != name
    finally:
        pipeline.close()
