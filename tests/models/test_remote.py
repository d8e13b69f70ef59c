"""A model behind an address: what is sent, what is shown, what is said when it fails."""

from typing import Any

import pytest

from models.addresses import check_url, is_local, warning
from models.errors import ModelError
from models.protocols import Generator, Message
from models.registered import Address
from models.remote import RemoteGenerator

MESSAGES = [Message("system", "Answer."), Message("user", "Where was it held?")]


class Words:
    """Counts words."""

    def count(self, text: str) -> int:
        return len(text.split())


@pytest.fixture
def remote(chat_server: Any) -> Any:
    made: list[RemoteGenerator] = []

    def make(**changes: Any) -> RemoteGenerator:
        context = changes.pop("context", 512)
        address = Address("mine", f"{chat_server.url}/v1", "tiny-chat", **changes)
        made.append(RemoteGenerator(address, context_tokens=context, counter=Words()))
        return made[-1]

    yield make
    for generator in made:
        generator.close()


def written(generator: RemoteGenerator, **options: Any) -> str:
    return "".join(generator.stream(MESSAGES, **{"max_tokens": 40, **options}))


def test_it_keeps_the_promise_of_its_protocol(remote: Any, chat_server: Any) -> None:
    generator = remote()
    assert isinstance(generator, Generator)
    assert generator.profile.reader == "compose"
    assert generator.name == f"tiny-chat at {chat_server.url.removeprefix('http://')}"
    assert generator.context_tokens == 512
    assert generator.count("one two") == 2
    assert generator.count_messages(MESSAGES) > generator.count("Answer. Where was it held?")


def test_the_starters_vocabulary_counts_otherwise(chat_server: Any) -> None:
    generator = RemoteGenerator(Address("mine", f"{chat_server.url}/v1", "tiny-chat"))
    assert generator.count("one two three") == 3
    assert generator.context_tokens == 4096


def test_pieces_come_as_they_are_written(remote: Any, chat_server: Any) -> None:
    pieces = list(remote().stream(MESSAGES, max_tokens=40, stop=["\n\n"]))
    assert pieces == chat_server.pieces
    path, head, body = chat_server.requests[-1]
    assert path == "/v1/chat/completions"
    assert "authorization" not in head
    assert body == {
        "model": "tiny-chat",
        "messages": [
            {"role": "system", "content": "Answer."},
            {"role": "user", "content": "Where was it held?"},
        ],
        "max_tokens": 40,
        "temperature": 0,
        "stream": True,
        "stop": ["\n\n"],
    }


def test_nothing_is_sent_before_the_first_piece_is_wanted(remote: Any, chat_server: Any) -> None:
    remote().stream(MESSAGES, max_tokens=40)
    assert chat_server.requests == []


def test_closing_stops(remote: Any, chat_server: Any) -> None:
    chat_server.pieces = ["word "] * 200
    pieces = remote().stream(MESSAGES, max_tokens=40)
    assert next(pieces) == "word "
    pieces.close()
    assert list(pieces) == []


def test_the_key_comes_from_the_environment_only(
    remote: Any, chat_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = remote(key_env="MY_KEY")
    monkeypatch.delenv("MY_KEY", raising=False)
    with pytest.raises(ModelError, match="environment variable MY_KEY, which is not set"):
        written(generator)
    assert chat_server.requests == []
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    assert written(generator)
    assert chat_server.requests[-1][1]["authorization"] == "Bearer sk-very-secret"
    chat_server.status, chat_server.error = 401, '{"error": {"message": "bad key sk-very-secret"}}'
    with pytest.raises(
        ModelError, match=r"status 401.* bad key ….* Check the key in MY_KEY"
    ) as raised:
        written(generator)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (401, "", r"status 401\): nothing more\. It wants a key: .*--key-env"),
        (404, '{"error": "no such model"}', r"no such model\. Check the address"),
        (429, '{"error": {"message": "slow down"}}', r"slow down\. It asks for a pause"),
        (500, "<html>\n broken" + "x" * 1000, r"status 500\): <html> brokenx+\. Look into"),
        (302, "", "status 302.* Check the address"),
    ],
)
def test_refusals_in_words(
    remote: Any, chat_server: Any, status: int, error: str, expected: str
) -> None:
    chat_server.status, chat_server.error = status, error
    with pytest.raises(ModelError, match=expected) as raised:
        written(remote())
    assert len(str(raised.value)) < 600


