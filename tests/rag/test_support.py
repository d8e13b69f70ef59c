"""Whether passages prove a written sentence: what is looked at, and who has the last word."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from index.library import Library
from models.fake import FakeEmbedder, FakeProver
from models.packaged import STARTER_EMBEDDER
from models.protocols import Judgement
from models.prover import MiniLMProver, Reranker
from rag.checker import check_written
from rag.citing import Citer
from rag.logistic import LogisticModel
from rag.pipeline import Pipeline
from rag.readers import build_judge
from rag.support import SUPPORT_FEATURES, SupportJudge
from rag.types import Sentence

LAKE = "Lakes › 2024\nThe lake is deep. Its ferry sank in 1612."
MILL = "Mills\nThe mill turns."


class Prover:
    """Sure of passages about the lake; remembers what it was asked."""

    name = "stub"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Judgement]:
        self.asked += [said for said, _ in pairs]
        return [
            Judgement(0.0, 0.0, 0, 0, 0.0, (0.9, 0.04, 0.06), ((9, 15, -1.0), (30, 35, 2.0)))
            if text == LAKE
            else Judgement(0.0, 0.0, 0, 0, 0.0, (0.2, 0.3, 0.5))
            for _, text in pairs
        ]


def judging(weight: float) -> SupportJudge:
    """Looks at the prover's word alone: log odds times a weight."""
    weights = np.array([weight, *[0.0] * (len(SUPPORT_FEATURES) - 1)])
    plain = np.ones(len(SUPPORT_FEATURES))
    model = LogisticModel(weights, np.zeros(len(SUPPORT_FEATURES)), plain, 0.0)
    return SupportJudge(Prover(), FakeEmbedder(), model)


def named(sentence: str, evidence: Sequence[str], question: str = "") -> dict[str, float]:
    judge = SupportJudge(Prover(), FakeEmbedder())
    values = judge.features(sentence, evidence, question).tolist()
    return dict(zip(SUPPORT_FEATURES, values, strict=True))


def test_the_passage_that_speaks_most_for_a_sentence_counts() -> None:
    both = named("The ferry sank in the deep lake.", [MILL, LAKE])
    assert both["prover_supported"] == pytest.approx(np.log(9))
    assert both["prover_partly"] == pytest.approx(0.04)
    # The second sentence of the lake's passage: its only word piece that was read.
    assert both["prover_evidence"] == pytest.approx(2.0)


def test_words_are_shared_with_all_passages_or_with_one_sentence() -> None:
    row = named("The ferry sank. The mill turns.", [MILL, LAKE])
    assert row["words_shared"] == 1.0
    assert row["words_shared_by_one_sentence"] == pytest.approx(0.5)


def test_few_words_are_judged_with_their_question() -> None:
    prover = Prover()
    judge = SupportJudge(prover, FakeEmbedder())
    judge.features("The answer is: Oslo.", [LAKE], "What is the capital?")
    judge.features("The old ferry sank in the deep lake.", [LAKE], "What sank?")
    judge.features("It is Oslo.", [LAKE])
    assert prover.asked == [
        "What is the capital? The answer is: Oslo.",
        "The old ferry sank in the deep lake.",
        "It is Oslo.",
    ]


def test_nothing_proves_without_passages() -> None:
    assert judging(1.0).probability("The lake is deep.", []) == 0.0


def test_the_judge_decides_where_nothing_exact_differs() -> None:
    sentence = "The lake is deep, and its ferry sank."
    assert check_written(sentence, [LAKE], judging(1.0)) == "supported"
    assert check_written(sentence, [LAKE], judging(0.0)) == "partly"
    assert check_written(sentence, [LAKE], judging(-1.0)) == "unsupported"


def test_what_stands_there_word_for_word_needs_no_judge() -> None:
    assert check_written("The lake is deep.", [LAKE], judging(-9.0)) == "supported"


def test_what_differs_exactly_is_a_lie_whatever_the_judge_says() -> None:
    judge = judging(9.0)
    assert check_written("Its ferry sank in 1712.", [LAKE], judge) == "unsupported"


def test_a_long_question_does_not_push_its_answer_out() -> None:
    prover = Prover()
    judge = SupportJudge(prover, FakeEmbedder())
    judge.features(
        "In 1612.", [LAKE], "After all that was said before, " * 40 + "when did it sink?"
    )
    (asked,) = prover.asked
    assert asked.endswith("when did it sink? In 1612.")
    assert len(asked.split()) <= 60


def test_other_languages_are_judged_by_their_words() -> None:
    german = "Seen\nDer See ist tief und die Fähre ist im Jahr 1612 mit allen Leuten gesunken."
    said = "Die Fähre ist im Jahr 1612 gesunken."
    assert check_written(said, [german], judging(-9.0)) == "supported"


def test_without_a_trained_prover_nobody_judges(library: Library) -> None:
    assert build_judge(None, library) is None
    assert build_judge(FakeProver(), library) is None


def test_the_judge_uses_what_it_was_fitted_on(library: Library) -> None:
    prover = MiniLMProver()
    for given in (prover, Reranker(prover, "another-cross-encoder")):
        judge = build_judge(given, library)
        assert judge is not None
        assert judge.prover is prover
        # The library's embedder is another one than it was fitted with.
        assert judge.embedder.name == STARTER_EMBEDDER


def test_a_written_sentence_is_judged_by_whole_passages_when_verified(
    pipeline: Pipeline,
) -> None:
    (passage,) = [
        p
        for document in pipeline.library.store.documents()
        for p in pipeline.library.store.document_passages(document.id)
        if "38 countries" in p.text
    ]
    at = passage.start + passage.text.index("The first AI")
    citation = Citer(pipeline.library).cite(passage, at, at + 30)
    sentence = Sentence("38 countries took part in the third.", "written", "supported", (citation,))
    answer = replace(pipeline.ask("How many countries took part?"), sentences=(sentence,))
    (verdict,) = pipeline.verify(answer)
    assert verdict.support == "supported"
    (lie,) = pipeline.verify(
        replace(answer, sentences=(replace(sentence, text="40 countries took part."),))
    )
    assert lie.support == "unsupported"
