"""`footnote tag`, `rename`, `watch` and `list --tag`, as scripts meet them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from index.store import Store
from ui.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def footnote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command in this process, over two documents."""
    monkeypatch.setenv("FOOTNOTE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("FOOTNOTE_EMBEDDER", "fake")
    monkeypatch.setenv("FOOTNOTE_GENERATOR", "fake")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["footnote", *arguments])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "boats.md").write_text("# Boats\n\nA boat costs nine crowns.\n")
    (folder / "ferries.md").write_text("# Ferries\n\nThe ferry leaves at noon.\n")
    run("add", str(folder))
    return run


def listed(run: Run, *arguments: str) -> dict[str, list[str]]:
    code, out, _ = run("list", "--json", *arguments)
    assert code == 0
    return {document["title"]: document["tags"] for document in json.loads(out)["documents"]}


def test_documents_are_tagged_listed_and_asked(footnote, tmp_path):
    assert footnote("tag", "Sea", "1", str(tmp_path / "docs" / "ferries.md"))[:2] == (
        0,
        "Sea: given to 2 documents\n",
    )
    assert listed(footnote, "--tag", "SEA") == {"Boats": ["Sea"], "Ferries": ["Sea"]}
    assert footnote("tag", "sea", "1", "--remove")[1] == "sea: taken off 1 document\n"
    assert listed(footnote, "--tag", "sea") == {"Ferries": ["Sea"]}
    assert "Sea  1" in footnote("tag")[1]
    assert json.loads(footnote("tag", "--json")[1])["tags"] == [{"tag": "Sea", "documents": 1}]
    _, out, _ = footnote("ask", "--tag", "sea", "--json", "What does a boat cost?")
    assert {Path(p["path"]).name for p in json.loads(out)["passages"]} == {"ferries.md"}
    code, _, err = footnote("ask", "tag:none What does a boat cost?")
    assert code == 1
    assert "The library's tags: Sea." in err


def test_a_tag_needs_documents_and_they_must_be_there(footnote):
    for arguments, words in (
        (("tag", "sea"), "Name the documents"),
        (("tag", "sea", "99"), "There is no document '99'"),
        (("tag", " ", "1"), "A tag needs a name"),
    ):
        code, _, err = footnote(*arguments)
        assert code == 1
        assert words in err


def test_a_document_is_renamed_and_back(footnote):
    assert footnote("rename", "1", "My boats")[1] == "Boats is now called My boats\n"
    assert "My boats" in listed(footnote)
    assert footnote("rename", "1")[1] == "My boats is now called Boats\n"


def test_a_folder_is_watched(footnote, tmp_path):
    folder = tmp_path / "watched"
    folder.mkdir()
    (folder / "newts.md").write_text("# Newts\n\nThey are amphibians.\n")
    (folder / "empty.md").write_text("")
    code, out, _ = footnote("watch", str(folder))
    assert code == 4
    assert "1 added, 1 skipped" in out
    assert footnote("watch", "--now")[:2] == (0, "nothing new\n")
    (folder / "newts.md").unlink()
    (folder / "toads.md").write_text("# Toads\n\nThey are not newts.\n")
    code, out, _ = footnote("watch", "--now")
    assert code == 0
    assert f"missing: {folder / 'newts.md'}" in out
    kept = json.loads(footnote("watch", "--list", "--json")[1])
    assert [(w["path"], w["n_files"]) for w in kept["watched"]] == [(str(folder), 2)]
    assert kept["missing"] == [str(folder / "newts.md")]
    store = Store(tmp_path / "library")
    assert [Path(f.path).name for f in store.failures(9)[0]] == ["empty.md"]
    assert store.n_waiting() == 0
    store.close_all()
    assert "watched no more" in footnote("watch", "--remove", str(folder))[1]
    assert footnote("watch", "--remove", str(folder))[0] == 1
    assert footnote("watch")[0] == 2
    assert set(listed(footnote)) == {"Boats", "Ferries", "Newts", "Toads"}
