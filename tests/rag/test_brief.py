"""Briefs of a document and on a topic, over a library of fakes."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from index.errors import FilterError
from index.filters import take_filters
from index.library import Library
from models.fake import FakeEmbedder
from rag import brief_material
from rag.brief import LENGTHS, Brief, brief_json, read_brief
from rag.brief_document import brief_document
from rag.brief_rendering import brief_markdown
from rag.brief_subject import find_document
from rag.brief_topic import brief_topic
from rag.errors import AnswerFileError, BriefError
from rag.retriever import Retriever

TEXTS = {
    "report.md": """# The station in Arlen

Published 30 May 2025

The new station in Arlen delivers 300 megawatts to three data centres of the company Northgrid.
Northgrid paid 41 million euros for the station, half of it from a state fund of Westland.
Anton Reyes, the head of Northgrid, called the station the largest of its kind in Westland.

## How it was built

The first turbine of the station in Arlen was delivered on 3 March 2024 from a factory in Osterby.
On 13 May the town council of Arlen gave the permit for the second turbine.
He said it was late.

## What is open

It is not known who will pay for the cables between the station in Arlen and the coast.
Who will run the station in Arlen after the year 2040?

Correction: An earlier version of this report said that the station delivers 900 megawatts.
It delivers 300 megawatts.

Comments (1)

Gordon Pyle

The station in Arlen is a disgrace and everybody at Northgrid knows it.

Jun 14th

Subscribe to our newsletter | Share | Play | 00:00 / 41:07
""",
    "interview.txt": """The wall and the ladder: an interview

January 16, 2025

Mara Lindqvist: Welcome to the programme. What do you make of the export controls on chips?

Anton Reyes: I think the export controls on chips slow China down by two years, and never more.

Mara Lindqvist: Do the export controls hurt companies at home?

Anton Reyes: Export controls cost American suppliers about 47 percent of their sales there.

Mara Lindqvist: My own view is that researchers simply leave for universities in Singapore.

