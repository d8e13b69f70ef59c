"""Questions about the whole library that the tagger marks: what is made of the marks."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library import Library
from models.fake import FakeEmbedder
from models.tagger import QuestionTagger, Tagged
from rag.census import CensusTaker
from rag.census_tagged import TaggedReader
from rag.census_types import Census
from rag.citing import Citer

FILES = {
    "letters/letter-01.txt": (
        "Letter\nDate: 2 May 2021\nFrom: Ann Lee\nTo: the council\n\nThe Stella leaks oil."
    ),
    "letters/letter-02.txt": (
        "Letter\nDate: 3 June 2021\nFrom: Bo Ek\n\nThe Stella Borealis was late, 1,400 people."
    ),
    "scans/scan-07.txt": (
        "Letter of complaint\n\nDate: 9 July 2022\nFrom: Cy Dorn\n\nMice in the pantry."
    ),
    "memos/memo-01.txt": (
        "Memo\nDate: 1 May 2020\nBy: Ann Lee\n\nMice again, and passengers: 250 on Monday."
    ),
    "memos/memo-02.txt": (
        "Memorandum\nDate: 1 May 2022\nBy: Bo Ek\n\nThe diffusion rule is gone. Damage: 700 euros."
    ),
}


class Marked:
    """A tagger that is told what it finds: `{label|words}` in the question."""

    def __init__(self, asks: str, marked: str, probability: float = 1.0) -> None:
        self.question = re.sub(r"\{\w+\|([^}]*)\}", r"\1", marked)
        self._asks, self._probability = asks, probability
        self._spans: list[tuple[str, int, int]] = []
        shift = 0
        for match in re.finditer(r"\{(\w+)\|([^}]*)\}", marked):
            start = match.start() - shift
            self._spans.append((match[1], start, start + len(match[2])))
            shift += len(match[1]) + 3

    def read(self, question: str) -> Tagged:
        assert question == self.question
        return Tagged(self._asks, self._probability, tuple(self._spans), 1.0)


def read(asks: str, marked: str, probability: float = 1.0) -> Census | None:
    tagger = Marked(asks, marked, probability)
    kinds = {("letter",), ("memo",), ("report",), ("voyag",), ("voyag", "report")}
    reader = TaggedReader(tagger, lambda stems: tuple(stems) in kinds, lambda words: True)
    return reader.read(tagger.question)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    for name, text in FILES.items():
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / "files"])
    yield library
    library.close()


def ask(library: Library, asks: str, marked: str) -> str | None:
    tagger = Marked(asks, marked)
    taken = CensusTaker(library, tagger).answer(tagger.question, Citer(library))
    assert taken is not None
    return taken[0].short_answer


def test_conditions() -> None:
    assert read(
        "count",
        "how many {kind|letters} on {want|rats}, {want|mice} or {want|moles}, not {not|cats}",
    ) == Census("count", (("letter",),), (("rats", "mice", "moles"),), ("cats",))
    assert read("list", "{kind|memos} {in|2021} on {want|tax} and {want|rent}") == Census(
        "list", (("memo",),), (("tax",), ("rent",)), (), (("from", "2021"), ("until", "2021"))
    )
    both = read(
        "list", "{kind|letters} of {from|January} to {until|March 2025} by {by|Ann Lee or Bo Ek}"
    )
    assert both is not None
    assert both.dates == (("from", "2025-01"), ("until", "2025-03"))
    assert both.parties == (("by", "Ann Lee"), ("by", "Bo Ek"))


def test_limits_say_what_they_count() -> None:
    found = read("list", "{kind|voyage reports} with more than {over|1,300} passengers")
    assert found is not None
    assert (found.bounds, found.counted) == ((("over", 1300.0, ""),), ("passeng",))
    money = read("list", "{kind|memos} over {over|500 euros}")
    assert money is not None
    assert (money.bounds, money.counted) == ((("over", 500.0, "EUR"),), ())


def test_what_does_not_fit_together_is_left_alone() -> None:
    assert read("none", "Who wrote the {kind|letter}?") is None
    assert read("count", "how many {kind|letters} on {want|rats}", probability=0.6) is None
    assert read("count", "How many {kind|grants} went to {to|Larkfield}?") is None
    assert read("count", "how many {kind|letters} {in|spring}") is None
    assert read("list", "parish clerk {want|opening hours}") is None
    assert read("last", "When was {want|hosing} last banned?") is None
    assert read("highest", "What is the largest {measure|city} in Poland?") is None


def test_the_narrower_kind_counts() -> None:
    found = read(
        "list", "On which {kind|voyages} was {want|ice} met? Give me the {kind|voyage reports}"
    )
    assert found is not None
    assert found.kinds == (("voyag", "report"),)


def test_a_title_tells_the_kind_where_the_name_does_not(library: Library) -> None:
    assert ask(library, "count", "How many {kind|letters} are there?") == "3"
    assert ask(library, "count", "How many {kind|memos} do we have?") == "2"


def test_a_longer_name_that_is_ruled_out_does_not_count(library: Library) -> None:
    assert ask(library, "count", "How many {kind|letters} name the {want|Stella}?") == "2"
    marked = "How many {kind|letters} name the {want|Stella} (not the {not|Stella Borealis})?"
    assert ask(library, "count", marked) == "1"


def test_numbers_of_things(library: Library) -> None:
    marked = "Which {kind|memos} have more than {over|200 passengers}?"
    assert ask(library, "list", marked) == "Memo"
    marked = "Which {kind|letters} count more than {over|1,300 people}?"
    assert ask(library, "list", marked) == "Letter (letter-02.txt)"


def test_a_phrase_that_stands_nowhere_whole(library: Library) -> None:
    marked = "Which documents mention the {want|American diffusion rule}?"
    assert ask(library, "list", marked) == "Memorandum"


def test_who_wrote_and_who_did_not(library: Library) -> None:
    assert ask(library, "first", "Who wrote the first {kind|memo}?") == "Ann Lee (Memo, 2020-05-01)"
    marked = "Which {kind|memos} were not written by {not|Ann Lee}?"
    assert ask(library, "list", marked) == "Memorandum"
    marked = "everything by {by|Ann Lee} or {by|Cy Dorn} about {want|mice}"
    assert ask(library, "list", marked) == "Memo; Letter of complaint"


def test_the_question_is_mended_only_where_that_helps(library: Library) -> None:
    class Reads:
        def read(self, question: str) -> Tagged:
            at = question.index("letters") if "letters" in question else -1
            spans = (("kind", at, at + 7),) if at >= 0 else ()
            return Tagged("count" if spans else "none", 1.0, spans, 1.0)

    taker = CensusTaker(library, Reads())
    taken = taker.answer("number of leters", Citer(library), mended="number of letters")
    assert taken is not None
    assert taken[0].short_answer == "3"
    assert taker.answer("number of leters", Citer(library)) is None


@pytest.mark.slow
def test_the_trained_tagger_reads_what_no_rule_knows(library: Library) -> None:
    taker = CensusTaker(library, QuestionTagger())
    for question, answer in (
        ("I'd love to know in how many of our letters mice crop up at all", "1"),
        ("Mice: what's the headcount of memos that bring them up?", "1"),
    ):
        taken = taker.answer(question, Citer(library))
        assert taken is not None, question
        assert taken[0].short_answer == answer
    for question in ("Why did the ferry sink?", "Who is the mayor of Ostrand?"):
        assert taker.answer(question, Citer(library)) is None
