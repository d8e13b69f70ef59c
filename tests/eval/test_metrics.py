import math
import random

import pytest

from eval import metrics
from eval.normalize import fold, occurs, squad_normalize
from eval.types import Question
from rag.types import Answer, Citation, Sentence


def citation(n: int = 1) -> Citation:
    return Citation(n, "1", "a.txt", "A", "", 0, 5, "words", None, None, None, None, "body")


def sentence(text: str, support: str = "supported", citations: int = 1) -> Sentence:
    return Sentence(text, "written", support, tuple(citation(n + 1) for n in range(citations)))


def answer(short: str | None, *texts: str, status: str = "answered") -> Answer:
    sentences = tuple(sentence(text) for text in texts)
    return Answer("q", "q", status, short, 0.5, sentences, (), "r", "g", "e")


def question(**parts) -> Question:
    return Question(**({"id": "1", "question": "q", "kind": "fact", "answers": ()} | parts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Eiffel Tower!", "eiffel tower"),
        ("  an  apple,\ta pear ", "apple pear"),
        ("U.S.", "us"),
        ("47 %", "47"),
        ("theatre", "theatre"),
        ("the", ""),
        ("well-known", "wellknown"),
        ("Łódź", "łódź"),
    ],
)
def test_squad_normalisation(text, expected):
    assert squad_normalize(text) == expected


def test_exact_match_takes_the_best_answer_and_none_is_no_match():
    assert metrics.exact_match("The city of Paris.", ["Rome", "city of paris"]) == 1.0
    assert metrics.exact_match("Paris", ["Rome"]) == 0.0
    assert metrics.exact_match(None, ["Rome"]) == 0.0


def test_f1_by_hand():
    # said {in, shanghai, china}, wanted {shanghai}: precision 1/3, recall 1, F1 1/2.
    assert metrics.f1("in Shanghai, China", ["Shanghai"]) == pytest.approx(0.5)
    assert metrics.f1("in Shanghai, China", ["Shanghai", "Shanghai in China"]) == 1.0
    # Repeated words count as often as both have them: common 2, said 4, wanted 2.
    assert metrics.f1("no no no no", ["no no"]) == pytest.approx(2 / 3)
    assert metrics.f1("the", ["a"]) == 1.0  # both empty after normalisation
    assert metrics.f1("", ["Rome"]) == 0.0
    assert metrics.f1(None, ["Rome"]) == 0.0
    assert metrics.f1("Rome", []) == 0.0


@pytest.mark.parametrize(
    ("phrase", "text", "expected"),
    [
        ("export control", "New EXPORT\n controls came.", True),
        ("no", "They know it now.", False),
        ("no", "They say no.", True),
        ("US", "because of it", False),
        ("US", "the US, too", True),
        ("47", "in 2047", False),
        ("47", "47.5 per cent", False),
        ("47", "47, and more", True),
        ("47 %", "exactly 47% of them", True),
        ("5", "1.5 or 2", False),
        ("China's", "all of China’s chips", True),
        ("2019-2023", "in 2019–2023", True),
        ("control", "uncontrolled", False),
        ("北京", "会议在北京举行", True),
        ("", "anything", False),
    ],
)
def test_occurs(phrase, text, expected):
    assert occurs(phrase, text) is expected


def test_fold_keeps_words_apart():
    assert fold(" A\u00a0b\n c ") == "a b c"


def test_right_by_f1_or_by_must_include():
    asked = question(answers=("47 percent",), must_include=("47",))
    assert metrics.is_right(asked, answer("47 percent", "It is 47 percent."))
    assert metrics.is_right(asked, answer("nearly half", "It is 47, nearly half."))
    assert not metrics.is_right(asked, answer("nearly half", "It is nearly half."))


def test_right_needs_every_must_include():
    asked = question(must_include=("Meta", "Google"))
    assert metrics.is_right(asked, answer(None, "Meta did.", "So did Google."))
    assert not metrics.is_right(asked, answer(None, "Meta did."))


def test_no_must_include_proves_nothing():
    assert not metrics.is_right(question(answers=("Paris",)), answer("Rome", "Rome."))


def test_must_not_include_spoils_even_an_exact_answer():
    asked = question(answers=("Paris",), must_not_include=("Lyon",))
    assert metrics.is_right(asked, answer("Paris", "It was Paris."))
    assert not metrics.is_right(asked, answer("Paris", "It was Paris, not Lyon."))


