"""Questions about the whole library: how they are understood, and that the answers are exact."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from index.filters import Filter
from index.library import Library
from models.fake import FakeEmbedder
from rag.census import CensusTaker
from rag.census_questions import CensusReader
from rag.census_types import Census
from rag.citing import Citer
from rag.drafts import Draft
from rag.pipeline import build_pipeline
from rag.rendering import answer_json
from rag.settings import Settings

FILES = {
    "letters/letter-01.txt": "A letter about noise\n\n3 May 2021\n\nThe pump near Marlow Bridge floods our "
    "cellar. The noise at night is awful.\n",
    "letters/letter-02.txt": "Second letter\n\n9 June 2021\n\nFlooding again! Flooded cellars everywhere. "
    "Nobody mentions the bridge.\n",
    "letters/letter-03.txt": "Third letter\n\n2022-03-01\n\nThe lead pipes of Harbour Street must go.\n",
    "letters/letter-04.txt": "Fourth letter\n\nThe ferry was late, and the lead in the water came from old "
    "pipes.\n",
    "invoices/invoice-1.md": "# Invoice 1\n\n4 May 2021\n\nKelm & Sons Ltd: 1,200 euros for pipes.\n",
    "invoices/invoice-2.md": "# Invoice 2\n\n2022-03-15\n\nOdum Works: EUR 950 for a pump, 12 % off.\n",
    "invoices/invoice-3.md": "# Invoice 3\n\n2023-01-15\n\nKelm & Sons: €2,400 for the Marlow roof.\n",
    "talks/interview-a.txt": "A talk\n\n5 July 2022\n\nMara: The ferry needs a pump.\n\n"
    "Ilse: I never liked it.\n\nMara: The ferry is old.\n\nIlse: True.\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("census")
    for name, text in FILES.items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = Library(folder / "library", FakeEmbedder())
    made.add([folder / "files"])
    yield made
    made.close()


def ask(library: Library, question: str, within: Filter | None = None) -> tuple[Draft, str]:
    taken = CensusTaker(library).answer(question, Citer(library), within or Filter())
    assert taken is not None, "not understood"
    draft, note = taken
    for sentence in draft.sentences:
        assert sentence.support == "supported"
        for citation in sentence.citations:
            text = library.store.text(int(citation.document), citation.start, citation.end)
            assert citation.quote == text
    return draft, note


def cited(draft: Draft) -> set[str]:
    """Names of the files that are cited, without their endings."""
    return {Path(c.path).stem for s in draft.sentences for c in s.citations}


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("How many documents are there?", 8),
        ("How many letters do we have?", 4),
        ("How many letters mention flooding?", 2),
        ("In how many documents is flooding mentioned?", 2),
        ("How many of the letters do not mention flooding?", 2),
        ("How many documents mention Marlow?", 2),
        ("How many documents mention Marlow Bridge?", 1),
        ("How many documents mention both the ferry and a pump?", 1),
        ("How many documents mention the ferry or Harbour Street?", 3),
        ("How many documents mention a pump but not the ferry?", 2),
        ("How many letters are from 2021?", 2),
        ("How many documents were written after May 2021?", 5),
        ("How many documents are there from March 2022?", 2),
        ("How many invoices are over 1,000 euros?", 2),
        ("How many invoices are at least €950?", 3),
        ("how many invoices from Kelm & Sons", 2),
        ("Are there any invoices from Kelm & Sons, and how many?", 2),
        ("Could you tell me how many letters say nothing about noise?", 3),
        ("How many documents mention the moon?", 0),
        ("How many documents mention neither the ferry nor a pump?", 4),
        ("How many documents contain the word “awful”?", 1),
        ("How many times is the ferry mentioned?", 3),
        ("How many letters mention awful noise?", 1),
        ("How many documents mention 2021?", 3),
        ("How many documents mention May 2021?", 2),
        ("How many documents mention 3 May 2021?", 1),
        ("How many documents apart from letters mention pipes?", 1),
        ("How many documents other than invoices mention a pump?", 2),
        ("How many documents mention “№”?", 0),
        ("How many letters mention noise and/or the ferry?", 2),
        ("How many letters from 2021 to 2022 mention pipes?", 1),
        ("How often is flooding mentioned in the letters?", 3),
    ],
)
def test_counts_are_exact(library: Library, question: str, count: int) -> None:
    draft, note = ask(library, question)
    assert (draft.status, draft.short_answer) == ("answered", str(count))
    assert note.startswith("Looked at all 8 documents")
    assert len(draft.sentences) == min(count, 5) or "times" in question or "often" in question


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Which letters mention flooding?", {"letter-01", "letter-02"}),
        ("List every invoice from Kelm & Sons", {"invoice-1", "invoice-3"}),
        ("List all documents from 2022 that mention a pump", {"invoice-2", "interview-a"}),
        ("Which invoices are under 1,000 euros?", {"invoice-2"}),
        ("Find all documents that talk about lead pipes", {"letter-03"}),
        ("Show me all letters that were written between 2022-01-01 and 2022-12-31", {"letter-03"}),
        (
            "Which documents say nothing about pipes, pumps or the ferry?",
            {"letter-02", "invoice-3"},
        ),
        ("In which letters does Harbour Street come up?", {"letter-03"}),
    ],
)
def test_lists_are_exact(library: Library, question: str, names: set[str]) -> None:
    draft, _ = ask(library, question)
    assert cited(draft) == names
    assert (draft.short_answer or "").count(";") == len(names) - 1


@pytest.mark.parametrize(
    ("question", "short", "name"),
    [
        ("When was the ferry first mentioned?", "2022-07-05 (A talk)", "interview-a"),
        ("When was Kelm & Sons last mentioned?", "2023-01-15 (Invoice 3)", "invoice-3"),
        ("Since when do the documents mention pipes?", "2021-05-04 (Invoice 1)", "invoice-1"),
        (
            "Which letter was the first to mention flooding?",
            "2021-05-03 (A letter about noise)",
            "letter-01",
        ),
        ("What is the oldest letter?", "A letter about noise (2021-05-03)", "letter-01"),
        ("Which is the most recent invoice?", "Invoice 3 (2023-01-15)", "invoice-3"),
        ("Which letter mentions flooding most often?", "Second letter", "letter-02"),
        ("What is the highest invoice amount?", "€2,400 (Invoice 3)", "invoice-3"),
        ("What is the lowest amount in the invoices?", "EUR 950 (Invoice 2)", "invoice-2"),
        (
            "What is the highest amount mentioned in the documents?",
            "€2,400 (Invoice 3)",
            "invoice-3",
        ),
        ("Which invoice is the largest?", "€2,400 (Invoice 3)", "invoice-3"),
        ("What is the highest percentage mentioned?", "12 % (Invoice 2)", "invoice-2"),
        ("Who mentions the ferry in the interviews?", "Mara", "interview-a"),
    ],
)
def test_one_document_or_value_is_found(
    library: Library, question: str, short: str, name: str
) -> None:
    draft, _ = ask(library, question)
    assert draft.short_answer == short
    assert cited(draft) == {name}


@pytest.mark.parametrize(
    "question",
    [
        "How many pumps does the harbour need?",
        "How many people live on Harbour Street?",
        "Which letters were found in the chest?",
        "Which invoice did the council refuse to pay because of the roof?",
        "What does the letter say about flooding?",
        "Who mentions the ferry?",
        "When was the ferry built?",
        "What is the name of the bridge?",
        "What is the highest bridge of the town?",
        "How many letters did the council burn in the yard?",
        "How many invoices are not from Kelm & Sons?",
        "How many invoices over 1,000 not from Kelm & Sons?",
        "Which letters were not written in 2021?",
        "How many invoices are not over 1,000 euros?",
        "Which documents that aren't letters mention pipes?",
        "How many documents are not letters?",
        "How many letters from 2021-13?",
        "How many documents from May to June 2021?",
        "What topics are discussed in the letters?",
        "Which dates are mentioned in the letters?",
        "How many people are mentioned in the letters?",
        "What does the oldest letter mention?",
        "What is the most recent letter about?",
        "How many letters mention ???",
        "Which letters mention pumps and pipes or the ferry?",
        "How many letters mention flooding more than once?",
        "How many invoices are more than 1 200 euros?",
        "How many documents mention pipes, letters excluded?",
        "List the reasons for the flooding",
        "What is the first step of the plan?",
        "",
    ],
)
def test_other_questions_are_left_to_the_reader(library: Library, question: str) -> None:
    assert CensusTaker(library).answer(question, Citer(library), Filter()) is None


def test_nothing_found_is_said_with_what_was_looked_at(library: Library) -> None:
    draft, note = ask(library, "Which letters mention the moon?")
    assert draft.status == "refused"
    assert note == "Looked at all 8 documents, 4 of the kind asked for: 0 mention “moon”."


def test_documents_without_a_date_are_named_where_dates_count(library: Library) -> None:
    _, note = ask(library, "How many letters are from 2021?")
    assert note.endswith("2 meet what was asked. 1 without a date were left out.")


def test_amounts_keep_to_the_passages_that_count(library: Library) -> None:
    within = Filter(sources=("invoice-2",))
    draft, _ = ask(library, "What is the highest invoice amount?", within)
    assert draft.short_answer == "EUR 950 (Invoice 2)"
    assert ask(library, "How many documents mention 1,200 euros?", within)[0].short_answer == "0"
    assert ask(library, "How many documents mention 1,200 euros?")[0].short_answer == "1"


@pytest.mark.parametrize(
    "question",
    [
        "How many letters mention " + "men women children feet teeth leaves mice geese " * 30,
        "How many letters mention " + "pump, " * 320,
        "Which " + "noisy letters " * 130,
        "™ № Ⓐ " * 200,
    ],
)
def test_odd_questions_take_no_time(library: Library, question: str) -> None:
    began = time.perf_counter()
    CensusTaker(library).answer(question, Citer(library), Filter())
    assert time.perf_counter() - began < 2


def test_filters_hold(library: Library) -> None:
    draft, note = ask(library, "How many documents mention a pump?", Filter(kinds=("txt",)))
    assert draft.short_answer == "2"
    assert note.startswith("Looked at all 5 documents")


def test_conditions_are_taken_apart() -> None:
    reader = CensusReader(lambda kinds: set(kinds) <= {"letter"}, lambda words: "&" in words)
    assert reader.read(
        "How many letters since May 2020 mention Kelm & Sons but not the quay?"
    ) == Census("count", (("letter",),), (("Kelm & Sons",),), ("quay",), (("from", "2020-05"),))
    assert reader.read("Which letters mention a fine over £500?") == Census(
        "list", (("letter",),), (("fine",),), (), (), (("over", 500.0, "GBP"),)
    )
    assert reader.read("Which letters mention the flood of 2019?") == Census(
        "list", (("letter",),), (("flood of 2019",),)
    )
    assert reader.read("How many reports mention it?") is None


def test_the_pipeline_answers_with_what_was_looked_at(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = Settings(library=tmp_path / "library", embedder="fake", generator="fake")
    pipeline = build_pipeline(settings)
    pipeline.library.add([tmp_path / "files"])
    answer = pipeline.ask("How many letters mention flooding?")
    kept = answer_json(answer)
    assert (kept["reader"], kept["short_answer"]) == ("census", "2")
    assert kept["note"].startswith("Looked at all 8 documents, 4 of the kind asked for: 2 mention")
    assert kept["timings_ms"]["total"] > 0
    assert pipeline.stands_without_citations(answer) is False
    nothing = pipeline.ask("kind:md Which letters mention flooding?")
    assert nothing.status == "refused"
    pipeline.close()
