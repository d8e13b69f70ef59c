"""Candidates of every question of a set, from the project's own lexical index and an exact dense search."""

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.ranking_sets import RankingSet
from index.fusion import QuestionWords, question_words
from index.lexical import LexicalIndex
from index.store import Store
from index.types import Analysis, LoadedText, Passage, Role
from models.protocols import Embedder, FloatMatrix

DEPTH = 100
"""Candidates taken from each search."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What both searches find for one question; passages are rows of the set.

    Attributes:
        lexical: (row, BM25 score), best first, at most `DEPTH`.
        dense: (row, cosine), best first, at most `DEPTH`.
        similarities: cosine of every passage of `lexical` and `dense`.
        words: of the question, weighed by the corpus.
        lexical_ms: milliseconds of the lexical search.
        dense_ms: milliseconds of embedding the question and searching.
        words_ms: milliseconds of weighing its words.
    """

    lexical: list[tuple[int, float]]
    dense: list[tuple[int, float]]
    similarities: dict[int, float]
    words: QuestionWords
    lexical_ms: float
    dense_ms: float
    words_ms: float


def search_set(
    questions: RankingSet, vectors: FloatMatrix, embedder: Embedder, *, depth: int = DEPTH
) -> dict[str, Candidates]:
    """Candidates by question id.

    Args:
        questions: the set.
        vectors: of its passages, shape (n, dim), float32, L2-normalised.
        embedder: reads the questions, one at a time as a person asks them.
        depth: candidates of each search.
    """
    with tempfile.TemporaryDirectory(prefix="footnote-ranking-") as folder:
        store = _lexical_store(Path(folder), questions)
        try:
            embedder.embed_queries(["warm up"])
            return {
                query: _search(text, store, vectors, embedder, depth)
                for query, text in questions.queries.items()
            }
        finally:
            store.close_all()


def _search(
    question: str, store: Store, vectors: FloatMatrix, embedder: Embedder, depth: int
) -> Candidates:
    times = [time.perf_counter()]
    # The store counts from 1.
    lexical = [(ident - 1, score) for ident, score in LexicalIndex(store).search(question, depth)]
    times.append(time.perf_counter())
    cosines = vectors @ embedder.embed_queries([question])[0]
    dense = nearest(cosines, depth)
    times.append(time.perf_counter())
    words = question_words(question, len(vectors), store.document_frequency)
    times.append(time.perf_counter())
    lexical_ms, dense_ms, words_ms = (1000 * np.diff(times)).tolist()
    rows = {row for row, _ in (*lexical, *dense)}
    return Candidates(
        lexical=lexical,
        dense=dense,
        similarities={row: float(cosines[row]) for row in rows},
        words=words,
        lexical_ms=lexical_ms,
        dense_ms=dense_ms,
        words_ms=words_ms,
    )


def nearest(cosines: FloatMatrix, depth: int) -> list[tuple[int, float]]:
    """(row, cosine) of the `depth` highest, best first, ties by row.

    Args:
        cosines: one a passage, shape (n,).
        depth: at most so many.
    """
    depth = min(depth, len(cosines))
    if depth == 0:
        return []
    lowest = np.partition(cosines, -depth)[-depth]
    rows = np.flatnonzero(cosines >= lowest)
    order = rows[np.lexsort((rows, -cosines[rows]))][:depth]
    return [(int(row), float(cosines[row])) for row in order]


def _lexical_store(folder: Path, questions: RankingSet) -> Store:
    """A library of one document whose passages are the set's, titles as breadcrumbs, ids from 1."""
    store = Store(folder)
    store.use_embedder("none", 1)
    passages = [
        Passage(0, 0, 0, len(text), text, title, Role.BODY)
        for title, text in zip(questions.titles, questions.texts, strict=True)
    ]
    with store.transaction():
        document = store.begin_document(questions.name, sha256="", size=0, title=questions.name)
        vectors = np.zeros((len(passages), 1), dtype=np.float32)
        store.append(document.id, LoadedText(""), Analysis(()), passages, vectors)
        store.finish_document(document.id)
    return store
