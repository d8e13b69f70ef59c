"""What the prover is trained on: pairs of a question or a sentence and a passage.

By `splits.json`; nothing of a calibration or test part is used. Relevance and answers: SQuAD v1.1 and
v2.0, Natural Questions, PolicyQA and ClapNQ as the reader has them, SciFact's training claims; beside
each right passage stand near ones that do not hold the answer. Support: the training rows of
`entailment/pairs.jsonl`, and sentences of the passages themselves, as they stand or with a number, a
name or a "not" changed; a question with its right answer, or with another span of its passage.
"""

import csv
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.training.reader_data import (
    Asked,
    Source,
    holds,
    json_lines,
    noisy,
    plain_sources,
    vary_breadcrumb,
)
from index.sentences import sentence_spans
from models.pairs import Pair, PairTokenizer
from models.protocols import Embedder, FloatMatrix
from models.training.proving import UNKNOWN, ProverItem, ProverRow

_NEGATIVES = 2
# Negatives are drawn from so many nearest passages: the very nearest are often right unawares.
_NEAR = 10
_STATED_SHARE = 0.5
_MADE_SHARE = 0.25
_SUPPORT = {"supported": 0, "generic": 2, "partial": 1}
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_BE = re.compile(r"\b(?:is|are|was|were|can|could|will|would|has|have|had|does|did)\b")


@dataclass(frozen=True, slots=True)
class Example:
    """One pair in words; see `ProverRow` for the labels.

    Attributes:
        answer: a verbatim span of the passage's text, or None.
        evidence: verbatim pieces of the text that prove the answer; by default the answer itself.
    """

    query: str
    passage: str
    answerable: int = UNKNOWN
    answer: str | None = None
    support: int = UNKNOWN
    evidence: tuple[str, ...] = ()


class Neighbours:
    """Finds near passages; a text met again, when the rows are made anew, is not embedded again."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: dict[str, FloatMatrix] = {}

    def nearest(self, queries: Sequence[str], texts: Sequence[str]) -> list[list[int]]:
        """Places of the nearest texts of each query, nearest first."""
        passages = self._vectors(texts)
        found: list[list[int]] = []
        for start in range(0, len(queries), 256):
            scores = self._vectors(queries[start : start + 256]) @ passages.T
            found += np.argsort(-scores, axis=1)[:, : _NEAR + 2].tolist()
        return found

    def _vectors(self, texts: Sequence[str]) -> FloatMatrix:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        # Questions too: all-MiniLM reads both alike.
        self._known.update(zip(new, self._embedder.embed_passages(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def prover_items(
    data: Path, near: Neighbours, tokenizer: PairTokenizer, rng: random.Random
) -> list[ProverItem]:
    """Everything the prover is trained on once, in random order."""
    groups = [*_question_groups(data, near, rng), *_claim_groups(data, near, rng)]
    groups += [[example] for example in _entailment(data)]
    rng.shuffle(groups)
    return items_of(groups, tokenizer)


def items_of(groups: Sequence[Sequence[Example]], tokenizer: PairTokenizer) -> list[ProverItem]:
    """Groups in words as rows of tokens; of several, the first passage is the right one."""
    flat = [example for group in groups for example in group]
    pairs = iter(tokenizer.encode([(e.query, e.passage) for e in flat]))
    items = []
    for group in groups:
        rows = []
        for example in group:
            pair = next(pairs)
            span = _span(example, pair)
            sentences = tuple(_sentences(example, pair))
            rows.append(ProverRow(pair, example.answerable, span, example.support, sentences))
        items.append(ProverItem(tuple(rows), ranked=len(rows) > 1))
    return items


def _span(example: Example, pair: Pair) -> tuple[int, int] | None:
    """First and last token of the answer, places in the pair; None where it was cut off."""
    place = _place(example.passage, example.answer or "")
    if place is None:
        return None
    start, end = place
    touched = [i for i, (a, b) in enumerate(pair.offsets) if a < end and b > start]
    if not touched or pair.offsets[touched[-1]][1] < end:
        return None
    return pair.passage_at + touched[0], pair.passage_at + touched[-1]


def _sentences(example: Example, pair: Pair) -> Iterator[tuple[int, int, bool]]:
    """The sentences of a passage whose evidence is known: tokens from, to, and whether it is evidence."""
    pieces = example.evidence
    if not pieces and example.answer:
        if example.passage.count(example.answer) > 1:
            return  # Any of the places may be the one that proves it.
        pieces = (example.answer,)
    places = [place for piece in pieces if (place := _place(example.passage, piece))]
    if not places and example.answerable != 0:
        return
    offsets = pair.offsets
    for start, end in sentence_spans(example.passage, start=example.passage.find("\n") + 1):
        touched = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
        if touched:
            proves = any(a < end and start < b for a, b in places)
            yield pair.passage_at + touched[0], pair.passage_at + touched[-1] + 1, proves


def _place(passage: str, piece: str) -> tuple[int, int] | None:
    """Where a piece stands in the text, which begins after the breadcrumb's line; None for nowhere."""
    start = passage.find(piece, passage.find("\n") + 1)
    return (start, start + len(piece)) if piece and start >= 0 else None


# -- questions ------------------------------------------------------------------------------------


