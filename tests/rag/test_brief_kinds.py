"""People and organisations told apart by what stands in and around their names."""

from collections.abc import Callable
from pathlib import Path

import pytest

from index.library import Library
from index.types import Passage, Role
from models.fake import FakeEmbedder
from rag.brief_document import brief_document
from rag.brief_kinds import Kinds, place_in
from rag.brief_names import Named
from rag.brief_sentences import Told


def sentences(*texts: str) -> list[Told]:
    """Sentences of one passage."""
    whole = " ".join(texts)
    passage = Passage(1, 1, 0, len(whole), whole, "Title", Role.BODY)
    starts = [whole.index(text) for text in texts]
    return [
        Told(passage, start, start + len(text), text, Role.BODY, 0, i)
        for i, (start, text) in enumerate(zip(starts, texts, strict=True))
    ]


def named(name: str, told: list[Told], *written: str, speaks: bool = False) -> Named:
    ways = (name, *written)
    mentions = tuple(one for one in told if any(way in one.text for way in ways))
    return Named(name, len(mentions), mentions, speaks, ways)


def kind(name: str, *texts: str, others: tuple[str, ...] = (), **how) -> str:
    told = sentences(*texts)
    one = named(name, told, **how)
    return Kinds([one, *(named(other, told) for other in others)], told).kind(one)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Li Qiang", "A body was proposed by Premier Li Qiang on Monday."),
        ("Dr Isak Wren", "It was small, said Dr Isak Wren."),
        ("Deng Haoyu", "It quotes the robotics engineer Deng Haoyu on this."),
        ("Liang Wenfeng", "Its founder, Liang Wenfeng, came out of a fund."),
        ("Hu Jialin", "Hu Jialin, a labour economist at the consultancy Tidemark, warned of it."),
        ("Thandeka Morrow", "So says Thandeka Morrow, Chief Executive of Northern Sound Lines."),
        (
            "Andrew Pellow",
            "The managing director of Northlink, Andrew Pellow, said it could be paid.",
        ),
        ("Lotte Sand", "Lotte Sand, who grows lettuce there, said a week was too long."),
        ("Juno Achterberg", "Juno Achterberg, 26, is at the bench today."),
        ("Tilda Okonjo", "February 9, 2020 by Tilda Okonjo"),
        ("Leopold Hartigan", "Editor: Leopold Hartigan."),
        ("Biden", "The Biden administration published the rule in its last week."),
        ("John F. Kennedy", "In 1961 John F. Kennedy spoke of the Moon."),
    ],
)
def test_people(name: str, text: str) -> None:
    assert kind(name, text) == "person"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ministry of Finance", "Its largest shareholder is the Ministry of Finance."),
        ("Technical University of Norhavn", "Ask the Technical University of Norhavn."),
        ("DUNMORE ESTATES LIMITED", "DUNMORE ESTATES LIMITED has its office there."),
        ("Ottersby County Court", "Disputes belong before the Ottersby County Court."),
        ("MacroPolo", "The list was compiled by the US think tank MacroPolo in May."),
        ("Quillwater", "“We recruit people,” said a researcher at Quillwater."),
        ("Tidemark", "Hu Jialin, an economist at the consultancy Tidemark, warned of it."),
        ("Ascenda", "The shareholders of Ascenda were not asked; Ascenda announced it later."),
        ("AMD", "AMD, in a filing of its own, put the cost at $800 million."),
        ("Nvidia", "Nvidia had said that it expected to sell the chip again."),
        ("SenseTime", "Other organisations follow, among them SenseTime and Megvii."),
        ("White House", "It was presented at the White House in January."),
    ],
)
def test_organisations(name: str, text: str) -> None:
    assert kind(name, text) == "organisation"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("China", "China said that it would answer, and China announced a plan."),
        ("Washington", "Washington said it was ready; the talks in Washington went on."),
        ("Kessel Bridge", "The Kessel Bridge was closed, said the minister."),
        ("H20", "The H20 has needed a licence since April; Nvidia sells the H20."),
        ("Norhavn", "The ambulance service in Norhavn says it needs nineteen minutes."),
        ("Entity List", "Biren and Moore Threads join the Entity List."),
        ("Moderator", "Moderator said good evening to all."),
        ("Licence Pending", "Petra Lindqvist is the author of Licence Pending."),
        ("Moonshot", "Moonshot did so in July."),
        ("Żelazowa Wola", "He was born in the village of Żelazowa Wola."),
    ],
)
def test_what_is_neither_or_is_not_clear(name: str, text: str) -> None:
    assert kind(name, text) == "other"


