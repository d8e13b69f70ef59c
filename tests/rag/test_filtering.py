"""Filters given, typed and said in a question's own words, through the whole pipeline."""

from pathlib import Path

import pytest

from index.errors import FilterError
from index.filters import Filter
from rag.filtering import stated_filter
from rag.pipeline import build_pipeline
from rag.rendering import answer_json
from rag.settings import Settings
from rag.verifying import read_answer

FILES = {
    "spring.txt": "Ferry fares\n\n3 May 2023\n\nA ferry ticket costs four crowns.\n",
    "winter.txt": "Ferry fares\n\n11 December 2024\n\nA ferry ticket costs nine crowns.\n",
}


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    folder = tmp_path_factory.mktemp("filtering")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    settings = Settings(
        library=folder / "library", embedder="fake", generator="fake", min_confidence=0.0
    )
    made = build_pipeline(settings)
    made.library.add([folder])
    yield made
    made.close()


def places(answer) -> set[str]:
    return {Path(passage.path).name for passage in answer.passages}


@pytest.mark.parametrize(
    ("question", "within", "names"),
    [
        ("What does a ferry ticket cost?", Filter(), {"spring.txt", "winter.txt"}),
        ("What does a ferry ticket cost?", Filter(sources=("spring*",)), {"spring.txt"}),
        ("source:winter What does a ferry ticket cost?", Filter(), {"winter.txt"}),
        ("What does a ferry ticket cost? to:2023", Filter(), {"spring.txt"}),
        ("In the documents from 2024, what does a ticket cost?", Filter(), {"winter.txt"}),
        # Nothing is of that year, so it was not meant so.
        ("In the reports from 1999, what does a ticket cost?", Filter(), set(FILES)),
        ("source:winter In the notes from 2023, what is a ticket?", Filter(), {"winter.txt"}),
        # What was typed counts, whatever the words say.
        ("to:2023 In the notes from 2024, what is a ticket?", Filter(), {"spring.txt"}),
    ],
)
def test_only_what_the_filters_let_through_is_found(pipeline, question, within, names):
    answer = pipeline.ask(question, (), within)
    assert places(answer) == names
    assert {Path(c.path).name for s in answer.sentences for c in s.citations} <= names
    assert "source:" not in answer.question
    assert ":" not in answer.standalone_question


def test_an_answer_says_what_was_searched(pipeline):
    answer = pipeline.ask("source:winter* What does a ferry ticket cost?")
    assert answer.within == "source:winter*"
    kept = answer_json(answer)
    assert kept["within"] == "source:winter*"
    assert read_answer(kept).within == "source:winter*"
    assert "within" not in answer_json(pipeline.ask("What does a ferry ticket cost?"))


def test_a_date_is_not_taken_from_another_document(pipeline):
    answer = pipeline.ask("source:winter When was the article on ferry fares published?")
    assert {Path(c.path).name for s in answer.sentences for c in s.citations} <= {"winter.txt"}


def test_earlier_questions_lose_their_filters(pipeline):
    answer = pipeline.ask("And what does it cost?", ("source:winter What is a ferry ticket?",))
    assert "source" not in answer.standalone_question
    assert places(answer) == set(FILES)


def test_a_filter_that_leaves_nothing_is_said(pipeline):
    with pytest.raises(FilterError, match=r"No document matches source:summer"):
        pipeline.ask("source:summer What does a ferry ticket cost?")


def test_necessity_reads_under_the_same_filter(pipeline, monkeypatch):
    answer = pipeline.ask("source:winter* What does a ferry ticket cost?")
    asked = []
    retrieve = pipeline._retriever.retrieve_with_vector

    def spied(question, top_k, within):
        asked.append(within)
        return retrieve(question, top_k, within)

    monkeypatch.setattr(pipeline._retriever, "retrieve_with_vector", spied)
    pipeline.stands_without_citations(answer)
    assert asked == [Filter(sources=("winter*",))]


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What do the articles from 2025 say about chips?", None, None),
        ("In the articles from 2025, what is said about chips?", "2025", "2025"),
        ("According to reports published before May 2024, who won?", None, "2024-05"),
        ("Which of the letters written since 3 March 2021 mention it?", "2021-03-03", None),
        ("What happened in 2025?", None, None),
        ("What did the report of the board say in 2025?", None, None),
        ("Across all documents dated 2024-06-01, who speaks?", "2024-06-01", "2024-06-01"),
        ("In the letters from 2020 to 2022, who complains?", None, None),
        ("In the letters from 2021 or 2022, who complains?", None, None),
        ("What do the posts on 2025 elections say?", None, None),
        ("Who speaks in articles on 2024 budgets?", None, None),
    ],
)
def test_only_words_about_documents_are_a_filter(question, first, last):
    assert stated_filter(question) == Filter(first=first, last=last)
