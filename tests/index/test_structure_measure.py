import json
from pathlib import Path

import pytest

from eval.structure.measure import main, measure

TEXT = "Home > Boats\n\nThe Long Winter\n\n5 March 2024\n\n" + "The boats stayed in. " * 12 + "\n"
PAGE = "<title>x</title><p>We use <b>cookies</b>. Read our privacy policy &amp; terms.</p><p>Boats.</p>"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    (tmp_path / "one.txt").write_text(TEXT)
    (tmp_path / "two.html").write_text(PAGE)

    def label(source: str, words: str, role: str, **more: object) -> dict[str, object]:
        start = (TEXT if source == "one" else PAGE).index(words)
        return {"source": source, "start": start, "end": start + len(words), "label": role, **more}

    lines = [
        label("one", "Home > Boats", "furniture"),
        label("one", "The Long Winter", "heading"),
        label("one", "5 March 2024", "comment", also=["body"]),
        label("one", "The boats stayed in.", "body"),
        label("two", "We use <b>cookies</b>. Read our privacy policy &amp; terms.", "furniture"),
        {"source": "one", "document": True, "title": "The Long Winter", "date_iso": "2024-03-05"},
    ]
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_counts(labels: Path) -> None:
    result = measure(labels, labels.parent).as_json()
    assert result["blocks"] == 5
    assert result["accuracy"] == 0.8
    assert result["accuracy_lenient"] == 1.0
    assert result["labels"]["furniture"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "count": 2}
    assert result["labels"]["body"]["precision"] == 0.5
    assert result["facts"] == {"title": {"right": 1, "of": 1}, "date": {"right": 1, "of": 1}}
    assert [miss["label"] for miss in result["missed"]] == ["comment"]


def test_table_and_json(labels: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(labels.parent), "--missed"]) == 0
    shown = capsys.readouterr().out
    assert "furniture          1.000   1.000   1.000      2" in shown
    assert "is comment ['body'], found body (a date line)" in shown
    assert main([str(labels), "--documents", str(labels.parent), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["blocks"] == 5


def test_labels_of_another_text_are_refused(labels: Path) -> None:
    entry = {"source": "one", "start": 0, "end": 4, "label": "body", "sha256": "0" * 64}
    labels.write_text(json.dumps(entry))
    with pytest.raises(SystemExit, match="not the text that was labelled"):
        measure(labels, labels.parent)
    moved = {"source": "one", "start": 1, "end": 9, "label": "body", "text_start": "Home > B"}
    labels.write_text(json.dumps(moved))
    with pytest.raises(SystemExit, match="not the text that was labelled"):
        measure(labels, labels.parent)
    labels.write_text(json.dumps({**entry, "source": "three"}))
    with pytest.raises(SystemExit, match="no document named like three"):
        measure(labels, labels.parent)
