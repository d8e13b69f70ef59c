"""What the evidence finder looks at in a sentence: the question's words, vectors, its place and its role."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from index.lexical import STOP_WORDS, terms
from index.numerals import ORDINALS, VALUES
from index.types import Hit, Role
from index.words import fold, stem, stems
from models.protocols import Embedder, FloatMatrix
from rag.logistic import Features
from rag.opinions import evidence_in, opinion_of
from rag.questions import Question

FEATURES = (
    "coverage",
    "coverage_near",
    "coverage_passage",
    "pairs",
    "cosine_sentence",
    "cosine_passage",
    "best_cosine_sentence_gap",
    "reciprocal_rank",
    "type_number",
    "type_date",
    "type_name",
    "uncovered",
    "names_missing",
    "numbers_missing",
    "other_ordinal",
    "length",
    "prover_relevance_gap",
    "prover_answerable",
    "prover_span",
    "prover_span_probability",
    "prover_evidence",
    "prover_evidence_gap",
    "furniture",
    "heading",
    "comment",
    "correction",
    "asks",
    "adds_nothing",
    "asked_speaker",
    "other_speaker",
)

_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|"
    r"million|billion|trillion|half|third|quarter|percent)\b",
    re.I,
)
_DATE = re.compile(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|"
    r"October|November|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|century)\b"
)
_CAPITAL = re.compile(r"(?<=\s)[A-Z][\w’'-]+|\b[A-Z]{2,}\b")
_NAME_INSIDE = re.compile(r"(?<=[\w,;:’'\"] )[A-Z][\w’'-]+")
_QUANTITY = re.compile(
    r"(?P<ordinal>\d+)(?:st|nd|rd|th)\b|(?P<digits>\d[\d,.]*\d|\d)|"
    rf"\b(?P<word>{'|'.join([*ORDINALS, *VALUES])})\b",
    re.I,
)
_ASKS_FOR_COMMENT = re.compile(
    r"\b(?:comment|commenter|commented|reader|readers|listener|reply)", re.I
)
_SAYING = frozenset("say says said according tell told exactly mention mentions mentioned".split())


@dataclass(frozen=True, slots=True)
class Place:
    """A sentence of a passage: `hit.passage.text[start:end]`, and the label of its block."""

    hit: Hit
    start: int
    end: int
    role: Role = Role.BODY

    @property
    def text(self) -> str:
        """The sentence."""
        return self.hit.passage.text[self.start : self.end]


class SentenceFeatures:
    """Features of the sentences of retrieved passages.

    Args:
        embedder: embeds the sentences; vectors are compared with the question's.
        document_frequency: passages in which a stem occurs.
        n_passages: passages in the library now.
    """

    def __init__(
        self,
        embedder: Embedder,
        document_frequency: Callable[[str], int],
        n_passages: Callable[[], int],
    ) -> None:
        self._embedder = embedder
        self._document_frequency = document_frequency
        self._n_passages = n_passages

    def of(self, question: Question, sentences: Sequence[Place], vector: FloatMatrix) -> Features:
        """Shape (n sentences, len(FEATURES)), float64.

        Args:
            question: the question taken apart.
            sentences: at least one; those of a passage in their order.
            vector: the question's vector, shape (1, dim).
        """
        asked = _Asked(question, self._term_weights(question))
        hits = {place.hit.passage.id: place.hit for place in sentences}
        texts = {i: f"{hit.passage.breadcrumb} {hit.passage.text}" for i, hit in hits.items()}
        passages = {ident: frozenset(stems(text)) for ident, text in texts.items()}
        numbers = {ident: quantities(text) for ident, text in texts.items()}
        speaks = {ident: asked.names_speaker(hit) for ident, hit in hits.items()}
        known: set[str] = set().union(*passages.values())
        uncovered = asked.share(set(asked.weights) - known)
        cosines = self._embedder.embed_passages([place.text for place in sentences]) @ vector[0]
        words = [stems(place.text) for place in sentences]
        anyone_asked = any(speaks.values())
        best = float(cosines.max())
        most_relevant = max(opinion_of(hit).relevance for hit in hits.values())
        evidence = [evidence_in(opinion_of(p.hit), p.start, p.end) for p in sentences]
        most_proving = max(evidence)
        rows = []
        for i, place in enumerate(sentences):
            hit = place.hit
            opinion = opinion_of(hit)
            holds_span = float(opinion.start < place.end and place.start < opinion.end)
            cosine = float(cosines[i])
            unique = set(words[i])
            in_passage = passages[hit.passage.id]
            before = words[i - 1] if i and sentences[i - 1].hit is hit else ()
            rows.append(
                [
                    asked.share(unique),
                    asked.share(unique.union(before)),
                    asked.share(in_passage),
                    asked.pair_share(words[i]),
                    cosine,
                    hit.similarity if hit.similarity is not None else 0.0,
                    best - cosine,
                    1.0 / hit.rank,
                    *asked.type_flags(place.text),
                    uncovered,
                    asked.names_missing(in_passage),
                    asked.numbers_missing(numbers[hit.passage.id]),
                    asked.other_ordinal(place.text),
                    math.log1p(len(words[i])),
                    opinion.relevance - most_relevant,
                    opinion.answerable,
                    holds_span,
                    holds_span * math.exp(opinion.span_logprob),
                    evidence[i],
                    evidence[i] - most_proving,
                    place.role is Role.FURNITURE,
                    place.role is Role.HEADING,
                    place.role is Role.COMMENT and not asked.for_comment,
                    place.role is Role.CORRECTION,
                    # An interviewer's question proves nothing.
                    place.text.rstrip().endswith("?"),
                    asked.own.issuperset(unique),
                    # "What does Mara think ...": she should be the one who says it.
                    speaks[hit.passage.id],
                    anyone_asked and bool(hit.passage.speaker) and not speaks[hit.passage.id],
                ]
            )
        return np.array(rows, dtype=np.float64)

    def _term_weights(self, question: Question) -> Mapping[str, float]:
        """IDF of the question's stems; the options of an either-or question are left out."""
        n = self._n_passages()
        skipped = set(question.options) if question.shape == "either-or" else set()
        found: dict[str, float] = {}
        for word in terms(question.text):
            if word in skipped or word in _SAYING:
                continue
            root = stem(fold(word))
            frequency = self._document_frequency(root)
            found[root] = math.log(1 + (n - frequency + 0.5) / (frequency + 0.5))
        return found


