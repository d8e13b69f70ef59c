import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import ModelError
from models.fake import FakeEmbedder, FakeGenerator, FakeSpanReader
from models.protocols import (
    Embedder,
    Generator,
    GeneratorProfile,
    Message,
    ReadingTask,
    SpanReader,
    TokenCounter,
)

PASSAGE = (
    "The two sides met in Geneva in May 2024. The third AI capacity-building workshop was held "
    "in Shanghai!\nNobody spoke about chips"
)


def read(question: str, passage: str = PASSAGE):
    return FakeSpanReader().read([ReadingTask("Title", passage, question)])[0]


def test_fakes_fit_the_protocols() -> None:
    assert isinstance(FakeEmbedder(), Embedder)
    assert isinstance(FakeGenerator(), Generator)
    assert isinstance(FakeGenerator(), TokenCounter)
    assert isinstance(FakeSpanReader(), SpanReader)


def test_vectors_are_the_same_in_every_process() -> None:
    code = (
        "from models.fake import FakeEmbedder;"
        "print(FakeEmbedder().embed_queries(['chip export controls'])[0].tobytes().hex())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            capture_output=True,
            text=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(filter(None, sys.path))},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    here = FakeEmbedder().embed_queries(["chip export controls"])[0].tobytes().hex()
    assert seen == {here}


def test_shared_words_bring_vectors_together() -> None:
    embedder = FakeEmbedder(dim=256)
    query = embedder.embed_queries(["Where was the third workshop held?"])[0]
    passages = embedder.embed_passages([PASSAGE, "A recipe with flour, butter and eggs."])
    assert passages[0] @ query > passages[1] @ query


def test_words_past_the_limit_are_not_read() -> None:
    embedder = FakeEmbedder(max_tokens=12)
    texts = ["one two three four five six seven eight nine ten" + tail for tail in ("", " eleven")]
    assert embedder.count_tokens(texts) == [12, 13]
    first, second = embedder.embed_passages(texts)
    assert np.array_equal(first, second)


def test_embedder_is_fast() -> None:
    texts = [f"Passage {i} about the export controls of October {i % 90}" for i in range(20_000)]
    start = time.monotonic()
    FakeEmbedder().embed_passages(texts)
    assert time.monotonic() - start < 2


def test_generator_writes_its_scripts_in_turn() -> None:
    generator = FakeGenerator([["One ", "two"], ["Three"]])
    question = [Message("user", "How many?")]
    written = ["".join(generator.stream(question, max_tokens=9)) for _ in range(3)]
    assert written == ["One two", "Three", "Three"]
    assert generator.prompts == [tuple(question)] * 3


def test_generator_without_a_script_repeats_the_first_sentence() -> None:
    generator = FakeGenerator()
    pieces = list(generator.stream([Message("user", "Be so kind. Then stop.")], max_tokens=20))
    assert pieces == ["Be", " so", " kind."]
    assert list(generator.stream([], max_tokens=20)) == []


@pytest.mark.parametrize(
    ("stop", "expected"),
    [((), "Hello STOP you"), (("STOP",), "Hello "), (("",), "Hello STOP you"), (("H",), "")],
)
def test_generator_stops_before_a_mark_that_lies_across_pieces(
    stop: tuple[str, ...], expected: str
) -> None:
    generator = FakeGenerator([["Hel", "lo ST", "OP you"]])
    written = generator.stream([Message("user", "x")], max_tokens=20, stop=stop)
    assert "".join(written) == expected


def test_generator_writes_no_more_than_max_tokens() -> None:
    generator = FakeGenerator([["a ", "b ", "c ", "d"]])
    assert "".join(generator.stream([Message("user", "x")], max_tokens=2)) == "a b "


def test_generator_refuses_what_does_not_fit() -> None:
    generator = FakeGenerator([["x"]], context_tokens=20, profile=GeneratorProfile())
    messages = [Message("user", "one two three")]
    assert generator.count_messages(messages) == 6
    assert generator.profile.reader == "extract"
    list(generator.stream(messages, max_tokens=14))
    # Before the first piece is asked for, and before the prompt is recorded.
    with pytest.raises(ModelError, match=r"6 tokens.*15.*holds 20"):
        generator.stream(messages, max_tokens=15)
    assert len(generator.prompts) == 1


def test_reader_answers_with_the_best_sentence() -> None:
    reading = read("In which city was the third workshop held?")
    best = reading.spans[0]
    assert PASSAGE[best.start : best.end] == (
        "The third AI capacity-building workshop was held in Shanghai!"
    )
    assert best.logprob > reading.not_stated_logprob
    assert reading.n_prompt_tokens > 0


def test_reader_abstains_without_a_shared_word() -> None:
    reading = read("What is the capital of Mongolia?")
    assert reading.spans == ()
    assert reading.not_stated_logprob > -0.1
    assert read("Anything?", "").spans == ()


def test_reader_keeps_order_and_refuses_long_passages() -> None:
    reader = FakeSpanReader(max_passage_tokens=30)
    tasks = [ReadingTask("", "Nobody knows.", "chips?"), ReadingTask("", "No chips.", "chips?")]
    assert [len(reading.spans) for reading in reader.read(tasks)] == [0, 1]
    assert reader.read([]) == []
    with pytest.raises(ModelError, match="passage of 31 tokens"):
        reader.read([ReadingTask("", "a " * 31, "a?")])


@given(passage=st.text(max_size=200), question=st.text(max_size=50))
def test_spans_lie_in_the_passage(passage: str, question: str) -> None:
    reading = read(question, passage)
    logprobs = [span.logprob for span in reading.spans]
    assert logprobs == sorted(logprobs, reverse=True)
    assert reading.not_stated_logprob <= 0
    for span in reading.spans:
        text = passage[span.start : span.end]
        assert text
        assert text == text.strip()
        assert span.logprob <= 0
        assert span.n_tokens > 0
