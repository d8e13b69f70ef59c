"""Questions over HTTP: who may ask, what comes back, and what happens when the browser goes away."""

import json
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from index.library import Library
from rag.proof_checking import check, is_as_written, read_proof
from ui.asking import PATH, Asking, Sessions
from ui.conversation import Session
from ui.handlers import Handlers

_KEY = "a-key-of-a-browser-tab"


@pytest.fixture
def handlers(library: Library, pipeline: Any, tmp_path: Path, tides: str) -> Iterator[Handlers]:
    (tmp_path / "tides.txt").write_text(tides)
    library.add([tmp_path / "tides.txt"])
    with closing(Handlers(pipeline)) as handlers:
        yield handlers


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def asking(handlers: Handlers, session: Session) -> Asking:
    sessions = Sessions()
    sessions.keep(_KEY, session)
    return Asking(PlainTextResponse("the page"), handlers, sessions)


@pytest.fixture
def client(asking: Asking) -> TestClient:
    return TestClient(asking)


def lines(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200
    return [json.loads(line) for line in response.text.splitlines()]


def test_a_question_comes_back_line_by_line(client: TestClient, session: Session) -> None:
    asked = {"key": _KEY, "text": "When did the tide come in?"}
    first, *_, last = lines(client.post(PATH, json=asked))
    assert first["past"] == ""
    assert 'data-state="working"' in first["live"]
    assert "When did the tide come in?" in last["talks"]
    second = lines(client.post(PATH, json={**asked, "text": "And when did it leave?"}))
    assert "tide came in at noon" in second[0]["past"]
    assert any('data-state="done"' in line.get("live", "") for line in second)
    assert [turn.state for turn in session.turns] == ["done", "done"]


def test_a_brief_of_a_document_and_of_a_topic(client: TestClient, session: Session) -> None:
    document = {"key": _KEY, "task": "document", "document": 1}
    assert any(
        "Brief: Tides" in line.get("live", "") for line in lines(client.post(PATH, json=document))
    )
    lines(client.post(PATH, json={"key": _KEY, "task": "topic", "text": "the harbour"}))
    assert [turn.task for turn in session.turns] == ["document", "topic"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b'"x"',
        b'{"text": "When?"}',
        b'{"key": 7, "text": "When?"}',
        b'{"key": "another", "text": "When?"}',
    ],
)
def test_who_does_not_know_the_key_gets_nothing(
    client: TestClient, session: Session, body: bytes
) -> None:
    response = client.post(PATH, content=body)
    assert response.status_code == 404
    assert response.text == "This page is not known; load it again.\n"
    assert session.turns == []


def test_what_is_too_long_is_told(client: TestClient, session: Session) -> None:
    response = client.post(PATH, json={"key": _KEY, "text": "x" * 1_000_001})
    assert response.status_code == 413
    assert "longer than a question can be" in response.text
    assert session.turns == []


def test_other_requests_go_through(client: TestClient) -> None:
    assert client.get("/").text == "the page"
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize(
    "asked", [{"text": " "}, {"text": None}, {"task": "document"}, {"task": 3}]
)
def test_what_cannot_be_taken_up_gives_no_line(
    client: TestClient, session: Session, asked: dict[str, Any]
) -> None:
    assert lines(client.post(PATH, json={"key": _KEY, **asked})) == []
    assert session.turns == []


def test_a_key_that_could_be_guessed_is_not_taken(session: Session) -> None:
    sessions = Sessions()
    for key in ("", "1", "short", None, 12345678901234567890):
        sessions.keep(key, session)
        assert sessions.find(key) is None


def test_a_tab_that_is_gone_is_forgotten() -> None:
    sessions = Sessions()
    sessions.keep(_KEY, Session())
    assert sessions.find(_KEY) is None


def test_an_answer_is_stopped_when_the_browser_goes_away(
    asking: Asking, session: Session, pipeline: Any
) -> None:
    body = json.dumps({"key": _KEY, "text": "slowly: when did the tide come in?"}).encode()
    sent: list[bytes] = []

    async def ask() -> None:
        gone = anyio.Event()
        received = iter([{"type": "http.request", "body": body}])

        async def receive() -> dict[str, Any]:
            message = next(received, None)
            if message is None:
                await gone.wait()
                return {"type": "http.disconnect"}
            return message

        async def send(message: dict[str, Any]) -> None:
            sent.append(message.get("body", b""))
            if b"Reading" in sent[-1]:
                gone.set()

        scope = {"type": "http", "path": PATH, "method": "POST", "headers": []}
        with anyio.fail_after(10):
            await asking(scope, receive, send)

    anyio.run(ask)
    assert session.turns[-1].state == "stopped"
    assert pipeline.closed.wait(3)
    # The next question is answered.
    client = TestClient(asking)
    answered = lines(client.post(PATH, json={"key": _KEY, "text": "When did the tide come in?"}))
    assert any('data-state="done"' in line.get("live", "") for line in answered)


def test_the_file_with_proof_holds_answers_and_briefs(
    client: TestClient, handlers: Handlers, session: Session, tmp_path: Path
) -> None:
    lines(client.post(PATH, json={"key": _KEY, "text": "When did the tide come in?"}))
    lines(client.post(PATH, json={"key": _KEY, "task": "document", "document": 1}))
    file = handlers.proof_file(session)
    assert 'data-name="footnote-proof.html"' in file
    content = json.loads(unescape(file.partition(">")[2].rpartition("<")[0]))
    answers = read_proof(content)
    assert [answer.question for answer in answers] == [
        "When did the tide come in?",
        "Brief: Tides of the northern shore",
    ]
    checks = check(answers, [tmp_path / "tides.txt"])
    assert len(checks) > 3
    assert all(one.holds for one in checks)
    assert is_as_written(content)
