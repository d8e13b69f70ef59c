import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.dates import dates_clash, find_dates, same_date
from index.facts import find_facts
from index.numbers import find_amounts, same_amount


def amount(text):
    (found,) = find_amounts(text)
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("47 %", "forty-seven percent"),
        ("47 per cent", "47%"),
        ("1,250,000", "1.25 million"),
        ("$5bn", "5,000,000,000 dollars"),
        ("a dozen", "12"),
        ("half", "50 %"),
        ("two thirds", "two-thirds"),
        ("5 km", "5,000 metres"),
        ("one hundred and five", "105"),
        ("3,5 %", "3.5 percent"),
        ("twenty-first", "21st"),
        ("five-year", "5 years"),
        ("£5", "5 pounds"),
        ("6100.43 km", "6,100.43 kilometres"),
        ("2½ hours", "150 minutes"),
        ("1.234,56 euros", "1,234.56 euros"),
    ],
)
def test_one_amount_in_two_spellings(one, other):
    assert same_amount(amount(one), amount(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("47 million", "47 billion"),
        ("5 km", "5 miles"),
        ("$5", "€5"),
        ("47 percent", "47 percentage points"),
        ("47 percent", "47"),
        ("5 years", "5 months"),
        ("third", "3"),
        ("20 °C", "20 °F"),
        ("-5 °C", "5 °C"),
    ],
)
def test_two_amounts(one, other):
    assert not same_amount(amount(one), amount(other))


def test_amounts_have_the_spans_of_their_words():
    text = "It cost $1.5 million in all, or forty-seven percent more than the 12 km of 5 to 10 GB."
    assert [text[a.start : a.end] for a in find_amounts(text)] == [
        "$1.5 million", "forty-seven percent", "12 km", "5", "10 GB",
    ]  # fmt: skip
    assert find_amounts("5 to 10 km")[0].value == 5000
    assert [int(a.value) for a in find_amounts("one two three")] == [1, 2, 3]
    assert find_amounts("COVID-19 and the A380") == []


@pytest.mark.parametrize(
    ("claim", "evidence", "proved"),
    [
        ("16 January 2025", "2025-01-16", True),
        ("January 16, 2025", "Jan. 16, 2025", True),
        ("January 2025", "16 January 2025", True),
        ("2025", "January 2025", True),
        ("16 January 2025", "January 2025", False),
        ("17 January 2025", "16 January 2025", False),
        ("the 1990s", "1994", True),
        ("the 1990s", "2004", False),
        ("1994", "the 1990s", False),
        ("the 19th century", "1850", True),
        ("the nineteenth century", "the 19th century", True),
        ("300 BC", "300 AD", False),
    ],
)
def test_partial_dates_agree_with_whole_ones_that_hold_them(claim, evidence, proved):
    (said,), (proof,) = find_dates(claim), find_dates(evidence)
    assert same_date(said, proof) is proved
    if proved:
        assert not dates_clash(said, proof)


def test_ranges_units_and_modal_verbs():
    days = find_dates("16–18 January 2025")
    assert [(d.year, d.month, d.day) for d in days] == [(2025, 1, 16), (2025, 1, 18)]
    assert [d.year for d in find_dates("in 1990–95")] == [1990, 1995]
    assert find_dates("May I have 1500 km?") == []
    assert [d.month for d in find_dates("It rained in May.")] == [5]


def words(text, kind):
    return [text[item.start : item.end] for item in getattr(find_facts(text), kind)]


def test_names():
    text = "The mayor met Anna Berg of the University of Oxford. Researchers at IBM left on Jan. 5."
    assert words(text, "names") == ["Anna Berg", "University of Oxford", "IBM"]
    lone = find_facts("Rihanna sang. We heard Beyoncé. Beyoncé left.").names
    assert [name.certain for name in lone] == [False, True, True]


@pytest.mark.parametrize("quoted", ["“{}”", '"{}"', "‘{}’", "«{}»", "„{}“", "'{}'", "「{}」"])
def test_quotations_in_marks_of_all_styles(quoted):
    assert words(f"He said {quoted.format('come here')} twice.", "quotations") == ["come here"]


def test_negations():
    text = "It isn't so, I cannot, he failed to go, nobody left; not only that, no doubt, No. 5."
    assert words(text, "negations") == ["n't", "not", "failed to", "nobody"]
    assert words("The dog's bone wasn’t 'mine'.", "negations") == ["n’t"]


@given(st.text(max_size=200))
def test_any_text_can_be_read_and_spans_lie_in_it(text):
    facts = find_facts(text)
    for found in (facts.amounts, facts.dates, facts.names, facts.quotations, facts.negations):
        assert all(0 <= item.start < item.end <= len(text) for item in found)


@pytest.mark.parametrize(
    "piece", ["1", "1,", "1,234,", "one ", "A.", "“ ", "' a ", "1 to ", "A of "]
)
def test_time_grows_with_length_only(piece):
    def seconds(n):
        """Least of three: the collector's pauses and other work only add."""
        text = piece * (n // len(piece))
        taken = []
        for _ in range(3):
            began = time.process_time()
            find_facts(text)
            taken.append(time.process_time() - began)
        return min(taken)

    seconds(1000)
    # Four times the text: four times as long, where looking twice would take sixteen.
    assert seconds(120_000) < 9 * max(seconds(30_000), 0.005)


@pytest.mark.parametrize(
    "run", ["1.5,3", "1.234.567,8", "1.2.3", "1,2,", "1.234\u00a0567", "9" * 5000]
)
def test_odd_runs_of_digits_are_no_error(run):
    find_facts(f"It cost {run} euros.")
