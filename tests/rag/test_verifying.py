"""Saved answers held against the library, and whether their footnotes are needed."""

import json
from dataclasses import replace

import pytest

from index.types import Hit, Passage, Role
from rag.drafts import Draft
from rag.errors import AnswerFileError
from rag.necessity import blanked, cited_spans, stands
from rag.pipeline import Pipeline
from rag.rendering import answer_json
from rag.types import Answer, Sentence
from rag.verifying import read_answer, verify

QUESTION = "How many countries took part in the third workshop?"


@pytest.fixture
def answer(pipeline: Pipeline) -> Answer:
    found = pipeline.ask(QUESTION)
    assert found.status == "answered"
    return found


def test_a_saved_answer_comes_back_and_holds(answer: Answer, pipeline: Pipeline) -> None:
    again = read_answer(json.loads(json.dumps(answer_json(answer))))
    assert again.sentences == answer.sentences
    verdicts = verify(again, pipeline.library.store)
    assert len(verdicts) == len(answer.sentences) > 0
    assert all(verdict.holds for verdict in verdicts)


def changed(answer: Answer, **changes: object) -> Answer:
    """The answer with its first footnote changed."""
    first = answer.sentences[0]
    citation = replace(first.citations[0], **changes)  # type: ignore[arg-type]
    return replace(answer, sentences=(replace(first, citations=(citation,)),))


def test_words_that_do_not_stand_there_are_found(answer: Answer, pipeline: Pipeline) -> None:
    store = pipeline.library.store
    citation = answer.sentences[0].citations[0]
    for lie in (
        changed(answer, quote=citation.quote + "!"),
        changed(answer, start=citation.start + 1, end=citation.end + 1),
        changed(answer, path="/nowhere.txt", sha256="0" * 64),
        replace(answer, sentences=(replace(answer.sentences[0], citations=()),)),
        replace(answer, sentences=(replace(answer.sentences[0], text="Something else."),)),
    ):
        (verdict,) = verify(lie, store)
        assert not verdict.holds


def test_a_moved_document_is_found_by_its_hash(answer: Answer, pipeline: Pipeline) -> None:
    (verdict,) = verify(changed(answer, path="/moved.txt"), pipeline.library.store)
    assert verdict.holds


def test_written_sentences_are_checked_again(answer: Answer, pipeline: Pipeline) -> None:
    first = answer.sentences[0]
    said, lie = (
        replace(answer, sentences=(Sentence(text, "written", "supported", first.citations),))
        for text in (first.text, first.text + " 987654321 ships were lost.")
    )
    store = pipeline.library.store
    assert verify(said, store)[0].support == "supported"
    assert verify(lie, store)[0].support == "unsupported"


@pytest.mark.parametrize("data", [{}, {"question": "x"}, {"sentences": [1]}, {"sentences": 3}])
def test_something_else_is_refused(data: dict[str, object]) -> None:
    with pytest.raises(AnswerFileError, match="no answer of Footnote"):
        read_answer(data)


def test_cited_words_are_blanked_and_nothing_else() -> None:
    text = "One is here. Two is there. Three."
    passage = Passage(1, 7, 100, 100 + len(text), text, "Title", Role.BODY)
    other = replace(passage, id=2, document_id=8)
    hits = [Hit(p, score=1.0, rank=i, source="fused") for i, p in enumerate((passage, other), 1)]
    first, second = blanked(hits, {"7": [(113, 126)]})
    assert first.passage.text == "One is here. " + " " * 13 + " Three."
    assert second is hits[1]
    # A passage of which nothing is left is gone.
    assert blanked(hits[:1], {"7": [(0, 1000)]}) == []


def test_an_answer_falls_without_its_only_proof(answer: Answer, pipeline: Pipeline) -> None:
    assert cited_spans(answer)
    assert not pipeline.stands_without_citations(answer)


def test_the_same_words_mean_the_answer_stands(answer: Answer) -> None:
    draft = Draft(status="answered", short_answer=answer.short_answer)
    draft.sentences = list(answer.sentences)
    assert stands(answer, draft)
    assert not stands(answer, replace(draft, status="refused"))
    assert not stands(answer, replace(draft, short_answer="9999 elephants"))
