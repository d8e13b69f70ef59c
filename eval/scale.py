"""How retrieval grows: time and recall over libraries of made-up passages.

    python -m eval.scale --like LIBRARY --questions FILE --work DIR [--sizes 10000,100000] [--json OUT]

LIBRARY is a real one, made with the packaged embedder; the passages of the others are sentences of its
passages put together anew, and their vectors are drawn between those of neighbours in it: a mixture fitted to
real embeddings, since independent noise has no neighbours worth finding. FILE is a question set. For every
size a library is made in DIR (and kept), and each question is retrieved without the embedding of the question
and without the prover: milliseconds in all and of each step, and recall of the vector index against an exact
search. A million passages take some 3 GB of disk.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from eval.questions import load_questions
from index.evidence_table import EvidenceTable
from index.lexical import LexicalIndex
from index.sentences import sentence_spans
from index.store import Store
from index.types import Analysis, LoadedText, Passage, Role
from index.vectors import VectorIndex
from models.embedder import SentenceTransformerEmbedder
from models.protocols import Embedder, FloatMatrix
from rag.retriever import Retriever

_PER_DOCUMENT = 500
_NEIGHBOURS = 8
_NOISE = 0.01
_SENTENCES = (2, 5)
_RECALL_AT = 10


@dataclass(frozen=True, slots=True)
class Model:
    """What passages are drawn from.

    Attributes:
        sentences: of a real library.
        vectors: of its passages, shape (n, dim).
        neighbours: of each vector, indices of the nearest others, shape (n, k).
    """

    sentences: Sequence[str]
    vectors: FloatMatrix
    neighbours: np.ndarray[tuple[int, int], np.dtype[np.int64]]


def model_of(store: Store) -> Model:
    """The sentences and vectors of a library."""
    import faiss

    ids = store.vector_ids().tolist()
    vectors = store.vectors(ids)
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    _, neighbours = flat.search(vectors, _NEIGHBOURS + 1)
    sentences = [
        passage.text[start:end]
        for passage in store.passages(ids)
        for start, end in sentence_spans(passage.text)
    ]
    return Model(sentences, vectors, neighbours[:, 1:])


def draw_vectors(model: Model, n: int, rng: np.random.Generator) -> FloatMatrix:
    """Vectors between real ones and two of their neighbours, with a little noise, of length 1."""
    at = rng.integers(0, len(model.vectors), n)
    first = model.neighbours[at, rng.integers(0, _NEIGHBOURS, n)]
    second = model.neighbours[at, rng.integers(0, _NEIGHBOURS, n)]
    base = model.vectors[at]
    rows = (
        base
        + rng.uniform(0, 0.7, (n, 1)) * (model.vectors[first] - base)
        + rng.uniform(0, 0.5, (n, 1)) * (model.vectors[second] - base)
        + rng.normal(0, _NOISE, base.shape)
    )
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def fill(store: Store, model: Model, n: int, *, seed: int = 0) -> None:
    """Put `n` passages into a store, in documents of some hundred."""
    rng, words = np.random.default_rng(seed), random.Random(seed)
    for number, first in enumerate(range(0, n, _PER_DOCUMENT)):
        size = min(_PER_DOCUMENT, n - first)
        texts = [
            " ".join(words.choices(model.sentences, k=words.randint(*_SENTENCES)))
            for _ in range(size)
        ]
        passages, at = [], 0
        for text in texts:
            passages.append(Passage(0, 0, at, at + len(text), text, "", Role.BODY))
            at += len(text) + 1
        with store.transaction():
            document = store.begin_document(
                f"/made-up/{number:06}.txt", sha256=str(number), size=at, title=str(number)
            )
            store.append(
                document.id,
                LoadedText("\n".join(texts)),
                Analysis(()),
                passages,
                draw_vectors(model, size, rng),
            )
            store.finish_document(document.id)


class KnownQuestions:
    """An embedder that has embedded all questions before."""

    def __init__(self, embedder: Embedder, questions: Sequence[str]) -> None:
        self.name, self.dim, self.max_tokens = embedder.name, embedder.dim, embedder.max_tokens
        rows = embedder.embed_queries(list(questions))
        self._known = {text: rows[i : i + 1] for i, text in enumerate(questions)}

    def embed_queries(self, texts: Sequence[str]) -> FloatMatrix:
        """The known vector of one question, shape (1, dim)."""
        return self._known[texts[0]]


@dataclass(frozen=True, slots=True)
class MadeUp:
    """A library as the retriever sees it."""

    store: Store
    embedder: Any
    vectors: VectorIndex
    lexical: LexicalIndex
    evidence: EvidenceTable


def measure(library: MadeUp, questions: Sequence[str]) -> dict[str, Any]:
    """Times and recall over one library; every question is asked once beforehand."""
    retriever = Retriever(library)  # type: ignore[arg-type]
    for question in questions[:5]:
        retriever.retrieve(question, 10)
    library.vectors.wait()
    retriever.retrieve(questions[0], 10)
    result: dict[str, Any] = {"passages": library.store.count("passages")}
    steps: dict[str, Callable[[str], object]] = {
        "retrieve": lambda q: retriever.retrieve(q, 10),
        "vectors": lambda q: library.vectors.search(library.embedder.embed_queries([q]), 40),
        "words": lambda q: library.lexical.search(q, 40),
    }
    for name, step in steps.items():
        times = np.array([_milliseconds(step, question) for question in questions])
        result[f"{name}_ms_p50"] = round(float(np.percentile(times, 50)), 1)
        result[f"{name}_ms_p95"] = round(float(np.percentile(times, 95)), 1)
    result["recall@10"] = round(_recall(library, questions), 4)
    return result


def _milliseconds(step: Callable[[str], object], question: str) -> float:
    began = time.perf_counter()
    step(question)
    return (time.perf_counter() - began) * 1e3


def _recall(library: MadeUp, questions: Sequence[str]) -> float:
    """Share of the nearest ten by exact search that the index finds."""
    queries = np.vstack([library.embedder.embed_queries([q]) for q in questions])
    best: list[list[tuple[float, int]]] = [[] for _ in questions]
    for ids, rows in _blocks(library.store):
        for i, cosines in enumerate(queries @ rows.T):
            top = np.argsort(-cosines)[:_RECALL_AT]
            found = [*best[i], *((float(cosines[j]), int(ids[j])) for j in top)]
            best[i] = sorted(found, reverse=True)[:_RECALL_AT]
    hits = 0
    for i, question in enumerate(questions):
        vector = library.embedder.embed_queries([question])
        found_ids = {ident for ident, _ in library.vectors.search(vector, _RECALL_AT)}
        hits += len(found_ids & {ident for _, ident in best[i]})
    return hits / (_RECALL_AT * len(questions))


def _blocks(store: Store, size: int = 20_000) -> Iterator[tuple[Any, FloatMatrix]]:
    ids = store.vector_ids()
    for first in range(0, len(ids), size):
        block = ids[first : first + size]
        yield block, store.vectors(block.tolist())


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the libraries, measure, print a line of JSON for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--like", type=Path, required=True, help="a real library")
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    asked = [question.question for question in load_questions(options.questions)]
    embedder = KnownQuestions(SentenceTransformerEmbedder.starter(), asked)
    with closing(Store(options.like, create=False)) as like:
        model = model_of(like)
    results = []
    for size in map(int, options.sizes.split(",")):
        with closing(Store(options.work / str(size))) as store:
            store.use_embedder(embedder.name, embedder.dim)
            if store.count("passages") < size:
                fill(store, model, size)
            vectors = VectorIndex(store, embedder.dim)
            library = MadeUp(store, embedder, vectors, LexicalIndex(store), EvidenceTable(store))
            results.append(measure(library, asked))
            sys.stdout.write(json.dumps(results[-1]) + "\n")
            sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
