"""`footnote ask --trace`, `footnote replay`, and the drawer that shows a trace."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from rag.pipeline import Pipeline, build_pipeline
from rag.settings import Settings
from rag.trace import Trace
from rag.trace_file import read_trace, trace_text
from ui.why_html import why_html
from ui.why_words import summary

QUESTION = "How many countries took part?"
TEXT = """Workshops

The third workshop was held in Shanghai, and 38 countries took part.

Nobody counted the <b>ferries</b> ${x} {{y}} that day.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "workshops.txt").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path, monkeypatch, capsys):
    """Runs the command line in this process: (exit code, stdout, stderr)."""
    from ui import cli

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["footnote", "--library", str(folder / "lib"), *arguments])
        monkeypatch.setenv("FOOTNOTE_EMBEDDER", "fake")
        monkeypatch.setenv("FOOTNOTE_GENERATOR", "fake")
        monkeypatch.setenv("FOOTNOTE_MIN_CONFIDENCE", "0.05")
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    assert call("add", str(folder / "workshops.txt"))[0] == 0
    return call


def test_a_trace_is_kept_and_replayed(run, folder: Path) -> None:
    kept = folder / "t.json"
    assert run("ask", QUESTION, "--trace", str(kept))[0] == 0
    assert read_trace(kept).question == QUESTION
    code, out, _ = run("replay", str(kept))
    assert code == 0
    assert "The same answer came back, by the same steps." in out
    code, out, _ = run("replay", str(kept), "--json")
    assert (code, json.loads(out)["same_answer"], json.loads(out)["differences"]) == (0, True, [])


def test_a_refusal_is_kept_too(run, folder: Path) -> None:
    kept = folder / "t.json"
    assert run("ask", "Zebra xylophone?", "--trace", str(kept))[0] == 3
    assert run("replay", str(kept))[0] == 0


def test_another_answer_is_told_with_the_first_step(run, folder: Path) -> None:
    kept = folder / "t.json"
    run("ask", QUESTION, "--trace", str(kept))
    (folder / "workshops.txt").write_text(TEXT.replace("38", "41"), encoding="utf-8")
    run("add", str(folder / "workshops.txt"))
    code, out, _ = run("replay", str(kept))
    assert code == 1
    assert "Another answer came back; the first step that differs is: documents." in out
    assert re.search(r"then: .*38.*\n\s+now:  .*41", out)


def test_what_is_no_trace_is_one_line_of_advice(run, folder: Path) -> None:
    kept = folder / "t.json"
    run("ask", QUESTION, "--trace", str(kept))
    kept.write_text(kept.read_text().replace("Shanghai", "Lisbon"), encoding="utf-8")
    for file, words in ((kept, "changed or damaged"), (folder / "workshops.txt", "no whole JSON")):
        code, out, err = run("replay", str(file))
        assert (code, out) == (1, "")
        assert words in err
        assert err.count("\n") == 1


def test_a_trace_that_cannot_be_written_is_said_after_the_answer(run, folder: Path) -> None:
    code, out, err = run("ask", QUESTION, "--trace", str(folder / "no" / "t.json"))
    assert code == 1
    assert "38 countries" in out
    assert "could not be written" in err


@pytest.fixture
def pipeline(run, folder: Path):
    made = build_pipeline(
        Settings(library=folder / "lib", embedder="fake", generator="fake", min_confidence=0.05),
        create=False,
    )
    yield made
    made.close()


def test_the_drawer_says_it_in_words_first(pipeline: Pipeline) -> None:
    trace = pipeline.ask_traced(QUESTION)
    sentences = summary(trace)
    assert 1 < len(sentences) <= 3
    assert re.match(r"\d+ passages? (was|were) compared", sentences[0])
    assert "The answer comes from passage 1" in sentences[1]
    html = why_html(trace)
    for part in ("Understood as", "Candidates", "What was read", "Timings", "Made with"):
        assert part in html
    assert 'data-act="save-trace"' in html
    assert html.count("<pre") == sum(bool(prompt.text) for prompt in trace.prompts)


def test_document_text_stays_text(pipeline: Pipeline) -> None:
    trace = pipeline.ask_traced("Who counted the ferries <script>alert(1)</script> ${q} {{z}}?")
    html = why_html(trace)
    assert "<script" not in html
    assert "<b>" not in html
    assert "${" not in html
    assert "{{" not in html


def test_a_refusal_a_census_and_an_empty_trace_have_a_drawer(pipeline: Pipeline) -> None:
    refused = pipeline.ask_traced("Zebra xylophone?")
    assert "None of them states the answer" in " ".join(summary(refused))
    counted = pipeline.ask_traced("How many documents mention Shanghai?")
    assert "whole library of 1 document" in summary(counted)[0]
    bare: Trace = dataclasses.replace(
        refused, passages=(), prompts=(), sentences=(), weighings=(), documents=(), models=()
    )
    for trace in (refused, counted, bare):
        assert why_html(trace)
        assert trace_text(trace)


def test_suggestions_are_printed_and_kept(run, folder: Path) -> None:
    (folder / "robots.txt").write_text("China installed 276,300 industrial robots in 2023.\n")
    (folder / "more.txt").write_text("The robots of China are many. In China it rains.\n")
    run("add", str(folder / "robots.txt"), str(folder / "more.txt"))
    code, out, _ = run("suggest")
    assert code == 0
    assert "How many industrial robots did China install in 2023?\n    " in out
    code, out, _ = run("suggest", "--seconds", "0", "--json", "--n", "1")
    assert code == 0
    assert len(json.loads(out)["suggestions"]) == 1
