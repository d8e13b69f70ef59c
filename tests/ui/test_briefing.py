"""`footnote brief` as scripts and terminals meet it, and a brief as HTML."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from index.library import Library
from models.fake import FakeEmbedder
from rag.brief import read_brief
from ui.brief_html import brief_html
from ui.cli import main

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
    html = brief_html(read_brief(json.loads(out)), 7)
    assert "<script" not in html
    assert "${" not in html
    assert "\u202e" not in html


def test_the_buttons_of_a_page_name_turn_and_footnote(run: Run) -> None:
    _, out, _ = run("station", "--json")
    brief = read_brief(json.loads(out))
    html = brief_html(brief, 7)
    for citation in brief.citations:
        assert f'data-turn="7" data-n="{citation.n}"' in html
    assert html.count('data-act="footnote"') >= 2 * len(brief.citations)
    assert '<ol class="notes"' in html
