"""Trains the reader adapter: `python -m eval.training.train_reader --data DIR --work DIR`.

Three steps, each of which leaves a file in the work folder: build the training rows as token ids
(`rows.npz`; skipped when it is there), train (`checkpoint.pt`, from which an interrupted run goes on,
and `losses.jsonl`), export (`reader.gguf`). The rows need the embedder and llama.cpp's tokenizer;
training needs only PyTorch, transformers and gguf, so that the rows can be made on one machine and
trained on another. `--steps 20` is a trial of a few minutes on two cores.

A second training teaches the project's own questions: `--start weights.pt --own 3 --replay rows.npz` goes on
from the weights of a first one, with rows of `eval.training.own_data` made three times and as many tokens
drawn from the first one's rows, so that nothing is unlearned.
"""

import argparse
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from eval.training.reader_data import Source, training_sources
from models.cache import model_cache_dir
from models.packaged import starter_gguf
from models.protocols import ReadingTask
from models.quantize import quantized
from models.spans import ANSWER_END, NOT_STATED, SpanPrompt
from models.training.base import load_base
from models.training.loop import TrainingSettings, train
from models.training.lora import Adapter
from models.training.packing import PackedRow, split_rows
from models.training.reading import ReaderLearner, row_batches, steps_for
from rag.prompts import EXTRACT_PROMPT

_log = logging.getLogger(__name__)
_MAX_ROW_TOKENS = 640


def main(arguments: Sequence[str] | None = None) -> None:
    """Build, train, export."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    options.work.mkdir(parents=True, exist_ok=True)
    # `rag.readers.starter_file` is the same, but brings FAISS, which a training machine need not have.
    base = options.base or quantized(starter_gguf(), "Q8_0", model_cache_dir())
    rows_file = options.work / "rows.npz"
    if not rows_file.exists():
        if options.own:
            build_own_rows(base, rows_file, options.replay, n=options.own, seed=options.seed)
        else:
            seeds = range(options.seed, options.seed + options.variants)
            build_rows(options.data, base, rows_file, seeds=seeds)
    rows = read_rows(rows_file)
    steps = options.steps or steps_for(rows, options.epochs, options.tokens_per_batch)
    settings = TrainingSettings(
        steps=steps,
        learning_rate=options.learning_rate,
        tokens_per_batch=options.tokens_per_batch,
        seed=options.seed,
    )
    _log.info("%d rows, %d tokens, %s", len(rows), sum(map(len, rows)), settings)
    torch.manual_seed(options.seed)
    adapter = Adapter(
        load_base(base),
        rank=options.rank,
        first_layer=options.first_layer,
        dropout=options.dropout,
    )
    if options.start is not None:
        adapter.load(torch.load(options.start, weights_only=True))
    weights = train(ReaderLearner(adapter), row_batches(rows, settings), settings, options.work)
    adapter.export(options.work / "reader.gguf", weights, name="Footnote reader")
    _log.info("wrote %s", options.work / "reader.gguf")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="needed where the rows are not built yet")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--base", type=Path, help="GGUF file; by default the starter's Q8_0")
    parser.add_argument("--epochs", type=float, default=1.3)
    parser.add_argument("--steps", type=int, help="instead of --epochs")
    parser.add_argument("--learning-rate", type=float, default=8e-4)
    parser.add_argument("--tokens-per-batch", type=int, default=1024)
    parser.add_argument(
        "--variants",
        type=int,
        default=1,
        help="how often the rows are made, with other noise each time",
    )
    parser.add_argument("--own", type=int, default=0, help="the project's own rows, so many times")
    parser.add_argument("--replay", type=Path, help="rows.npz to mix with the project's own")
    parser.add_argument("--start", type=Path, help="weights.pt of a training to go on from")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--first-layer", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args(arguments)


def build_rows(data: Path, base: Path, target: Path, *, seeds: Iterable[int]) -> None:
    """Make the training rows, once with each seed, and write them as one file."""
    from models.embedder import SentenceTransformerEmbedder

    embedder = SentenceTransformerEmbedder.starter()
    sources = [s for seed in seeds for s in training_sources(data, embedder, random.Random(seed))]
    write_rows(_rows_of(sources, base), target)


def build_own_rows(base: Path, target: Path, replay: Path, *, n: int, seed: int) -> None:
    """The project's own rows `n` times, and as many tokens of the rows in `replay`."""
    from eval.training.own_data import own_questions, own_sources, training_library

    library = training_library(target.parent / "library")
    questions = own_questions(library)
    library.close()
    sources = [s for i in range(n) for s in own_sources(questions, random.Random(seed + i))]
    rows = _rows_of(sources, base)
    room = sum(map(len, rows))
    others = read_rows(replay)
    random.Random(seed).shuffle(others)
    for row in others:
        room -= len(row)
        if room < 0:
            break
        rows.append(row)
    write_rows(rows, target)


def _rows_of(sources: Sequence[Source], base: Path) -> list[PackedRow]:
    """Rows as token ids, none too long."""
    from models.llama import LlamaSession

    session = LlamaSession(base, n_ctx=256)
    rows = [row for source in sources for row in packed(source, EXTRACT_PROMPT, session.tokenize)]
    session.close()
    kinds = Counter(source.kind for source in sources)
    asked = Counter("answered" if a.answer else "not stated" for s in sources for a in s.asked)
    _log.info("passages %s, questions %s", dict(kinds), dict(asked))
    return split_rows(rows, _MAX_ROW_TOKENS)


def packed(
    source: Source, prompt: SpanPrompt, tokenize: Callable[[str], Sequence[int]]
) -> list[PackedRow]:
    """The row of a passage; several where the prompt puts the question before the passage too."""
    found: dict[str, list[tuple[tuple[int, ...], tuple[int, ...]]]] = {}
    end = tuple(tokenize(ANSWER_END))
    for asked in source.asked:
        before, question = prompt.parts(ReadingTask(source.breadcrumb, source.text, asked.question))
        answer = NOT_STATED if asked.answer is None else " " + " ".join(asked.answer.split())
        asked_of = found.setdefault(before, [])
        asked_of.append((tuple(tokenize(question)), tuple(tokenize(answer)) + end))
    return [PackedRow(tuple(tokenize(p)), tuple(questions)) for p, questions in found.items()]


def write_rows(rows: Sequence[PackedRow], path: Path) -> None:
    """All tokens in one array, and the lengths of the pieces of each row."""
    tokens: list[int] = []
    lengths: list[int] = []
    for row in rows:
        lengths += [len(row.questions), len(row.passage)]
        tokens += row.passage
        for question, answer in row.questions:
            lengths += [len(question), len(answer)]
            tokens += question + answer
    whole = path.with_name(path.name + ".part")
    with whole.open("wb") as stream:
        np.savez_compressed(
            stream,
            tokens=np.array(tokens, dtype=np.uint16),
            lengths=np.array(lengths, dtype=np.uint16),
        )
    whole.replace(path)


def read_rows(path: Path) -> list[PackedRow]:
    """What `write_rows` wrote."""
    with np.load(path) as saved:
        tokens, lengths = saved["tokens"].tolist(), saved["lengths"].tolist()
    rows: list[PackedRow] = []
    at = piece = 0

    def take() -> tuple[int, ...]:
        nonlocal at, piece
        n = lengths[piece]
        piece, at = piece + 1, at + n
        return tuple(tokens[at - n : at])

    while piece < len(lengths):
        n_questions = lengths[piece]
        piece += 1
        passage = take()
        rows.append(PackedRow(passage, tuple((take(), take()) for _ in range(n_questions))))
    return rows


if __name__ == "__main__":
    main()
