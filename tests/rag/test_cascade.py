"""Passages are read one pair after the other until an answer is sure; what was read is weighed."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from index.library import Library
from index.types import Role
from models.fake import FakeEmbedder, FakeSpanReader
from models.protocols import Reading as SpanReading
from models.protocols import ReadingTask, SpanCandidate
from rag.citing import Citer
from rag.drafts import Draft, Reading
from rag.evidence import EvidenceFinder, sentence_features
from rag.extract import ExtractReader
from rag.questions import analyse_question
from rag.retriever import Retriever
from rag.types import Event

pytestmark = pytest.mark.usefixtures("plain_weights")

DOCUMENTS = {
    "report.txt": """The Arlen station: a report

March 1, 2024

The station in Arlen delivers 300 megawatts. It was built by Odum and not by Grewal.
""",
    "survey.txt": """A survey of stations

May 5, 2025

The Arlen station delivers 450 megawatts, the surveyors found.
""",
    "register.txt": """Register of power stations

June 7, 2023

Arlen: the station delivers 300 megawatts to the grid.
""",
    "notes.txt": """Long Runway, episode 12

The dam in Brock holds 90 gigalitres of water.

Correction: An earlier version of these notes misstated a figure. The dam in Brock holds 80 gigalitres.
""",
    "fair.txt": """The fair

The fair was hosted by two cities. The first fair was held in Geneva in the spring. The second fair was held
in Shanghai in the autumn. A third fair is planned for Lisbon.
""",
    "tolls.txt": """The tolls of the bridge

