import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import (
    NO_EVIDENCE,
    WINDOW_WORDS,
    QuestionWords,
    WordEvidence,
    evidence_fusion,
    evidence_score,
    fold_near_duplicates,
    question_words,
    reciprocal_rank_fusion,
    rerank,
    shingles,
    word_evidence,
)
from index.types import Passage, Role

WORDS = QuestionWords(("harbour", "froze", "winter"), {"harbour": 2.0, "froze": 3.0, "winter": 1.0})


def passage(ident: int, text: str) -> Passage:
    return Passage(ident, 1, 0, len(text), text, "", Role.BODY)


def test_by_hand() -> None:
    fused = reciprocal_rank_fusion({"dense": [3, 1, 2], "lexical": [1, 4]})
    assert [ident for ident, _ in fused] == [1, 3, 4, 2]
    expected = [1 / 62 + 1 / 61, 1 / 61, 1 / 62, 1 / 63]
    assert [score for _, score in fused] == pytest.approx(expected)


def test_ties_go_by_id() -> None:
    assert [i for i, _ in reciprocal_rank_fusion({"a": [9, 2], "b": [2, 9]})] == [2, 9]


def test_nothing_to_fuse() -> None:
    assert reciprocal_rank_fusion({}) == []
    assert reciprocal_rank_fusion({"a": []}) == []


def test_near_duplicates_are_folded_into_the_first() -> None:
    words = "The third workshop on capacity building was held in the city of Shanghai in May 2024 by all"
    near = passage(2, words + "!")
    other = passage(3, "Something else altogether was said about the harbour and the ice.")
    folded = fold_near_duplicates([passage(1, words), other, near])
    assert [(p.id, [d.id for d in repeats]) for p, repeats in folded] == [(1, [2]), (3, [])]


def test_one_word_changed_in_a_short_sentence_is_no_duplicate() -> None:
    one = passage(1, "It was held in Shanghai in 2024.")
    two = passage(2, "It was held in Beijing in 2024.")
    assert [p.id for p, _ in fold_near_duplicates([one, two])] == [1, 2]


def test_texts_without_words_are_compared_by_their_marks() -> None:
    marks = [passage(1, "* * *"), passage(2, "———"), passage(3, "* * *"), passage(4, "😀")]
    assert [p.id for p, _ in fold_near_duplicates(marks)] == [1, 2, 4]


def test_shingles() -> None:
    assert shingles("One two, three four") == {("one", "two", "three"), ("two", "three", "four")}
    assert shingles("Yes") == {("yes",)}
    assert shingles("") == {()}


def test_words_weigh_by_how_rare_they_are() -> None:
    counts = {"harbour": 1, "froze": 3}
    words = question_words("When was the harbour frozen? Froze zzz!", 4, lambda s: counts.get(s, 0))
    assert words.order == ("harbour", "frozen", "froze", "zzz")
    assert words.weights == pytest.approx(
        {"harbour": math.log(1 + 3.5 / 1.5), "froze": math.log(1 + 1.5 / 3.5)}
    )


def test_more_passages_with_a_word_than_passages_still_gives_a_weight() -> None:
    assert question_words("harbour", 0, lambda _: 2).weights["harbour"] > 0


def test_word_evidence_by_hand() -> None:
    assert word_evidence(WORDS, "", "The harbour froze, no more.") == WordEvidence(
        5 / 6, 5 / 6, 5 / 9
    )
    assert word_evidence(WORDS, "", "Froze winter; harbour.").pairs == pytest.approx(4 / 9)
    assert word_evidence(WORDS, "", "Nothing of it.") == NO_EVIDENCE


def test_the_breadcrumb_counts_as_near_to_everything() -> None:
    far = "harbour " + "and so on " * WINDOW_WORDS + "froze"
    assert word_evidence(WORDS, "", far) == WordEvidence(5 / 6, 3 / 6, 0.0)
    assert word_evidence(WORDS, "Harbour", far).window == pytest.approx(5 / 6)


