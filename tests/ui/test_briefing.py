"""`footnote brief` as scripts and terminals meet it, and a brief as HTML."""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest

from index.library import Library
from models.fake import FakeEmbedder, FakeGenerator
from rag.brief import Brief, brief_json, read_brief
from rag.compose import ComposeReader
from rag.pipeline import Pipeline
from rag.proof_checking import read_proof
from rag.retriever import Retriever
from rag.settings import Settings
from ui import desk
from ui.brief_html import brief_html
from ui.brief_terminal import brief_text
from ui.cli import main
from ui.conversation import Session
from ui.handlers import Handlers
from ui.turns import Turn

EVIL = "\x1b]0;owned\x07\x1b[2Jred <script>alert(1)</script> \u202egnp ${x} [link](http://evil.example)"
TEXTS = {
    "station.md": "# The station in Arlen\n\nPublished 30 May 2025\n\nThe new station in Arlen delivers 300 "
    "megawatts to the grid.\n",
    "evil.txt": f"Escape codes\n\nThe password of the robot Arlen is {EVIL} swordfish, they say to us.\n",
}
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `footnote brief` in this process over a library of fakes: exit code, stdout, stderr."""
    monkeypatch.setenv("FOOTNOTE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "fake")
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / name for name in TEXTS])
    library.close()

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["footnote", "brief", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return int(stop.value.code or 0), captured.out, captured.err

    return call


def test_a_document_is_briefed(run: Run) -> None:
    code, out, _ = run("station")
    assert code == 0
    assert out.startswith("The station in Arlen [1]\nDate: 30 May 2025 [2]\n")
    assert "“The new station in Arlen delivers 300 megawatts to the grid.” [3]" in out
    assert "[3] " in out


def test_json_can_be_read_back(run: Run) -> None:
    code, out, _ = run("station", "--json", "--length", "short")
    assert code == 0
    assert read_brief(json.loads(out)).title == "The station in Arlen"


def test_a_topic_is_briefed_and_kept(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "brief.md"
    code, out, _ = run("--topic", "station Arlen", "--export", str(target))
    assert code == 0
    assert "What each source says" in out
    text = target.read_text(encoding="utf-8")
    assert text.startswith("# station Arlen\n")
    assert "[^1]: The station in Arlen" in text
    assert str(tmp_path) not in text


def test_what_is_not_there_is_refused(run: Run) -> None:
    code, out, _ = run("--topic", "volcanoes of Iceland")
    assert code == 3
    assert "The documents say nothing on this." in out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "Name a document"),
        (("station", "--topic", "station"), 2, "Name a document"),
        (("station", "--length", "huge"), 2, "short, normal, long"),
        (("station", "--export", "brief.pdf"), 2, "kept as Markdown"),
        (("nothing of this name",), 1, "There is no document"),
        (("--topic", "?"), 1, "A topic is a few words"),
        (("--topic", "station from:yesterday-ish"), 1, "from"),
    ],
)
def test_exit_codes(run: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    got, out, err = run(*arguments)
    assert (got, out) == (code, "")
    assert words in " ".join(err.replace("│", " ").split())


def test_a_document_cannot_steer_terminal_page_or_markdown(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "brief.md"
    code, out, err = run("evil", "--export", str(target))
    assert code == 0
    assert not CONTROL.search(out + err)
    assert "](http" not in target.read_text(encoding="utf-8").replace("\\]", "")
    _, out, _ = run("evil", "--json")
    read = read_brief(json.loads(out))
    html = brief_html(read, Turn(7, read.title, state="done", sentences=read.sentences))
    assert "<script" not in html
    assert "${" not in html
    assert "\u202e" not in html


def test_the_buttons_of_a_page_name_turn_and_footnote(run: Run) -> None:
    _, out, _ = run("station", "--json")
    brief = read_brief(json.loads(out))
    html = brief_html(brief, Turn(7, brief.title, state="done", sentences=brief.sentences))
    for citation in brief.citations:
        assert f'data-turn="7" data-n="{citation.n}"' in html
    assert html.count('data-act="footnote"') >= 2 * len(brief.citations)
    assert '<ol class="notes"' in html


# -- written by a model ---------------------------------------------------------------------------

PAID = "The station in Arlen delivers 300 megawatts to the whole grid [1]."


def test_a_reader_that_composes_is_asked_to_write(run: Run) -> None:
    code, out, _ = run("station", "--model", "fake", "--reader", "compose", "--json")
    assert code == 0
    brief = read_brief(json.loads(out))
    # What the fake model writes proves nothing, so the quotes stand, and the note says so.
    assert {sentence.kind for sentence in brief.sentences} == {"quote"}
    assert "fake wrote nothing that could take a quote's place" in brief.note
    code, out, _ = run("station", "--model", "fake", "--reader", "extract", "--json")
    assert (code, read_brief(json.loads(out)).note) == (0, "")
    assert run("station", "--reader", "poetry")[0] == 2


def test_a_brief_can_be_verified(run: Run, tmp_path: Path, verify: Run) -> None:
    kept, data = tmp_path / "kept" / "brief.md", tmp_path / "kept" / "brief.json"
    kept.parent.mkdir()
    _, out, _ = run("station", "--export", str(kept), "--json")
    data.write_text(out, encoding="utf-8")
    code, out, _ = verify(str(data))
    assert (code, out.count("holds (supported)")) == (0, len(read_brief(_json(data)).sentences))
    for file in (kept, data):
        code, out, _ = verify(str(file), "--documents", str(tmp_path / "station.md"))
        assert code == 0
        assert "stands in" in out
    code, _, err = verify(str(data), "--necessity")
    assert code == 1
    assert "a brief answers none" in " ".join(err.split())


def _json(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def verify(run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """As `run`, for `footnote verify`."""
    monkeypatch.setenv("FOOTNOTE_GENERATOR", "fake")

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["footnote", "verify", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        captured = capsys.readouterr()
        return int(stop.value.code or 0), captured.out, captured.err

    return call


class Waiting(FakeGenerator):
    """Writes when it is told to."""

    def __init__(self, *scripts: str) -> None:
        super().__init__([list(script) for script in scripts])
        self.may_write = threading.Event()

    def stream(self, messages, *, max_tokens, stop=()):
        assert self.may_write.wait(20)
        yield from super().stream(messages, max_tokens=max_tokens, stop=stop)


@pytest.fixture
def writer() -> Waiting:
    return Waiting(PAID, "")


@pytest.fixture
def handlers(run: Run, tmp_path: Path, writer: Waiting) -> Iterator[Handlers]:
    """The page over the documents of `run`, with a model that writes one sentence."""
    library = Library(tmp_path / "library", FakeEmbedder())
    settings = Settings(library=library.folder, embedder="fake", generator="fake")
    reader = ComposeReader(writer, library)
    made = Handlers(Pipeline(library, Retriever(library), reader, settings))
    yield made
    made.close()
    library.close()


def station(handlers: Handlers) -> int:
    documents = handlers.pipeline.library.store.documents()
    return next(d.id for d in documents if d.title.startswith("The station"))


def test_the_page_shows_the_quotes_first_and_then_what_was_written(
    handlers: Handlers, writer: Waiting
) -> None:
    session, shown = Session(), []
    for _, live, _ in handlers.brief_of(station(handlers), session):
        shown += [live] if live else []
        if "Writing “Key takeaways”" in shown[-1]:
            writer.may_write.set()
    turns = [re.search(r'data-state="(\w+)"', live)[1] for live in shown]
    assert turns[-1] == "done"
    assert set(turns[:-1]) == {"working"}
    drafts = [live for live in shown if "Writing “Key takeaways”" in live]
    assert "<q>The new station in Arlen delivers 300 megawatts to the grid.</q>" in drafts[0]
    # Nothing that was not checked is shown, not even for a moment.
    assert not any("whole grid" in live for live in drafts)
    assert 'class="written"' in shown[-1]
    assert "delivers 300 megawatts to the whole grid" in shown[-1]
    brief = session.turns[-1].brief
    assert brief is not None
    assert brief.is_written
    file = handlers.brief_file({"turn": 1}, session)
    assert 'data-name="footnote-brief.md"' in file
    text = json.loads(unescape(file[file.index(">") + 1 : file.rindex("<")]))
    assert [s.text for s in read_proof(text)[0].sentences] == [s.text for s in brief.sentences]


def test_what_is_half_proven_is_marked_on_the_page_and_in_a_terminal(
    handlers: Handlers, writer: Waiting
) -> None:
    writer.may_write.set()
    session = Session()
    list(handlers.brief_of(station(handlers), session))
    brief = session.turns[-1].brief
    doubtful = replace_support(brief, "partly")
    html = brief_html(doubtful, Turn(7, brief.title, state="done", sentences=doubtful.sentences))
    assert '<span class="support partly">partly supported by its passage</span>' in html
    assert "(partly supported by its passage)" in " ".join(brief_text(doubtful).split())
    assert "supported by" not in brief_html(brief, session.turns[-1])


def replace_support(brief: Brief, support: str) -> Brief:
    data = brief_json(brief)
    for section in data["sections"]:
        for line in section["lines"]:
            if line["sentence"]["kind"] == "written":
                line["sentence"]["support"] = support
    return read_brief(data)


def test_stopped_while_it_is_written_the_quotes_stay(handlers: Handlers, writer: Waiting) -> None:
    session = Session()
    seen = ""
    for _, live, _ in handlers.brief_of(station(handlers), session):
        seen = live or seen
        if "Writing “Key takeaways”" in seen:
            handlers.stop(session)
    writer.may_write.set()
    (turn,) = session.turns
    assert turn.state == "stopped"
    assert turn.brief is not None
    assert not turn.brief.is_written
    assert "Stopped. What was not written yet is quoted." in seen
    assert "<q>The new station in Arlen" in seen
    # Kept as it is, and there again after a reload.
    again = Session()
    handlers.resume(session.conversation, again)
    assert again.turns[0].brief.sections == turn.brief.sections
    assert again.turns[0].state == "stopped"


def test_a_pipeline_that_cannot_write_quotes(pipeline, library: Library, tmp_path: Path) -> None:
    path = tmp_path / "station.md"
    path.write_text(TEXTS["station.md"], encoding="utf-8")
    library.add([path])
    *_, brief = desk.briefed(pipeline, "station Arlen", None)
    assert isinstance(brief, Brief)
    assert brief.note.startswith("Made from")
