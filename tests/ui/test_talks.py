"""Kept conversations and feedback through the page's handlers, without a browser."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from eval.keeping import kept_set
from eval.questions import load_questions
from index.library import Library
from rag.conversations import Conversations
from ui.conversation import Session
from ui.handlers import Handlers

TIDES = "The tide came in at noon and covered the beach.\n\nIt left the harbour at dusk.\n"


@pytest.fixture
def tides(library: Library, tmp_path: Path) -> Path:
    file = tmp_path / "tides.txt"
    file.write_text(TIDES)
    library.add([file])
    return file


@pytest.fixture
def handlers(tides: Path, pipeline: Any) -> Iterator[Handlers]:
    with closing(Handlers(pipeline)) as handlers:
        yield handlers


def unnumbered(drawn: str) -> str:
    return re.sub(r' data-draw="\d+"', "", drawn)


def ask(handlers: Handlers, session: Session, question: str) -> str:
    handlers.begin(question, session)
    return list(handlers.stream(session))[-1]


def test_a_tab_that_is_loaded_again_goes_on_where_it_was(handlers: Handlers) -> None:
    session = Session()
    ask(handlers, session, "When did the tide come in?")
    last = ask(handlers, session, "And nothing else?")
    again = Session()
    past, live, _, _ = handlers.resume(str(session.conversation), again)
    assert "When did the tide come in?" in past
    assert unnumbered(live) == unnumbered(last)
    assert again.questions == session.questions
    ask(handlers, again, "Third?")
    assert again.conversation == session.conversation
    assert "3 questions" in handlers.talks(again)


@pytest.mark.parametrize("remembered", ["", "99", "x", None, "-1", "1; drop", "٣"])
def test_a_conversation_that_is_gone_shows_the_welcome(handlers: Handlers, remembered: Any) -> None:
    past, live, _, _ = handlers.resume(remembered, Session())
    assert past == ""
    assert "Ask your documents." in live


def test_two_tabs_do_not_mix(handlers: Handlers) -> None:
    one, other = Session(), Session()
    ask(handlers, one, "When did the tide come in?")
    ask(handlers, other, "When did it leave?")
    assert one.conversation != other.conversation
    assert "When did it leave" not in "".join(handlers.shown(one))


def test_an_answer_that_was_stopped_is_kept_as_far_as_it_came(handlers: Handlers) -> None:
    session = Session()
    handlers.begin("slowly: the tide?", session)
    stream = handlers.stream(session)
    while "<q>" not in next(stream):
        pass
    handlers.stop(session)
    list(stream)
    again = Session()
    _, live, _, _ = handlers.resume(str(session.conversation), again)
    assert 'data-state="stopped"' in live
    assert "not the whole answer" in live
    assert "<q>" in live


def test_an_old_answer_says_what_has_changed(handlers: Handlers, tides: Path) -> None:
    session = Session()
    ask(handlers, session, "When did the tide come in?")
    ask(handlers, session, "nothing of this?")
    tides.write_text("Instead: " + TIDES)
    handlers.pipeline.library.add([tides])
    past, live, _, _ = handlers.resume(str(session.conversation), Session())
    assert "the words that are quoted no longer stand there" in past
    assert "they may say it now" in live
    assert 'data-act="again"' in live


def test_rename_search_and_delete(handlers: Handlers) -> None:
    session = Session()
    ask(handlers, session, "When did the tide come in?")
    talk = session.conversation
    assert "My <b>tides" not in handlers.rename({"talk": talk, "title": "My <b>tides"}, session)
    assert "My &#60;b&#62;tides" in handlers.search("tide", session)
    assert "No conversation holds" in handlers.search("glacier", session)
    handlers.search("", session)
    _, live, reading, listed = handlers.delete({"talk": talk}, session)
    assert "None yet" in listed
    assert reading == handlers.closed()
    assert "Ask your documents." in live
    for click in ({}, {"talk": "1"}, {"talk": 99}):
        handlers.rename(click, session)
        # What is open belongs to another conversation.
        assert handlers.delete(click, session)[2] is None


def test_rating_is_kept_and_taken_back(handlers: Handlers) -> None:
    session = Session()
    ask(handlers, session, "When did the tide come in?")
    _, live, _ = handlers.rate({"turn": 1, "rating": "down"}, session)
    assert "Something is missing" in live
    handlers.rate({"turn": 1, "reason": "incomplete"}, session)
    again = Session()
    handlers.resume(str(session.conversation), again)
    assert (again.turns[0].rating, again.turns[0].reason) == ("down", "incomplete")
    handlers.rate({"turn": 1, "rating": "down"}, again)
    assert again.turns[0].rating is None
    for click in ({}, {"turn": 9, "rating": "up"}, {"turn": "1"}):
        handlers.rate(click, again)


def test_a_file_that_cannot_be_written_is_said(handlers: Handlers, library: Library) -> None:
    session = Session()
    live = ask(handlers, session, "When did the tide come in?")
    handlers.close()
    for file in library.folder.glob("conversations.sqlite*"):
        file.write_bytes(b"no database at all")
    click = {"talk": session.conversation, "title": "Tides"}
    rated = handlers.rate({"turn": 1, "rating": "up"}, session)
    deleted = handlers.delete(click, session)
    for told in (rated[2], deleted[3], handlers.rename(click, session)):
        assert "could not be read or written" in told
    # Nothing looks kept that is not, and nothing is gone from the page.
    assert unnumbered(rated[1]) == unnumbered(deleted[1]) == unnumbered(live)
    assert session.turns[0].rating is None


def test_an_answer_becomes_a_test_case(handlers: Handlers) -> None:
    session, folder = Session(), handlers.pipeline.library.folder
    ask(handlers, session, "When did the tide come in?")
    ask(handlers, session, "And who saw nothing?")
    _, _, refused = handlers.keep({"turn": 1, "answer": " ", "unsaid": False}, session)
    assert "nothing was kept" in refused
    assert not kept_set(folder).exists()
    handlers.keep({"turn": 1, "answer": "noon\nat noon", "proven": True}, session)
    handlers.keep({"turn": 2, "answer": "", "unsaid": True}, session)
    first, second = load_questions(kept_set(folder))
    assert first.answers == ("noon", "at noon")
    assert first.evidence[0].quote in TIDES
    assert second.unanswerable
    assert second.history == ("When did the tide come in?",)
    assert "Kept as a test case" in handlers.shown(session)[1]
    assert "no longer known" in handlers.keep({"turn": 7}, session)[2]


def test_without_keeping_there_is_no_file(tides: Path, pipeline: Any) -> None:
    handlers, session = Handlers(pipeline, keep=False), Session()
    ask(handlers, session, "When did the tide come in?")
    assert "not kept" in handlers.talks(session)
    assert not (pipeline.library.folder / "conversations.sqlite").exists()
    handlers.rate({"turn": 1, "rating": "up"}, session)


def test_a_question_is_answered_where_it_cannot_be_kept(handlers: Handlers) -> None:
    (handlers.pipeline.library.folder / "conversations.sqlite").write_bytes(b"damaged " * 600)
    session = Session()
    assert 'data-state="done"' in ask(handlers, session, "When did the tide come in?")
    assert "move it away" in handlers.talks(session)


def test_conversations_outlive_the_library_index(handlers: Handlers) -> None:
    session = Session()
    ask(handlers, session, "When did the tide come in?")
    folder = handlers.pipeline.library.folder
    handlers.pipeline.library.store.close_all()
    (folder / "library.sqlite").unlink()
    with closing(Conversations(folder)) as kept:
        assert kept.count() == 1