Anton Reyes: Nobody who has built a factory believes that controls on exports last for ever.
""",
    "workshop-a.txt": "Workshops\n\nPublished 3 May 2025\n\nThe third workshop in Shanghai brought together "
    "delegates from 38 countries.\n",
    "workshop-b.txt": "A digest\n\nPublished 9 May 2025\n\nDelegates from 36 countries came together at the "
    "third workshop in Shanghai.\n",
}


@pytest.fixture(scope="module")
def briefed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("briefed")
    (folder / "documents").mkdir()
    for name, text in TEXTS.items():
        (folder / "documents" / name).write_text(text, encoding="utf-8")
    made = Library(folder / "library", FakeEmbedder())
    assert not made.add([folder / "documents"]).skipped
    yield made
    made.close()


@pytest.fixture
def made_of(tmp_path: Path) -> Iterator[Callable[[str], Brief]]:
    """The brief of a text."""
    library = Library(tmp_path / "library", FakeEmbedder())

    def make(text: str, **how) -> Brief:
        path = tmp_path / "text.txt"
        path.write_text(text, encoding="utf-8")
        library.add([path])
        return check(brief_document(library, library.store.documents()[0], **how), library)

    yield make
    library.close()


def check(brief: Brief, library: Library) -> Brief:
    """What holds for every brief: each line is proven, and JSON gives it back."""
    for section in brief.sections:
        assert section.lines
        for line in section.lines:
            assert line.sentence.citations
            for citation in line.sentence.citations:
                text = library.store.text(int(citation.document))
                assert citation.quote == text[citation.start : citation.end] != ""
            if line.sentence.kind == "quote":
                assert line.sentence.text == " ".join(line.sentence.citations[0].quote.split())
                assert line.sentence.support == "supported"
            else:
                assert line.sentence.text.endswith("?")
    back = read_brief(json.loads(json.dumps(brief_json(brief))))
    assert dataclasses.replace(back, timings_ms={}) == dataclasses.replace(brief, timings_ms={})
    markdown = brief_markdown(brief)
    assert all(f"[^{c.n}]: " in markdown for c in brief.citations)
    assert str(library.folder.parent) not in markdown
    return brief


def lines(brief: Brief, key: str) -> list[tuple[str, str]]:
    """(label, words) of a part; none where it is not there."""
    return [
        (line.label, line.sentence.text)
        for section in brief.sections
        if section.key == key
        for line in section.lines
    ]


def words(brief: Brief, key: str) -> str:
    return "\n".join(text for _, text in lines(brief, key))


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("name", TEXTS)
def test_every_line_of_a_document_stands_there(briefed: Library, name: str, length) -> None:
    document = find_document(briefed.store, name)
    brief = check(brief_document(briefed, document, length), briefed)
    assert lines(brief, "takeaways")
    assert (brief.kind, brief.n_documents, brief.note) == ("document", 1, "")


def test_the_parts_of_a_report(briefed: Library) -> None:
    brief = brief_document(briefed, find_document(briefed.store, "report.md"))
    assert lines(brief, "about")[:2] == [
        ("Title", "The station in Arlen"),
        ("Date", "30 May 2025"),
    ]
    assert [label for label, _ in lines(brief, "chapters")] == ["How it was built", "What is open"]
    assert [label for label, _ in lines(brief, "dates")] == ["3 March 2024", "13 May [2025]"]
    assert {"300 megawatts", "41 million euros"} <= {label for label, _ in lines(brief, "figures")}
    named = {
        key: " ".join(label for label, _ in lines(brief, key))
        for key in ("people", "organisations", "names")
    }
    assert "Anton Reyes · named" in named["people"]
    assert "Northgrid · named" in named["organisations"]
    assert "Arlen · named" in named["names"]
    assert "It is not known who will pay" in words(brief, "open")
    assert "Who will run the station" in words(brief, "open")


def test_what_is_no_text_of_the_document_is_never_a_takeaway(briefed: Library) -> None:
    brief = brief_document(briefed, find_document(briefed.store, "report.md"), "long")
    for key in ("takeaways", "chapters", "people", "organisations", "names", "figures", "dates"):
        for text in ("disgrace", "newsletter", "900 megawatts", "He said"):
            assert text not in words(brief, key)
    assert lines(brief, "corrections")[0][0] == "Correction"
    assert words(brief, "corrections").startswith("An earlier version of this report said")
    assert all(label == "Comment" for label, _ in lines(brief, "comments"))


def test_an_interview_has_its_speakers_and_questions(briefed: Library) -> None:
    brief = brief_document(briefed, find_document(briefed.store, "interview.txt"))
    assert ("Speakers", "Anton Reyes") in lines(brief, "about")
    assert "What do you make of the export controls on chips?" in words(brief, "asked")
    assert not lines(brief, "open")
    assert "Anton Reyes" in {label for label, _ in lines(brief, "takeaways")}
    assert "Mara Lindqvist:" not in words(brief, "takeaways")


@pytest.mark.parametrize(
    "text",
    ["The bridge in Arlen opened on 3 May 2021.", "Hello", "Menu | Share | Play\n\n\n", "?\n\n!"],
)
def test_a_tiny_document_has_a_brief(made_of: Callable[..., Brief], text: str) -> None:
    brief = made_of(text)
    assert not {"people", "names", "figures", "dates"} & {s.key for s in brief.sections}


def test_one_sentence_is_its_own_takeaway(made_of: Callable[..., Brief]) -> None:
    text = "The bridge in Arlen opened on 3 May 2021."
    assert lines(made_of(text), "takeaways") == [("", text)]


def test_another_language_is_quoted_as_well(made_of: Callable[..., Brief]) -> None:
    brief = made_of(
        "Die neue Brücke\n\nDie neue Brücke bei Arnstadt ist nach Angaben der Gemeinde 40 Meter lang. "
        "Der Bau der Brücke kostete 2,4 Millionen Euro. Der Freistaat Thüringen bezahlte 80 Prozent davon. "
        "Die alte Brücke aus dem Jahr 1911 war wegen Schäden gesperrt worden. Der Verein Grüne Gera hatte "
        "gegen den Bau geklagt. Das Gericht in Weimar wies die Klage im Jahr 2021 ab."
    )
    assert lines(brief, "takeaways")
    kinds = ("people", "organisations", "names")
    assert "Angaben" not in " ".join(label for key in kinds for label, _ in lines(brief, key))


def test_a_long_document_is_looked_at_in_part(
    made_of: Callable[..., Brief], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brief_material, "MOST_PASSAGES", 50)
    monkeypatch.setattr(brief_material, "MOST_EMBEDDED", 20)
    made = [
        f"## Part {n}\n\nThe station number {n} in the town of Arlen delivers {n} megawatts to the grid. "
        + "It was built by people of the town and is looked after by them to this day. " * 8
        for n in range(100)
    ]
    brief = made_of("# Stations\n\n" + "\n\n".join(made))
    assert brief.note.startswith("The document is long: 50 of its")
    assert len(lines(brief, "takeaways")) >= 3


@pytest.mark.parametrize("length", LENGTHS)
def test_a_topic_is_told_from_all_documents(briefed: Library, length) -> None:
    brief = brief_topic(briefed, Retriever(briefed), "station in Arlen", length)
    check(brief, briefed)
    assert brief.status == "found"
    dates = [label for label, _ in lines(brief, "happened")]
    assert dates[:1] == ["3 March 2024"]
    assert lines(brief, "sources")[0][0] == "The station in Arlen (2025-05-30)"
    assert "disgrace" not in json.dumps(brief_json(brief))


def test_sources_that_differ_stand_beside_each_other(briefed: Library) -> None:
    brief = check(brief_topic(briefed, Retriever(briefed), "workshop Shanghai"), briefed)
    differ = lines(brief, "differences")
    assert len(differ) == 2
    assert differ[0][0] == differ[1][0]
    assert {"36", "38"} == set(differ[0][0].replace("“", "").replace("”", "").split(" or "))
    assert brief.n_documents == 2


def test_questions_to_ask_have_answers(briefed: Library) -> None:
    brief = check(brief_topic(briefed, Retriever(briefed), "export controls"), briefed)
    asked = lines(brief, "next")
    assert (
        "The footnote holds an answer",
        "What does Anton Reyes say about export controls?",
    ) in asked
    assert "Asked in the documents" in {label for label, _ in asked}


def test_what_the_documents_do_not_say_is_refused(briefed: Library) -> None:
    brief = check(brief_topic(briefed, Retriever(briefed), "volcanoes of Iceland"), briefed)
    assert brief.status == "refused"
    assert "“volcanoes”" in brief.note
    assert {section.key for section in brief.sections} == {"nearest"}


def test_a_topic_within_a_filter(briefed: Library) -> None:
    topic, within = take_filters("export controls source:workshop")
    brief = check(brief_topic(briefed, Retriever(briefed), topic, within=within), briefed)
    assert brief.status == "refused"
    with pytest.raises(FilterError):
        brief_topic(briefed, Retriever(briefed), "chips", within=take_filters("kind:pdf")[1])


@pytest.mark.parametrize("topic", ["", " ?! ", "word " * 200])
def test_what_is_no_topic(briefed: Library, topic: str) -> None:
    with pytest.raises(BriefError, match="A topic is a few words"):
        brief_topic(briefed, Retriever(briefed), topic)


def test_a_document_is_found_by_what_names_it(briefed: Library) -> None:
    store = briefed.store
    report = find_document(store, "report.md")
    for name in (str(report.id), report.path, "station", "THE STATION IN ARLEN"):
        assert find_document(store, name) == report
    with pytest.raises(BriefError, match="2 documents have 'workshop'"):
        find_document(store, "workshop")
    for name in ("", "nothing of this name", "99", "٣"):
        with pytest.raises(BriefError, match="There is no document"):
            find_document(store, name)


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"sections": None}, {"kind": "poem"}, {"sections": [{"key": "a"}]}],
)
def test_what_is_no_brief_is_not_read(briefed: Library, change: dict) -> None:
    data = brief_json(brief_document(briefed, briefed.store.documents()[0]))
    with pytest.raises(AnswerFileError, match="no brief"):
        read_brief({**data, **change})


def test_a_surname_is_the_person_and_a_place_is_not_another(made_of: Callable[..., Brief]) -> None:
    sentences = [
        "The engineer Anton Reyes came from Osterby and built the station with his own money.",
        *(
            f"In the year {1990 + n} the money came from Reyes and from the coast."
            for n in range(4)
        ),
        "A second station was built near Nether Osterby for less than that.",
        *(f"In the summer of {1990 + n} the people of Osterby paid for a dam." for n in range(20)),
    ]
    brief = made_of(" ".join(sentences), length="long")
    people = [label for label, _ in lines(brief, "people")]
    names = {label.split(" · ")[0]: label for label, _ in lines(brief, "names")}
    assert people == ["Anton Reyes · named 5×"]
    assert "named 21×" in names["Osterby"]
    assert "Reyes" not in names