def test_who_speaks_is_a_person_unless_it_is_a_role() -> None:
    assert kind("Petra Lindqvist", "It is late.", speaks=True) == "person"
    assert kind("AUDIENCE MEMBER", "It is late.", speaks=True) == "other"


def test_he_tells_a_person() -> None:
    text = "Silas Gott levelled the line in February."
    assert kind("Silas Gott", text, "He had no map.") == "person"
    assert kind("Silas Gott", text, "It rained.") == "other"


def test_an_acronym_is_what_it_stands_for() -> None:
    text = "The Bureau of Industry and Security (BIS) rewrote the limits."
    assert kind("BIS", text) == "organisation"
    assert kind("LLM", "A large language model (LLM) was trained.") == "other"


def test_a_list_holds_one_kind() -> None:
    text = "Its members were Eleanor Osei (chair), Ruairi Penhallow and Adaeze Thorne."
    names = ("Eleanor Osei", "Ruairi Penhallow", "Adaeze Thorne")
    assert kind("Adaeze Thorne", text, others=names[:2]) == "person"
    alone = "Its members were Ruairi Penhallow and Adaeze Thorne."
    assert kind("Adaeze Thorne", alone, others=names[1:2]) == "other"


def test_a_first_name_is_that_of_a_person() -> None:
    texts = ("The economist Odile Ferrand came.", "Along the way Odile explains why.")
    assert kind("Odile", *texts, others=("Odile Ferrand",)) == "person"


def test_a_surname_alone_tells_of_the_whole_name() -> None:
    told = sentences(
        "It was built by nobody but Thomas Savery.", "Nothing of what Savery built is left."
    )
    one = named("Thomas Savery", told, "Savery")
    assert Kinds([one], told).kind(one) == "person"


def test_what_other_documents_say_settles_what_one_does_not() -> None:
    told = sentences("Moonshot did so in July.")
    one = named("Moonshot", told)
    text = "The model was made by the startup Moonshot in Beijing."
    start = text.index("Moonshot")
    places = [place_in(text, start, start + len("Moonshot"))]
    assert Kinds([one], told).kind(one) == "other"
    assert Kinds([one], told, lambda _: places).kind(one) == "organisation"


@pytest.fixture
def brief_of(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """The labels of the first text's names, by part, in a library of all."""
    library = Library(tmp_path / "library", FakeEmbedder())

    def make(*texts: str) -> dict[str, str]:
        for i, text in enumerate(texts):
            (tmp_path / f"{i}.txt").write_text(text, encoding="utf-8")
        library.add([tmp_path / f"{i}.txt" for i in range(len(texts))])
        first = next(d for d in library.store.documents() if d.path.endswith("0.txt"))
        brief = brief_document(library, first, "long")
        return {s.key: "; ".join(line.label for line in s.lines) for s in brief.sections}

    yield make
    library.close()


REPORT = (
    "The year in Arlen\n\nThe engineer Anton Reyes came to Arlen in the spring of the year. "
    "The mills of Arlen were closed by then, and nobody had work. "
    "Anton Reyes said that a dam above Arlen would pay for itself. "
    "Kestrel did not answer the letters that came from there. "
    "The company Northgrid built the dam above Arlen in two years. "
    "It was said that Kestrel would come to regret its silence. "
    "Northgrid paid for the roads to the dam as well.\n"
)


def test_a_brief_has_a_part_for_each_kind(brief_of) -> None:
    parts = brief_of(REPORT)
    assert parts["people"].startswith("Anton Reyes · named 2×")
    assert "Northgrid · named 2×" in parts["organisations"]
    assert "Arlen" in parts["names"]
    assert "Kestrel" in parts["names"]


def test_the_library_tells_what_a_document_takes_for_known(brief_of) -> None:
    other = "A note\n\nThe shareholders of the bank Kestrel met on Monday to vote on the dam.\n"
    assert "Kestrel" in brief_of(REPORT, other)["organisations"]
