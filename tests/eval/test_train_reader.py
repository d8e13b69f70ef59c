import json
import random

import numpy as np
import pytest

from eval.training.reader_data import Asked, Source
from eval.training.train_reader import main, packed, read_rows, write_rows
from models.cache import model_cache_dir
from models.packaged import starter_gguf
from models.protocols import ReadingTask
from models.quantize import quantized
from models.spans import LlamaSpanReader, SpanPrompt
from models.training.packing import PackedRow
from rag.prompts import EXTRACT_PROMPT

BYTES = "utf-8"


def tokenize(text):
    return list(text.encode(BYTES))


def text_of(tokens):
    return bytes(tokens).decode(BYTES)


def random_rows(n, rng):
    def piece(most):
        return tuple(rng.randrange(49152) for _ in range(rng.randint(0, most)))

    return [
        PackedRow(piece(30), tuple((piece(5), piece(3)) for _ in range(rng.randint(0, 4))))
        for _ in range(n)
    ]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [PackedRow((1, 2, 3), ())],
        [PackedRow((), (((), ()),))],
        [PackedRow((1,), (((2, 3), ()), ((), (4,))))],
        [PackedRow((7,), tuple(((n,), (n + 1, n + 2)) for n in range(3000)))],
        [PackedRow(tuple(range(49152)), (((0,), (49151, 65535)),))],
        random_rows(300, random.Random(5)),
    ],
    ids=["none", "no questions", "empty", "an empty answer", "many questions", "long", "random"],
)
def test_rows_are_read_as_they_were_written(tmp_path, rows):
    path = tmp_path / "rows.npz"
    write_rows(rows, path)
    assert read_rows(path) == rows
    assert list(tmp_path.iterdir()) == [path]


def test_tokens_that_do_not_fit_are_an_error_and_leave_no_file(tmp_path):
    path = tmp_path / "rows.npz"
    with pytest.raises(OverflowError):
        write_rows([PackedRow((65536,), ())], path)
    assert not path.exists()


def test_a_passage_is_one_row_and_every_answer_ends_with_the_end_mark():
    passage = "Lake Orrin lies in  the hills.\nFishers settled in 1612."
    asked = [
        Asked("When did they settle?", "1612"),
        Asked("How deep is it?", None),
        Asked("Where does it lie?", "in  the hills.\nFishers"),
    ]
    source = Source("Orrin", "Lake Orrin › History", passage, "squad", asked)
    (row,) = packed(source, EXTRACT_PROMPT, tokenize)
    answers = [text_of(answer) for _, answer in row.questions]
    # White space inside an answer becomes one blank, so that no answer holds the end mark.
    assert answers == [" 1612\n", " not stated\n", " in the hills. Fishers\n"]
    for one, (question, _) in zip(asked, row.questions, strict=True):
        task = ReadingTask(source.breadcrumb, passage, one.question)
        assert text_of(row.passage + question) == EXTRACT_PROMPT.render(task)
    assert all(isinstance(part, tuple) for pair in row.questions for part in (row.passage, *pair))


def test_a_passage_with_the_question_before_it_is_a_row_for_each_question():
    class AskedFirst(SpanPrompt):
        def parts(self, task):
            return f"{task.question} {task.passage}", "\nAnswer:"

    source = Source(
        "g", "b", "It is blue.", "squad", [Asked("Is it?", None), Asked("What?", "blue")]
    )
    rows = packed(source, AskedFirst(), tokenize)
    assert [text_of(row.passage) for row in rows] == ["Is it? It is blue.", "What? It is blue."]
    assert [len(row.questions) for row in rows] == [1, 1]


def test_a_passage_without_questions_is_no_row():
    assert packed(Source("g", "b", "text", "squad"), EXTRACT_PROMPT, tokenize) == []


@pytest.mark.slow
def test_the_command_trains_and_exports_an_adapter_that_reads(tiny_data, tmp_path):
    work = tmp_path / "work"
    trial = ["--steps", "20", "--tokens-per-batch", "256"]
    main(["--data", str(tiny_data), "--work", str(work), *trial])
    losses = [json.loads(line) for line in (work / "losses.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in losses] == list(range(1, 21))
    first, last = (np.mean([e["loss"] for e in part]) for part in (losses[:5], losses[-5:]))
    assert last < 0.5 * first
    adapter = work / "reader.gguf"
    assert 1e6 < adapter.stat().st_size <= 10e6
    base = quantized(starter_gguf(), "Q8_0", model_cache_dir())
    reader = LlamaSpanReader(
        base, prompt=EXTRACT_PROMPT, name="trial", adapter=adapter, n_parallel=1, n_ctx=512
    )
    passage = "Lake Orrin lies in the hills of Vasterby. Fishers named Dalgaard settled in 1612."
    (reading,) = reader.read([ReadingTask("Lake Orrin", passage, "When did the fishers settle?")])
    reader.close()
    assert reading.spans
    best = reading.spans[0]
    assert passage[best.start : best.end].strip()
    assert np.isfinite(reading.not_stated_logprob)
