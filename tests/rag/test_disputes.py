"""Two documents that answer differently are both shown; what is no contradiction is not called one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from index.types import Role
from rag.answers import PooledAnswer, SpanAnswer, pool
from rag.disputes import Dispute, find_dispute
from rag.questions import analyse_question

AnswerOf = Callable[..., SpanAnswer]

NUMBER = analyse_question("How many countries took part?")
NAME = analyse_question("Who leads the station?")
DATE = analyse_question("When did the station open?")


def words(pooled: list[PooledAnswer]) -> list[str]:
    return [p.best.words for p in pooled]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (NUMBER, "38 countries", "40 countries"),
        (NAME, "Maria Odum", "Alvin Grewal"),
        (DATE, "May 2023", "June 2023"),
    ],
)
def test_two_documents_disagree(
    answer_of: AnswerOf, question: object, one: str, other: str
) -> None:
    pooled = pool([answer_of(one, 0.9), answer_of(other, 0.8, passage=2)])
    assert find_dispute(question, pooled) is Dispute.OPEN
    assert words(pooled) == [one, other]


def test_one_answer_or_none_is_no_dispute(answer_of: AnswerOf) -> None:
    assert find_dispute(NUMBER, []) is None
    assert find_dispute(NUMBER, pool([answer_of("38")])) is None
    # The same number twice is one answer.
    same = [answer_of("38"), answer_of("38 countries", passage=2)]
    assert find_dispute(NUMBER, pool(same)) is None


def test_a_document_does_not_disagree_with_itself(answer_of: AnswerOf) -> None:
    pooled = pool([answer_of("38", document=1), answer_of("40", passage=2, document=1)])
    assert find_dispute(NUMBER, pooled) is None


@pytest.mark.parametrize(
    "question",
    [
        "Why did 38 countries take part?",
        "What was built in Arlen?",
        "List the people who lead the stations.",
        "Which two countries signed?",
    ],
)
def test_reasons_and_lists_never_disagree(answer_of: AnswerOf, question: str) -> None:
    pooled = pool([answer_of("Geneva", 0.99), answer_of("Arlen", 0.98, passage=2)])
    assert find_dispute(analyse_question(question), pooled) is None


def test_both_answers_must_be_likely(answer_of: AnswerOf) -> None:
    def dispute(first: float, second: float) -> Dispute | None:
        return find_dispute(
            NUMBER, pool([answer_of("38", first), answer_of("40", second, passage=2)])
        )

    assert dispute(0.99, 0.49) is None
    assert dispute(0.49, 0.48) is None
    assert dispute(0.5, 0.5) is Dispute.OPEN


@pytest.mark.parametrize("doubtful", [{"coverage": 0.49}, {"type_fits": 0.0}])
@pytest.mark.parametrize("which", [0, 1])
def test_both_speak_of_what_is_asked(answer_of: AnswerOf, doubtful: dict, which: int) -> None:
    more = [{}, {}]
    more[which] = doubtful
    pooled = pool([answer_of("38", **more[0]), answer_of("40", 0.8, passage=2, **more[1])])
    assert find_dispute(NUMBER, pooled) is None
    assert words(pooled) == ["38", "40"]


@pytest.mark.parametrize("document", [1, 2], ids=["its own document", "another document"])
@pytest.mark.parametrize("likely", [0.6, 0.95])
def test_a_correction_comes_first(answer_of: AnswerOf, document: int, likely: float) -> None:
    wrong = answer_of("900", 0.8, document=1, date="2025-05-01")
    right = answer_of(
        "300", likely, passage=2, document=document, role=Role.CORRECTION, date="2024-05-01"
    )
    pooled = pool([wrong, right])
    assert find_dispute(NUMBER, pooled) is Dispute.CORRECTED
    assert words(pooled) == ["300", "900"]


@pytest.mark.parametrize(
    ("correction", "order"),
    [
        ("An earlier version of these notes said that it delivers 900 megawatts.", [0, 1]),
        ("This page wrongly gave 900 megawatts.", [0, 1]),
        ("An earlier version said 200 megawatts instead of 900 megawatts.", [1, 0]),
        ("It delivers 900 megawatts.", [1, 0]),
    ],
)
def test_the_mistake_that_a_correction_repeats_is_not_its_answer(
    answer_of: AnswerOf, correction: str, order: list[int]
) -> None:
    body = answer_of("It delivers 300 megawatts.")
    other = answer_of(correction, 0.8, passage=2, document=1, role=Role.CORRECTION)
    marked = [replace(body, words="300 megawatts"), replace(other, words="900 megawatts")]
    pooled = pool(marked)
    assert find_dispute(NUMBER, pooled) is Dispute.CORRECTED
    assert [p.best for p in pooled] == [marked[i] for i in order]


def test_two_corrections_of_two_documents_stay_in_order(answer_of: AnswerOf) -> None:
    found = [
        answer_of(number, p, passage=i, role=Role.CORRECTION)
        for number, p, i in (("300", 0.9, 1), ("310", 0.8, 2))
    ]
    pooled = pool(found)
    assert find_dispute(NUMBER, pooled) is Dispute.CORRECTED
    assert words(pooled) == ["300", "310"]


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ("2024-03-01", "2025-01-16", ["40", "38"]),
        ("2025-01-16", "2024-03-01", ["38", "40"]),
        ("2025-01-16", "2025-01-16", ["38", "40"]),
        (None, "1999", ["40", "38"]),
        ("1999", None, ["38", "40"]),
        (None, None, ["38", "40"]),
        ("2024", "2024-05", ["40", "38"]),
    ],
)
def test_the_newer_source_comes_first(
    answer_of: AnswerOf, first: str | None, second: str | None, order: list[str]
) -> None:
    pooled = pool([answer_of("38", 0.9, date=first), answer_of("40", 0.8, passage=2, date=second)])
    assert find_dispute(NUMBER, pooled) is Dispute.OPEN
    assert words(pooled) == order


def test_a_third_answer_stays_where_it_is(answer_of: AnswerOf) -> None:
    found = [
        answer_of("38", 0.9, passage=1, date="2023"),
        answer_of("40", 0.8, passage=2, date="2024"),
        answer_of("41", 0.7, passage=3, role=Role.CORRECTION, date="2025"),
    ]
    pooled = pool(found)
    assert find_dispute(NUMBER, pooled) is Dispute.OPEN
    assert words(pooled) == ["40", "38", "41"]


def test_without_a_dispute_the_order_stays(answer_of: AnswerOf) -> None:
    pooled = pool([answer_of("38", 0.9, date="2023"), answer_of("40", 0.4, passage=2, date="2025")])
    assert find_dispute(NUMBER, pooled) is None
    assert words(pooled) == ["38", "40"]