def test_a_stream_that_is_cut(remote: Any, chat_server: Any) -> None:
    chat_server.ends = "cut"
    pieces: list[str] = []
    with pytest.raises(ModelError, match=r"ended in the middle|broke off"):
        pieces.extend(remote().stream(MESSAGES, max_tokens=40))


def test_a_stream_without_the_last_mark_is_whole(remote: Any, chat_server: Any) -> None:
    chat_server.ends = "finish"
    assert written(remote()) == "".join(chat_server.pieces)


def test_an_error_in_the_middle(remote: Any, chat_server: Any) -> None:
    chat_server.ends = "error"
    with pytest.raises(ModelError, match=r"failed: out of memory\."):
        written(remote())


def test_nobody_answers(remote: Any, chat_server: Any) -> None:
    generator = remote()
    chat_server.server_close()
    with pytest.raises(ModelError, match="Is the server running"):
        generator.open()
    with pytest.raises(ModelError, match="Is the server running"):
        written(generator)


def test_a_prompt_that_does_not_fit_is_not_sent(remote: Any, chat_server: Any) -> None:
    with pytest.raises(ModelError, match=r"the answer may have 500; mine holds 512"):
        remote().stream(MESSAGES, max_tokens=500)
    assert remote(context_tokens=300).context_tokens == 300
    assert chat_server.requests == []


def test_the_servers_models(remote: Any, chat_server: Any) -> None:
    assert [model["id"] for model in remote().models()] == ["tiny-chat"]
    chat_server.listed = None
    assert remote().models() == []
    chat_server.status = 403
    with pytest.raises(ModelError, match="status 403"):
        remote().open()


def test_a_page_that_is_no_such_server(remote: Any, chat_server: Any) -> None:
    chat_server.listed = [3]  # type: ignore[list-item]
    assert remote().models() == []
    chat_server.listed = {"a": 1}  # type: ignore[assignment]
    assert remote().models() == []


def test_no_proxy_for_this_machine(
    remote: Any, chat_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert written(remote())


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:8080/v1/", "http://localhost:8080/v1"),
        (" http://127.0.0.1/v1", "http://127.0.0.1/v1"),
        ("http://[::1]:9/v1", "http://[::1]:9/v1"),
        ("https://api.example.com/v1", "https://api.example.com/v1"),
    ],
)
def test_addresses_that_may_be_used(url: str, expected: str) -> None:
    assert check_url(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://192.168.1.7:8080/v1", "plain http.*--anyway"),
        ("http://api.example.com/v1", "plain http"),
        ("http://localhost.example.com/v1", "plain http"),
        ("ftp://localhost/v1", "is no address"),
        ("localhost:8080/v1", "is no address"),
        ("http://", "is no address"),
        ("https://user:word@example.com/v1", "password or a key in it is not kept"),
        ("https://example.com/v1?key=abc", "password or a key in it is not kept"),
    ],
)
def test_addresses_that_are_refused(url: str, expected: str) -> None:
    with pytest.raises(ModelError, match=expected) as raised:
        check_url(url)
    assert "word@" not in str(raised.value)
    if "plain http" in expected:
        assert check_url(url, anyway=True) == url


def test_a_list_changed_by_hand_allows_no_more(chat_server: Any) -> None:
    with pytest.raises(ModelError, match="plain http"):
        RemoteGenerator(Address("mine", "http://192.168.1.7/v1", "tiny"))


def test_what_a_person_is_told() -> None:
    here = warning(Address("mine", "http://localhost:8080/v1", "tiny"))
    assert "sent to another program on this machine" in here
    there = warning(Address("mine", "https://api.example.com/v1", "tiny"))
    assert "sent to api.example.com, outside this machine" in there
    assert is_local("LOCALHOST.")
    assert not is_local("128.0.0.1")
