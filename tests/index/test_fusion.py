import pytest

from index.fusion import fold_near_duplicates, reciprocal_rank_fusion, shingles
from index.types import Passage, Role


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