def test_disputed_counts_as_answered_and_refused_is_never_right():
    asked = question(answers=("Paris",))
    assert metrics.is_right(asked, answer("Paris", "Paris.", status="disputed"))
    assert not metrics.is_right(asked, answer("Paris", "Paris.", status="refused"))


def test_f1_of_exactly_six_tenths_is_right():
    # common 3, said 5, wanted 5: F1 = 6 / 10.
    asked = question(answers=("one two three four five",))
    assert metrics.is_right(asked, answer("one two three six seven", "..."))


def test_citation_support_follows_alce():
    texts = [
        sentence("a", "supported", 2),
        sentence("b", "partly", 1),
        sentence("c", "unsupported", 1),
        sentence("d", "supported", 0),
        sentence("e", "unchecked", 3),
    ]
    assert metrics.support_recall(texts) == pytest.approx(1 / 4)
    assert metrics.support_precision(texts) == pytest.approx(2 / 4)
    assert metrics.support_recall(texts[4:]) is None
    assert metrics.support_precision(texts[4:]) is None
    assert metrics.support_precision(texts[3:4]) == 0.0


def test_ranking_breaks_ties_by_id():
    assert metrics.ranking({"b": 1.0, "c": 2.0, "a": 1.0}) == ["c", "a", "b"]


def test_retrieval_metrics_by_hand():
    ranked = ["x", "a", "y", "b", "z", "c"]
    grades = {"a": 1.0, "b": 2.0, "c": 1.0, "gone": 1.0, "bad": 0.0}
    assert metrics.recall_at(ranked, grades, 5) == pytest.approx(2 / 4)
    assert metrics.mrr_at(ranked, grades, 10) == pytest.approx(1 / 2)
    assert metrics.mrr_at(ranked, grades, 1) == 0.0
    gained = 1 / math.log2(3) + 2 / math.log2(5) + 1 / math.log2(7)
    ideal = 2 / math.log2(2) + 1 / math.log2(3) + 1 / math.log2(4) + 1 / math.log2(5)
    assert metrics.ndcg_at(ranked, grades, 10) == pytest.approx(gained / ideal)
    assert metrics.ndcg_at(["b", "a", "c", "gone"], grades, 10) == pytest.approx(1.0)
    assert metrics.ndcg_at(ranked, {"a": 0.0}, 10) == 0.0


def test_ideal_is_cut_at_k():
    grades = dict.fromkeys("abcdefghijkl", 1.0)
    assert metrics.ndcg_at(list("abcdefghij"), grades, 10) == pytest.approx(1.0)


def test_metrics_divide_by_all_judged_questions():
    qrels = {"1": {"a": 1.0}, "2": {"b": 1.0}}
    assert metrics.evaluate_run({"1": {"a": 0.9}}, qrels) == {
        "recall@5": 0.5,
        "mrr@10": 0.5,
        "ndcg@10": 0.5,
    }
    assert metrics.evaluate_run({}, {})["ndcg@10"] == 0.0


def naive_ndcg(scores: dict[str, float], grades: dict[str, float], k: int) -> float:
    """The same from the definition, sorting pairs by hand."""
    pairs = sorted(((-score, name) for name, score in scores.items()))[:k]
    gained = 0.0
    for rank, (_, name) in enumerate(pairs):
        gained += grades.get(name, 0.0) / math.log(rank + 2, 2)
    ideal = 0.0
    for rank, grade in enumerate(sorted(grades.values())[::-1][:k]):
        ideal += grade / math.log(rank + 2, 2)
    return gained / ideal if ideal else 0.0


def test_ndcg_against_the_naive_one():
    random.seed(1)
    for _ in range(200):
        names = [f"d{n}" for n in range(random.randint(1, 15))]
        scores = {name: random.choice([0.1, 0.2, 0.3]) for name in names}
        grades = {name: float(random.randint(0, 3)) for name in random.sample(names, 1)}
        grades |= {"other": float(random.randint(0, 2))}
        fast = metrics.ndcg_at(metrics.ranking(scores), grades, 10)
        assert fast == pytest.approx(naive_ndcg(scores, grades, 10))
