"""How likely passages prove a written sentence: a fitted mix of the prover's word and of the words shared.

The prover reads sentence and passage together and knows paraphrase; the share of the sentence's words that
the passages hold knows what it made up. Neither is enough alone (AUROC of both in `eval.proving`).
Fitted on the project's own claims over the calibration documents (`eval/training/fit_support.py`).
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

import numpy as np

from index.sentences import sentence_spans
from models.protocols import Embedder, Judgement, Prover
from rag.logistic import Features, LogisticModel, read_model
from rag.opinions import UNREAD, evidence_in, log_odds
from rag.wording import content_words, known_words

SUPPORT_FEATURES = (
    "prover_supported",
    "prover_partly",
    "prover_evidence",
    "words_shared",
    "words_shared_by_one_sentence",
    "cosine",
    "words",
)
# With fewer words of its own a sentence is judged together with its question: "The answer is: Oslo."
_FEW_WORDS = 4
_QUESTION_WORDS = 50


class SupportJudge:
    """Judges written sentences.

    Args:
        prover: reads a sentence and a passage together.
        embedder: compares a sentence with those of the passage.
        model: turns `SUPPORT_FEATURES` into a probability; by default what ships with the project.
    """

    def __init__(
        self, prover: Prover, embedder: Embedder, model: LogisticModel | None = None
    ) -> None:
        self.prover = prover
        self.embedder = embedder
        self._model = model

    def probability(self, sentence: str, evidence: Sequence[str], question: str = "") -> float:
        """That the passages prove the sentence, 0..1; 0 where there are none.

        Args:
            sentence: one sentence, footnote marks taken off.
            evidence: the cited passages, the breadcrumb in a line of its own, then the text.
            question: what the sentence answers, where that is known.
        """
        if not evidence:
            return 0.0
        row = self.features(sentence, evidence, question)
        return (self._model or fitted_support()).probability(row)

    def features(self, sentence: str, evidence: Sequence[str], question: str = "") -> Features:
        """Shape (len(SUPPORT_FEATURES),), float64; see `probability`. At least one passage."""
        content = content_words(sentence)
        said = sentence
        if len(content) < _FEW_WORDS:
            # A pair's query loses its end where it is too long, and the answer stands there.
            said = " ".join([*question.split()[-_QUESTION_WORDS:], sentence])
        judged = self.prover.judge([(said, text) for text in evidence])
        best = max(judged, key=lambda one: one.support[0])
        sentences = [text[a:b] for text in evidence for a, b in _spans(text)]
        vectors = self.embedder.embed_passages([sentence, *sentences])
        return np.array(
            [
                log_odds(best.support[0]),
                best.support[1],
                max(_best_evidence(*pair) for pair in zip(judged, evidence, strict=True)),
                _share(content, "\n".join(evidence)),
                max((_share(content, text) for text in sentences), default=0.0),
                float((vectors[1:] @ vectors[0]).max()) if sentences else 0.0,
                np.log1p(len(content)),
            ],
            dtype=np.float64,
        )


@lru_cache(maxsize=1)
def fitted_support() -> LogisticModel:
    """The weights that ship with the project."""
    data = json.loads(files("rag").joinpath("support_weights.json").read_text(encoding="utf-8"))
    if data["features"] != list(SUPPORT_FEATURES):
        raise ValueError("support_weights.json was fitted for other features; fit it again")
    return read_model(data)


def _spans(text: str) -> list[tuple[int, int]]:
    """The sentences of a passage's text, which begins after the breadcrumb's line."""
    return sentence_spans(text, start=text.find("\n") + 1)


def _best_evidence(judged: Judgement, text: str) -> float:
    return max((evidence_in(judged, a, b) for a, b in _spans(text)), default=UNREAD)


def _share(content: set[str], text: str) -> float:
    """Share of a sentence's content words that a text holds, 0..1; 1 where it has none."""
    return len(content & known_words(text)) / len(content) if content else 1.0