Correction: The list was late. The first toll is 5 crowns. The second toll is 6 crowns. The third is waived.
""",
}
MEGAWATTS = "How many megawatts does the Arlen station deliver?"
GIGALITRES = "How many gigalitres does the dam in Brock hold?"
CITIES = "Which two cities hosted the fair?"


class Scripted(FakeSpanReader):
    """Marks the words of its script wherever they stand, as likely as the script says."""

    def __init__(self, script: Mapping[str, float]) -> None:
        super().__init__()
        self.script = script
        self.calls: list[list[ReadingTask]] = []

    def read(self, tasks: Sequence[ReadingTask]) -> list[SpanReading]:
        self.calls.append(list(tasks))
        return [self._marked(task.passage) for task in tasks]

    def _marked(self, text: str) -> SpanReading:
        spans = [
            SpanCandidate(at, at + len(words), -10 + math.log(p / (1 - p)), 2)
            for words, p in self.script.items()
            if (at := text.find(words)) >= 0
        ]
        return SpanReading(tuple(spans), -10.0, 7)


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("places")
    (folder / "documents").mkdir()
    for name, text in DOCUMENTS.items():
        (folder / "documents" / name).write_text(text, encoding="utf-8")
    made = Library(folder / "library", FakeEmbedder())
    made.add([folder / "documents"])
    yield made
    made.close()


Outcome = tuple[Draft, Scripted, list[Event]]
Ask = Callable[..., Outcome]


@pytest.fixture
def ask(places: Library) -> Ask:
    """Asks with a script; what holds for every answer is checked."""

    def run(question: str, script: Mapping[str, float], n_read: int = 5) -> Outcome:
        hits, vector = Retriever(places).retrieve_with_vector(question, 9)
        assert len(hits) >= 5
        store = places.store
        finder = EvidenceFinder(sentence_features(places))
        spans = Scripted(script)
        reader = ExtractReader(spans, finder, store, n_read=n_read)
        draft = Draft()
        reading = Reading(analyse_question(question), tuple(hits), vector, Citer(places))
        events = list(reader.answer(reading, draft))
        assert not draft.read & draft.left_out.keys()
        assert draft.read | draft.left_out.keys() == {hit.passage.id for hit in hits}
        assert (draft.status == "refused") == (not draft.sentences)
        assert draft.tokens["prompt"] == 7 * sum(map(len, spans.calls))
        return draft, spans, events

    return run


def texts(draft: Draft) -> list[str]:
    return [sentence.text for sentence in draft.sentences]


def documents(draft: Draft) -> list[str]:
    """File names of the citations, in order."""
    return [c.path.rsplit("/", 1)[-1] for s in draft.sentences for c in s.citations]


# -- how much is read -------------------------------------------------------------------------


def test_reading_stops_when_sure(ask: Ask) -> None:
    draft, spans, events = ask(MEGAWATTS, {"300 megawatts": 0.95})
    assert len(spans.calls) == 1
    assert len(draft.read) == 2
    assert set(draft.left_out.values()) == {"other passages answered better"}
    assert [e.text for e in events if e.text.startswith("Reading")] == ["Reading passage 2 of 5"]
    assert draft.short_answer == "300 megawatts"
    assert draft.confidence >= 0.9


def test_reading_goes_on_while_unsure(ask: Ask) -> None:
    draft, spans, _ = ask(GIGALITRES, {"80 gigalitres": 0.7})
    assert [len(call) for call in spans.calls] == [2, 2, 1]
    assert len(draft.read) == 5
    assert draft.status == "answered"
    assert draft.confidence == pytest.approx(0.7)


@pytest.mark.parametrize(("n_read", "calls"), [(1, [1]), (2, [2]), (3, [2, 1]), (5, [2, 2, 1])])
def test_so_many_passages_are_read_two_at_once(ask: Ask, n_read: int, calls: list[int]) -> None:
    draft, spans, events = ask(MEGAWATTS, {}, n_read=n_read)
    assert [len(call) for call in spans.calls] == calls
    assert len(draft.read) == sum(calls)
    last = [e.text for e in events if e.kind == "step"][-1]
    assert last == f"Reading passage {sum(calls)} of {sum(calls)}"


def test_fewer_are_read_where_there_are_no_more(ask: Ask) -> None:
    draft, _, _ = ask(MEGAWATTS, {}, n_read=99)
    assert draft.left_out == {}


@pytest.mark.parametrize(
    ("question", "words"),
    [(GIGALITRES, "gigalitres"), ("Where was the second fair held?", "Shanghai")],
)
def test_the_best_passage_is_read_first(ask: Ask, question: str, words: str) -> None:
    _, spans, _ = ask(question, {})
    first, *others = [task for call in spans.calls for task in call]
    assert words in first.passage
    assert first.question == question
    assert all(task.passage != first.passage for task in others), "each passage once"


def test_a_task_has_the_breadcrumb_of_its_passage(ask: Ask, places: Library) -> None:
    _, spans, _ = ask(MEGAWATTS, {})
    known = {
        (p.breadcrumb, p.text)
        for document in places.store.documents()
        for p in places.store.document_passages(document.id)
    }
    assert {(t.breadcrumb, t.passage) for call in spans.calls for t in call} <= known


# -- what is made of it -----------------------------------------------------------------------


def test_equal_answers_of_two_documents_add(ask: Ask) -> None:
    draft, _, _ = ask(MEGAWATTS, {"300 megawatts": 0.6, "450 megawatts": 0.3})
    assert draft.status == "answered"
    assert draft.short_answer == "300 megawatts"
    assert draft.confidence == pytest.approx(1 - 0.4 * 0.4)
    assert len(draft.sentences) == 1
    assert "300 megawatts" in texts(draft)[0]


def test_what_two_say_outweighs_one(ask: Ask) -> None:
    draft, _, _ = ask(MEGAWATTS, {"300 megawatts": 0.4, "450 megawatts": 0.45})
    assert draft.short_answer == "300 megawatts"
    assert draft.confidence == pytest.approx(1 - 0.6 * 0.6)


def test_a_disputed_answer_shows_both_sides_the_newer_first(ask: Ask) -> None:
    draft, _, _ = ask(MEGAWATTS, {"300 megawatts": 0.6, "450 megawatts": 0.7})
    assert draft.status == "disputed"
    assert draft.short_answer == "450 megawatts"
    newer, older = texts(draft)
    assert newer == "The Arlen station delivers 450 megawatts, the surveyors found."
    assert "300 megawatts" in older
    assert documents(draft)[0] == "survey.txt"
    assert documents(draft)[1] in ("report.txt", "register.txt")
    assert [c.n for s in draft.sentences for c in s.citations] == [1, 2]
    assert all(s.support == "supported" and s.kind == "quote" for s in draft.sentences)


@pytest.mark.parametrize("likely", [0.6, 0.8])
def test_a_correction_outranks_and_both_are_shown(ask: Ask, likely: float) -> None:
    draft, _, _ = ask(GIGALITRES, {"90 gigalitres": 0.7, "80 gigalitres": likely})
    assert draft.status == "answered"
    assert draft.short_answer == "80 gigalitres"
    assert texts(draft) == [
        "The dam in Brock holds 80 gigalitres.",
        "Correction: An earlier version of these notes misstated a figure.",
        "The dam in Brock holds 90 gigalitres of water.",
    ]
    roles = [c.role for s in draft.sentences for c in s.citations]
    assert roles[:2] == [Role.CORRECTION] * 2
    assert roles[2] != Role.CORRECTION


def test_a_span_over_two_sentences_is_quoted_with_both(ask: Ask) -> None:
    draft, _, _ = ask("What of the first fair?", {"in the spring. The second": 0.8})
    assert draft.short_answer == "in the spring. The second"
    assert texts(draft) == [
        "The first fair was held in Geneva in the spring.",
        "The second fair was held in Shanghai in the autumn.",
    ]


def test_of_a_long_correction_the_sentences_that_answer_are_shown(ask: Ask) -> None:
    draft, _, _ = ask("What of the first toll?", {"crowns. The second toll": 0.8})
    assert texts(draft) == ["The first toll is 5 crowns.", "The second toll is 6 crowns."]
    assert {c.role for s in draft.sentences for c in s.citations} == {Role.CORRECTION}


def test_a_list_takes_the_spans_of_several_sentences(ask: Ask) -> None:
    draft, _, _ = ask(CITIES, {"Geneva": 0.7, "Shanghai": 0.8, "Lisbon": 0.4})
    assert draft.status == "answered"
    assert draft.short_answer == "Shanghai; Geneva"
    first, second = texts(draft)
    assert "in Shanghai" in first
    assert "in Geneva" in second


def test_two_entries_of_one_sentence_quote_it_once(ask: Ask) -> None:
    draft, _, _ = ask(CITIES, {"Geneva": 0.8, "the spring": 0.7})
    assert draft.short_answer == "Geneva; the spring"
    assert texts(draft) == ["The first fair was held in Geneva in the spring."]


def test_a_list_has_four_entries_at_most(ask: Ask) -> None:
    script = {"Geneva": 0.8, "Shanghai": 0.79, "Lisbon": 0.78, "the spring": 0.77, "autumn": 0.76}
    draft, _, _ = ask(CITIES, script)
    assert draft.short_answer == "Geneva; Shanghai; Lisbon; the spring"


@pytest.mark.parametrize(
    ("marked", "short"),
    [("by Odum", "Odum"), ("not by Grewal", "Grewal"), ("Odum and not by Grewal", None)],
)
def test_either_or_gives_the_option_that_the_span_names(
    ask: Ask, marked: str, short: str | None
) -> None:
    draft, _, _ = ask("Was the Arlen station built by Odum or Grewal?", {marked: 0.8})
    # A span that names both is given as it stands.
    assert draft.short_answer == (short or marked)
    assert texts(draft)[0] == "It was built by Odum and not by Grewal."
    assert len(draft.sentences) <= 2


# -- silence ----------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [{}, {"300 megawatts": 0.1}])
def test_a_refusal_has_no_sentences_and_no_short_answer(
    ask: Ask, script: Mapping[str, float]
) -> None:
    draft, _, events = ask(MEGAWATTS, script, n_read=3)
    assert (draft.status, draft.sentences, draft.short_answer) == ("refused", [], None)
    assert 0 <= draft.confidence < 0.4
    assert len(draft.read) == 3
    assert set(draft.left_out.values()) == {"no sentence in it answers the question"}
    assert {event.kind for event in events} == {"step"}


def test_the_threshold_is_that_of_the_weights(ask: Ask) -> None:
    assert ask(GIGALITRES, {"80 gigalitres": 0.41})[0].status == "answered"
    assert ask(GIGALITRES, {"80 gigalitres": 0.39})[0].status == "refused"