def test_a_window_ends_after_its_words() -> None:
    between = "x " * (WINDOW_WORDS - 2)
    assert word_evidence(WORDS, "", f"froze {between}harbour").window == pytest.approx(5 / 6)
    assert word_evidence(WORDS, "", f"froze x {between}harbour").window == pytest.approx(3 / 6)


def test_pairs_stand_close_and_in_order() -> None:
    assert word_evidence(WORDS, "", "harbour then froze").pairs == pytest.approx(5 / 9)
    assert word_evidence(WORDS, "", "harbour and then froze").pairs == 0
    assert word_evidence(WORDS, "Harbour", "froze").pairs == 0


def test_unknown_words_take_nothing_away() -> None:
    words = QuestionWords(("harbour", "zzz"), {"harbour": 2.0})
    assert word_evidence(words, "", "harbour") == WordEvidence(1.0, 1.0, 0.0)
    assert word_evidence(QuestionWords(("zzz",), {}), "", "harbour") == NO_EVIDENCE


@given(
    st.lists(st.sampled_from(["harbour", "froze", "winter", "sea", "it"]), max_size=60),
    st.booleans(),
)
def test_the_best_window_is_that_of_all_windows(text: list[str], named: bool) -> None:
    crumb = "froze" if named else ""
    held = {crumb} if named else set()
    windows = [held | set(text[i : i + WINDOW_WORDS]) for i in range(max(1, len(text)))]
    best = max(sum(WORDS.weights.get(w, 0.0) for w in window) for window in windows)
    found = word_evidence(WORDS, crumb, " ".join(text))
    assert found.window == pytest.approx(best / 6)
    assert 0 <= found.window <= found.coverage + 1e-9 <= 1 + 1e-9


def test_evidence_decides_between_equal_vectors_and_vectors_between_equal_words() -> None:
    some = WordEvidence(1.0, 1.0, 0.0)
    fused = evidence_fusion({1: 0.5, 2: 0.5, 3: 0.6}, {2: some, 3: some})
    assert [i for i, _ in fused] == [3, 2, 1]
    assert fused[2][1] == 0.5
    assert fused[1][1] == evidence_score(0.5, some)


def test_evidence_ties_go_by_id() -> None:
    assert [i for i, _ in evidence_fusion({9: 0.1, 2: 0.1}, {})] == [2, 9]
    assert evidence_fusion({}, {}) == []


FUSED = [(1, 1.5), (2, 1.0), (3, 0.5), (4, 0.4)]


def test_rerank_by_hand() -> None:
    first, second, last = rerank(FUSED[:3], {1: 0.0, 2: 6.0, 3: 0.0}, weight=1.0)
    step = math.sqrt(1.5)
    assert (first[0], second[0], last[0]) == (2, 1, 3)
    assert [first[1], second[1], last[1]] == pytest.approx(
        [math.sqrt(2), step - math.sqrt(0.5), -step - math.sqrt(0.5)]
    )


def test_rerank_without_weight_or_without_a_difference_keeps_the_order() -> None:
    judged = {1: -3.0, 2: 0.0, 3: 9.0}
    assert [i for i, _ in rerank(FUSED, judged, weight=0.0)] == [1, 2, 3, 4]
    assert [i for i, _ in rerank(FUSED, dict.fromkeys(judged, 2.5))] == [1, 2, 3, 4]
    assert rerank(FUSED, {}) == FUSED
    assert rerank([], {}) == []


def test_rerank_puts_the_unjudged_behind() -> None:
    ranked = rerank(FUSED, {1: -3.0, 2: 1.0, 3: 4.0}, weight=9.0)
    assert [i for i, _ in ranked] == [3, 2, 1, 4]
    scores = [score for _, score in ranked]
    assert scores == sorted(scores, reverse=True)
