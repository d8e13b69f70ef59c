import copy
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from index.library import Library
from ui import uploads
from ui.conversation import Session
from ui.handlers import Handlers
from ui.relay import Relay
from ui.turns import Turn, answer_stream

TIDES = "The tide came in at noon. It left again at dusk.\n\nNobody measured the tide that day."


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    path = tmp_path / "tides.txt"
    path.write_text(TIDES)
    library.add([path])
    return library


# -- one answer -----------------------------------------------------------------------------------


def test_steps_come_before_sentences_and_the_answer_last(pipeline, filled):
    turns = list(answer_stream(pipeline, Turn(1, "When did the tide come in?"), []))
    assert turns[0].question == "When did the tide come in?"
    assert turns[0].state == "working"
    assert any(turn.step.startswith("Reading passage") for turn in turns)
    counts = [len(turn.sentences) for turn in turns]
    assert counts == sorted(counts)
    assert turns[-1].state == "done"
    assert turns[-1].answer.status == "answered"
    assert turns[-1].citation(1).quote in TIDES


def test_history_is_handed_on(pipeline, filled):
    list(answer_stream(pipeline, Turn(1, "And when did it leave?"), ["When did the tide come in?"]))
    assert pipeline.asked == [("And when did it leave?", ("When did the tide come in?",))]


def test_an_error_for_the_person_becomes_one_sentence(pipeline, filled):
    last = list(answer_stream(pipeline, Turn(1, "fail"), []))[-1]
    assert (last.state, last.error) == (
        "failed",
        "The model file is damaged; run footnote models add.",
    )


def test_a_defect_is_logged_and_not_shown(pipeline, filled, caplog):
    last = list(answer_stream(pipeline, Turn(1, "crash"), []))[-1]
    assert last.state == "failed"
    assert "secret detail" not in last.error
    assert "secret detail" in caplog.text


def test_stop_ends_the_answer_and_closes_the_generator(pipeline, filled):
    stopped = threading.Event()
    turns = answer_stream(pipeline, Turn(1, "slowly: the tide?"), [], stopped=stopped)
    seen = [turn for turn, _ in zip(turns, range(5), strict=False)]
    stopped.set()
    last = list(turns)[-1]
    assert last.state == "stopped"
    assert last.sentences == seen[-1].sentences
    assert pipeline.closed.wait(2)


def test_a_browser_that_goes_away_closes_the_generator(pipeline, filled):
    turns = answer_stream(pipeline, Turn(1, "slowly: the tide?"), [])
    next(turns)
    next(turns)
    turns.close()
    assert pipeline.closed.wait(2)


def test_stop_does_not_wait_for_a_model_that_is_silent():
    def silent():
        time.sleep(1)
        yield 1

    stopped = threading.Event()
    began = time.monotonic()
    items = iter(Relay(silent, stopped=stopped, tick_s=0.02))
    assert next(items) is None
    stopped.set()
    assert list(items) == []
    assert time.monotonic() - began < 0.5


# -- a tab ----------------------------------------------------------------------------------------


def test_footnotes_of_every_earlier_turn_can_be_opened(pipeline, filled):
    session = Session()
    for question in ("When did the tide come in?", "Which day was the tide measured?"):
        assert session.begin(question)
        list(session.stream(pipeline))
    first, second = session.open("footnote", 1, 1), session.open("footnote", 2, 1)
    assert (first.quote, second.quote) == (
        session.turns[0].citation(1).quote,
        session.turns[1].citation(1).quote,
    )
    assert first.quote != second.quote
    assert session.open("passage", 1, 1).label == "Passage 1"
    assert pipeline.asked[1][1] == ("When did the tide come in?",)


@pytest.mark.parametrize(
    ("kind", "turn", "n"),
    [("footnote", 0, 1), ("footnote", 2, 1), ("footnote", 1, 99), ("passage", 1, -1), ("x", 1, 99)],
)
def test_numbers_that_are_not_there_open_nothing(pipeline, filled, kind, turn, n):
    session = Session()
    session.begin("When did the tide come in?")
    list(session.stream(pipeline))
    assert session.open(kind, turn, n) is None


def test_one_question_at_a_time(pipeline, filled):
    session = Session()
    assert not session.begin("   ")
    assert session.begin("slowly: the tide?")
    assert not session.begin("another?")
    turns = session.stream(pipeline)
    next(turns)
    assert not session.begin("another?")
    assert list(session.stream(pipeline)) == []
    session.stop()
    assert list(turns)[-1].state == "stopped"
    assert session.begin("another tide?")
    assert session.questions == ()


def test_clearing_ends_the_answer_in_the_making(pipeline, filled):
    session = Session()
    session.begin("slowly: the tide?")
    turns = session.stream(pipeline)
    next(turns)
    session.clear()
    assert list(turns) == []
    assert session.turns == []
    assert session.begin("When did the tide come in?")
    assert list(session.stream(pipeline))[-1].state == "done"


def test_a_copied_session_shares_nothing():
    session = Session()
    session.begin("q")
    other = copy.deepcopy(session)
    assert other.turns == []
    assert other.stopped is not session.stopped


# -- handlers -------------------------------------------------------------------------------------


def test_a_question_is_taken_shown_and_answered(pipeline, filled):
    handlers, session = Handlers(pipeline), Session()
    first, *_, last = handlers.ask("When did the tide come in?", session)
    assert first[0] == ""
    assert 'data-state="working"' in first[1]
    assert 'data-state="done"' in handlers.live(session)
    assert last[:2] == (None, None)
    assert "When did the tide come in?" in last[2]
    past = handlers.begin("And again the tide?", session)
    assert 'id="turn-1"' in past
    assert 'id="turn-2"' in handlers.live(session)
    # A second one is not taken up meanwhile.
    assert list(handlers.ask("Third?", session)) == []


def test_clicks_with_nonsense_do_no_harm(pipeline, filled):
    handlers, session = Handlers(pipeline), Session()
    for click in ({}, {"kind": "footnote", "turn": "1", "n": None}, {"turn": 9**30, "n": 1}):
        assert "no longer known" in handlers.open(click, session)
    assert "no longer known" in handlers.more(session)


# -- uploads --------------------------------------------------------------------------------------


def test_uploads_are_kept_under_their_name(library, tmp_path):
    def handed(content: str, folder: str) -> Path:
        path = tmp_path / folder / "notes.txt"
        path.parent.mkdir()
        path.write_text(content)
        return path

    first = uploads.keep([handed("one", "a")], library.folder)
    other = uploads.keep([handed("two", "b"), handed("one", "c")], library.folder)
    assert [path.name for path in first] == ["notes.txt"]
    assert [path.name for path in other] == ["notes-2.txt", "notes.txt"]
    assert not list(tmp_path.glob("?/notes.txt"))
    assert (library.folder / "uploads").stat().st_mode & 0o777 == 0o700


# -- the rest of the program ----------------------------------------------------------------------


def test_the_package_brings_in_no_page():
    code = "import sys, ui, ui.conversation, ui.handlers; print('gradio' in sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert result.stdout.strip() == "False"
