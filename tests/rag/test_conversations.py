import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.conversations import FILE, Conversations
from rag.errors import ConversationError
from rag.kept_turns import answer_data, answer_of
from rag.types import Answer, Citation, PassageUse, Sentence

CITED = Citation(
    1, "1", "/d/tides.txt", "Tides", "ab", 4, 9, "noon", None, None, None, None, "body"
)
USED = PassageUse(1, "1", "/d/tides.txt", "Tides", 0, 20, 0.5, True, None, "at noon", "Shore")
ANSWER = Answer(
    question="When?",
    standalone_question="When did the tide come in?",
    status="answered",
    short_answer="noon",
    confidence=0.8,
    sentences=(Sentence("It came in at noon.", "quote", "supported", (CITED,)),),
    passages=(USED,),
    reader="extract",
    generator="starter",
    embedder="starter",
    timings_ms={"total": 12.5},
    tokens={"read": 7},
    missing=("tide",),
    n_documents=3,
)


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Conversations]:
    with closing(Conversations(tmp_path)) as kept:
        yield kept


def asked(kept: Conversations, question: str, conversation: int | None = None) -> tuple[int, int]:
    conversation, turn = kept.begin(conversation, question)
    answer = replace(ANSWER, question=question)
    kept.finish(turn, "done", sentences=answer.sentences, answer=answer, generation=4)
    return conversation, turn


def test_an_answer_comes_back_as_it_was(kept: Conversations) -> None:
    conversation, turn = asked(kept, "When?")
    (found,) = kept.turns(conversation)
    assert found.answer == replace(ANSWER, question="When?")
    assert found.sentences == ANSWER.sentences
    assert (found.id, found.state, found.generation) == (turn, "done", 4)


def test_a_question_is_kept_before_it_is_answered(kept: Conversations) -> None:
    conversation, _ = kept.begin(None, "When did the tide come in?")
    (found,) = kept.turns(conversation)
    assert (found.question, found.state, found.answer) == (
        "When did the tide come in?",
        "stopped",
        None,
    )


def test_the_newest_conversation_comes_first(kept: Conversations) -> None:
    first, _ = asked(kept, "First?")
    second, _ = asked(kept, "Second?")
    asked(kept, "First again?", first)
    assert [(talk.id, talk.title, talk.n_turns) for talk in kept.listed()] == [
        (first, "First?", 2),
        (second, "Second?", 1),
    ]
    assert [talk.id for talk in kept.listed(limit=1, offset=1)] == [second]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("tide", 1),
        ("noon tid", 1),
        ("NOON", 1),
        ("glacier", 0),
        ('"', 2),
        ("50% of", 1),
        ("5_%", 0),
    ],
)
def test_search_reads_titles_questions_and_answers(
    kept: Conversations, words: str, found: int
) -> None:
    asked(kept, "And the tide?")
    conversation, turn = kept.begin(None, "Who signed it?")
    kept.finish(turn, "failed", error="out of memory")
    kept.rename(conversation, "50% of the contract")
    assert len(kept.listed(words)) == found


def test_rename_and_delete(kept: Conversations) -> None:
    conversation, turn = asked(kept, "When?")
    assert kept.rename(conversation, "  The \n tides ")
    assert kept.title(conversation) == "The tides"
    assert not kept.rename(conversation, "  ")
    assert not kept.rename(99, "x")
    assert kept.delete(conversation)
    assert not kept.delete(conversation)
    assert kept.turns(conversation) == []
    assert kept.listed("when") == []
    kept.finish(turn, "done", answer=ANSWER)  # it was being answered while it was deleted
    assert kept.count() == 0


def test_going_on_with_a_deleted_conversation_begins_a_new_one(kept: Conversations) -> None:
    conversation, _ = asked(kept, "When?")
    kept.delete(conversation)
    again, _ = asked(kept, "And then?", conversation)
    assert again != conversation
    assert kept.title(again) == "And then?"


def test_what_a_person_thinks_is_kept(kept: Conversations) -> None:
    conversation, turn = asked(kept, "When?")
    assert kept.rate(turn, "down", " wrong ")
    kept.made_case(turn, "kept-1")
    (found,) = kept.turns(conversation)
    assert (found.rating, found.reason, found.case_id) == ("down", "wrong", "kept-1")
    assert not kept.rate(99, "up")


def test_an_answer_of_another_version_does_not_hide_the_conversation(
    kept: Conversations, tmp_path: Path
) -> None:
    conversation, _ = asked(kept, "When?")
    with sqlite3.connect(tmp_path / FILE) as connection:
        connection.execute("UPDATE turns SET answer = '{\"question\": 1}'")
    connection.close()
    (found,) = kept.turns(conversation)
    assert (found.question, found.state, found.answer) == ("When?", "stopped", None)


def test_many_threads_at_once_lose_nothing(kept: Conversations) -> None:
    threads = [
        threading.Thread(target=lambda n=n: [asked(kept, f"{n} {i}?") for i in range(5)])
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.count() == 20


def test_a_damaged_file_is_named(kept: Conversations, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(ConversationError, match=r"conversations\.sqlite.*move it away"):
        kept.listed()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_no_words_break_the_search(kept: Conversations, words: str) -> None:
    kept.listed(words)


def test_half_characters_are_kept_as_question_marks(kept: Conversations) -> None:
    conversation, _ = asked(kept, "a\ud800b?")
    (found,) = kept.turns(conversation)
    assert found.question == "a?b?"
    assert found.answer is not None
    assert found.answer.question == "a\ud800b?"


def test_fields_of_a_newer_version_are_passed_over() -> None:
    assert answer_of({**answer_data(ANSWER), "mood": "calm"}) == ANSWER
