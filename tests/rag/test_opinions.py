"""The prover's second opinion on passages and on answers, and what it does to their order."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from index.library import Library
from index.types import Hit, Role
from models.fake import FakeProver
from models.protocols import Judgement
from rag.opinions import (
    NO_OPINION,
    UNREAD,
    agreement,
    evidence_in,
    log_odds,
    opinion_of,
    passage_text,
    with_opinions,
)
from rag.readers import build_prover
from rag.retriever import Retriever, proven_first
from rag.settings import Settings

HitsOf = Callable[[Sequence[str]], list[Hit]]
TEXT = "The lake is deep. The mill was built in 1612."


class Marking:
    """Marks the words 'built in 1612', or the whole breadcrumb; remembers what it read."""

    name = "marking"

    def __init__(self, marked: str = "built in 1612") -> None:
        self.read: list[tuple[str, str]] = []
        self._marked = marked

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        self.read += pairs
        found = []
        for _, text in pairs:
            at = max(0, text.find(self._marked))
            end = at + len(self._marked)
            tokens = ((0, 1, 9.0), (at, at + 5, 3.0), (at + 6, end, 1.0))
            found.append(Judgement(1.0, 2.0, at, end, -0.2, (0.9, 0.0, 0.1), tokens))
        return found


def test_spans_count_in_the_passage_not_in_what_the_prover_read(hits_of: HitsOf) -> None:
    prover = Marking()
    (hit,) = with_opinions(prover, "When was it built?", hits_of([TEXT]))
    opinion = opinion_of(hit)
    assert TEXT[opinion.start : opinion.end] == "built in 1612"
    assert prover.read == [("When was it built?", passage_text(hit.passage))]
    assert prover.read[0][1].endswith(f"\n{TEXT}")


def test_evidence_is_the_mean_over_word_pieces_of_the_text(hits_of: HitsOf) -> None:
    (hit,) = with_opinions(Marking(), "When was it built?", hits_of([TEXT]))
    opinion = opinion_of(hit)
    second = TEXT.index("The mill")
    assert evidence_in(opinion, second, len(TEXT)) == pytest.approx(2.0)
    # Nothing of the first sentence was read; the breadcrumb's word piece belongs to no sentence.
    assert evidence_in(opinion, 0, second) == evidence_in(NO_OPINION, 0, 9) == UNREAD


def test_a_span_in_the_breadcrumb_is_none_in_the_passage(hits_of: HitsOf) -> None:
    hits = hits_of([TEXT])
    crumb = hits[0].passage.breadcrumb
    (hit,) = with_opinions(Marking(crumb), "When was it built?", hits)
    opinion = opinion_of(hit)
    assert opinion.start == opinion.end == 0
    assert agreement(opinion, 0, 3) == 0


def test_without_a_prover_there_is_no_opinion(hits_of: HitsOf) -> None:
    (hit,) = hits_of([TEXT])
    assert opinion_of(hit) == NO_OPINION
    assert agreement(NO_OPINION, 0, 5) == 0


@pytest.mark.parametrize(
    ("span", "shared"), [((10, 20), 1.0), ((0, 20), 0.5), ((15, 25), 1 / 3), ((20, 30), 0.0)]
)
def test_agreement_is_shared_characters(span: tuple[int, int], shared: float) -> None:
    opinion = replace(NO_OPINION, start=10, end=20)
    assert agreement(opinion, *span) == pytest.approx(shared)


def test_log_odds_are_cut_off() -> None:
    assert log_odds(0.5) == 0
    assert log_odds(1.0) == -log_odds(0.0) == 8


def test_the_prover_has_a_say_and_furniture_stays_last(hits_of: HitsOf) -> None:
    hits = hits_of(["a", "b", "c", "d"])
    hits[3] = replace(hits[3], passage=replace(hits[3].passage, role=Role.FURNITURE))
    judged = [
        replace(hit, opinion=replace(NO_OPINION, relevance=relevance))
        for hit, relevance in zip(hits, (0.0, 1.0, 5.0, 9.0), strict=True)
    ]
    ordered = proven_first(judged)
    assert [hit.rank for hit in ordered] == [1, 2, 3, 4]
    assert ordered[-1].passage.role is Role.FURNITURE
    assert {hit.passage.text for hit in ordered} == set("abcd")
    agreed = [replace(hit, opinion=replace(NO_OPINION, relevance=-i)) for i, hit in enumerate(hits)]
    assert [hit.passage.text for hit in proven_first(agreed)] == list("abcd")


def test_the_retriever_judges_what_it_finds(library: Library) -> None:
    retriever = Retriever(library, FakeProver())
    hits, vector = retriever.retrieve_with_vector("How many countries took part?", 3)
    assert len(hits) == 3
    assert vector.shape == (1, library.embedder.dim)
    assert all(hit.opinion is not None for hit in hits)
    assert [hit.rank for hit in hits] == [1, 2, 3]
    plain = Retriever(library).retrieve("How many countries took part?", 3)
    assert all(hit.opinion is None for hit in plain)
    again = retriever.judged("How many countries took part?", [*plain, hits[0]])
    assert all(hit.opinion is not None for hit in again)
    assert again[-1] is hits[0]


def test_which_prover_the_settings_name() -> None:
    assert build_prover(Settings(prover="none")) is None
    assert isinstance(build_prover(Settings(prover="fake")), FakeProver)
    assert isinstance(build_prover(Settings(generator="fake")), FakeProver)
    starter, other = (build_prover(Settings(prover=p)) for p in ("starter", "org/reranker"))
    assert starter is not None
    assert other is not None
    assert starter.name == "footnote-prover"
    assert other.name == "reranker"