def _question_groups(data: Path, near: Neighbours, rng: random.Random) -> Iterator[list[Example]]:
    """A question with its passage and near ones without its answer, and what is made of them."""
    whole, cuts = plain_sources(data, rng)
    sources = whole + cuts
    passages = [f"{vary_breadcrumb(s.breadcrumb, rng)}\n{s.text}" for s in sources]
    chosen = list(_once_each(sources, rng))
    plain = [f"{s.breadcrumb}\n{s.text}" for s in sources]
    ranks = near.nearest([a.question for _, a in chosen], plain)
    for (own, asked), row in zip(chosen, ranks, strict=True):
        question = noisy(asked, rng).question
        passage = passages[own]
        if asked.answer is None:
            yield [Example(question, passage, answerable=0)]
            continue
        others = [j for j in row if j != own and not holds(sources[j].text, asked)]
        few = rng.sample(others, min(_NEGATIVES, len(others)))
        right = Example(question, passage, 1, asked.answer)
        yield [right, *(Example(question, passages[j], 0) for j in few)]
        if rng.random() < _STATED_SHARE:
            yield from _stated(asked, sources[own], passage, rng)
    for source, passage in zip(sources, passages, strict=True):
        if rng.random() < _MADE_SHARE:
            yield from _made(source.text, passage, rng)


def _once_each(sources: Sequence[Source], rng: random.Random) -> Iterator[tuple[int, Asked]]:
    """Every question once: by its whole paragraph or by the part that holds the answer."""
    places: dict[tuple[str, str], list[tuple[int, Asked]]] = {}
    for i, source in enumerate(sources):
        for asked in source.asked:
            # A part that does not hold the answer is found again as a negative.
            key = (source.group, asked.question)
            held = places.setdefault(key, [])
            if asked.answer is None and held and held[0][1].answer is not None:
                continue
            held.append((i, asked))
    for held in places.values():
        yield rng.choice(held)


def _claim_groups(data: Path, near: Neighbours, rng: random.Random) -> Iterator[list[Example]]:
    """SciFact's training claims with their abstract and near ones."""
    folder = data / "retrieval" / "scifact"
    claims = {row["_id"]: row["text"] for row in json_lines(folder / "queries.train.jsonl")}
    texts = {r["_id"]: f"{r['title']}\n{r['text']}" for r in json_lines(folder / "corpus.jsonl")}
    right: dict[str, set[str]] = {}
    with (folder / "qrels" / "train.tsv").open(encoding="utf-8") as lines:
        for judged in csv.DictReader(lines, delimiter="\t"):
            if int(judged["score"]) > 0 and judged["query-id"] in claims:
                right.setdefault(judged["query-id"], set()).add(judged["corpus-id"])
    ids = list(texts)
    ranks = near.nearest([claims[q] for q in right], list(texts.values()))
    for (query, gold), row in zip(right.items(), ranks, strict=True):
        others = [ids[j] for j in row if ids[j] not in gold]
        for one in sorted(gold):
            few = rng.sample(others, min(_NEGATIVES, len(others)))
            yield [Example(claims[query], texts[name]) for name in (one, *few)]


# -- support --------------------------------------------------------------------------------------


def _entailment(data: Path) -> Iterator[Example]:
    for row in json_lines(data / "entailment" / "pairs.jsonl"):
        if row["use"] == "train":
            label = _SUPPORT.get(row["label"], 2)
            yield Example(row["hypothesis"], "\n" + row["premise"], support=label)


def _stated(
    asked: Asked, source: Source, passage: str, rng: random.Random
) -> Iterator[list[Example]]:
    """A question with its answer is supported; with another answer of the passage it is not."""
    right = asked.answer or ""
    others = [
        a.answer
        for a in source.asked
        if a.answer
        and a.answer.lower() not in right.lower()
        and right.lower() not in a.answer.lower()
    ]
    yield [Example(f"{asked.question} {right}", passage, support=0)]
    if others:
        yield [Example(f"{asked.question} {rng.choice(others)}", passage, support=2)]


def _made(text: str, passage: str, rng: random.Random) -> Iterator[list[Example]]:
    """A sentence of the passage, and the same with one thing changed."""
    spans = sentence_spans(text)
    start, end = rng.choice(spans) if spans else (0, 0)
    sentence = " ".join(text[start:end].split())
    changed = change(sentence, text, rng)
    if changed is not None:
        yield [Example(sentence, passage, support=0)]
        yield [Example(changed, passage, support=2)]


def change(sentence: str, text: str, rng: random.Random) -> str | None:
    """The sentence with a number, a name or a negation changed; None where it holds none of them.

    Args:
        sentence: a sentence of `text`.
        text: names are taken from here.
        rng: chooses.
    """
    ways = [_other_number, _other_name, _negated]
    rng.shuffle(ways)
    for way in ways:
        changed = way(sentence, text, rng)
        if changed is not None and changed != sentence:
            return changed
    return None


def _other_number(sentence: str, _: str, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(sentence))
    if not found:
        return None
    number = rng.choice(found)
    digits = list(number[0])
    at = rng.choice([i for i, c in enumerate(digits) if c.isdigit()])
    digits[at] = str((int(digits[at]) + rng.randint(1, 8)) % 9 + (1 if at == 0 else 0))
    return sentence[: number.start()] + "".join(digits) + sentence[number.end() :]


def _other_name(sentence: str, text: str, rng: random.Random) -> str | None:
    found = list(_NAME.finditer(sentence))
    others = sorted({m[0] for m in _NAME.finditer(text)} - {m[0] for m in found})
    if not found or not others:
        return None
    name = rng.choice(found)
    return sentence[: name.start()] + rng.choice(others) + sentence[name.end() :]


def _negated(sentence: str, _: str, rng: random.Random) -> str | None:
    if re.search(r"\bnot\b", sentence):
        return re.sub(r"\bnot ", "", sentence, count=1)
    found = list(_BE.finditer(sentence))
    if not found:
        return None
    verb = rng.choice(found)
    return f"{sentence[: verb.end()]} not{sentence[verb.end() :]}"