class _Asked:
    """A question's words, as sentences are compared with them."""

    def __init__(self, question: Question, weights: Mapping[str, float]) -> None:
        self.weights = weights
        self.own = set(stems(question.text))
        self.for_comment = bool(_ASKS_FOR_COMMENT.search(question.text))
        self._expected = question.expected
        self._total = sum(weights.values())
        content = [stem(fold(word)) for word in terms(question.text) if word not in STOP_WORDS]
        self._pairs = list(pairwise(content))
        names = {stem(fold(name)) for name in _NAME_INSIDE.findall(question.text)}
        self._names = names & set(weights)
        self._numbers = quantities(question.text)

    def share(self, found: set[str] | frozenset[str]) -> float:
        """Share of the question's IDF mass that is found, 0..1."""
        mass = sum(weight for root, weight in self.weights.items() if root in found)
        return mass / self._total if self._total else 0.0

    def pair_share(self, words: Sequence[str]) -> float:
        """Share of the pairs of neighbouring content words that stand within three words."""
        if not self._pairs:
            return 0.0
        places: dict[str, list[int]] = {}
        for i, word in enumerate(words):
            places.setdefault(word, []).append(i)
        close = sum(
            any(abs(i - j) <= 3 for i in places.get(a, ()) for j in places.get(b, ()))
            for a, b in self._pairs
        )
        return close / len(self._pairs)

    def names_missing(self, passage: frozenset[str]) -> float:
        """Share of the question's names that a passage, as stems, does not mention, 0..1."""
        return len(self._names - passage) / len(self._names) if self._names else 0.0

    def numbers_missing(self, passage: frozenset[str]) -> float:
        """Share of the question's numbers that are not among a passage's, 0..1."""
        return len(self._numbers - passage) / len(self._numbers) if self._numbers else 0.0

    def other_ordinal(self, text: str) -> float:
        """1 where the question says "second" and the sentence only "third"."""
        asked = {number for number in self._numbers if number.endswith("th")}
        said = {number for number in quantities(text) if number.endswith("th")}
        return float(bool(asked and said) and not asked & said)

    def type_flags(self, text: str) -> tuple[float, float, float]:
        """Whether a sentence has a number, date or name to answer with; 0 where none is asked for."""
        if self._expected == "number":
            return float(bool(_NUMBER.search(text))), 0.0, 0.0
        if self._expected == "date":
            return 0.0, float(bool(_DATE.search(text))), 0.0
        if self._expected == "name":
            names = (stem(fold(match.group())) for match in _CAPITAL.finditer(text))
            return 0.0, 0.0, float(any(name not in self.own for name in names))
        return 0.0, 0.0, 0.0

    def names_speaker(self, hit: Hit) -> bool:
        """Whether the question names the speaker of a passage."""
        return bool(self.own & set(stems(hit.passage.speaker or "")))


def quantities(text: str) -> frozenset[str]:
    """The numbers of a text, written alike: "1500" for 1,500, "2" for two, "3th" for third and 3rd."""
    found = set()
    for match in _QUANTITY.finditer(text):
        word = (match.group("word") or "").lower()
        if match.group("ordinal"):
            found.add(f"{int(match.group('ordinal'))}th")
        elif match.group("digits"):
            found.add(match.group("digits").replace(",", ""))
        else:
            found.add(f"{ORDINALS[word]}th" if word in ORDINALS else str(VALUES[word]))
    return frozenset(found)
