import json
from pathlib import Path

from eval.name_kinds import figures, main, measure

ROOT = Path(__file__).parents[2]
NAMES = ROOT / "eval" / "sets" / "names"
TEXT = (
    "The year in Arlen\n\nThe engineer Anton Reyes came to Arlen in the spring. The company Northgrid built "
    "the dam above Arlen in two years. Anton Reyes had asked Kestrel first, and Kestrel said no.\n"
)


def labels(name: str) -> list[dict]:
    return [json.loads(line) for line in (NAMES / name).read_text(encoding="utf-8").splitlines()]


def test_precision_and_recall_are_of_the_names_that_are_found(tmp_path, capsys):
    (tmp_path / "year.txt").write_text(TEXT)
    label = {"source": "year.txt", "people": ["Anton Reyes"], "unclear": ["Arlen"]}
    label["organisations"] = ["Northgrid", "Kestrel"]
    counts, wrong = measure([label], [tmp_path / "year.txt"], tmp_path)
    assert counts == {("person", "person"): 1, ("organisation", "organisation"): 1} | {
        ("organisation", "other"): 1
    }
    assert wrong == ["year.txt: Kestrel: other, not organisation"]
    found = figures(counts)
    assert found["organisation"]["recall"]["percent"] == 50
    assert found["organisation"]["precision"]["percent"] == 100
    (tmp_path / "labels.jsonl").write_text(json.dumps(label) + "\n")
    main([str(tmp_path / "labels.jsonl"), str(tmp_path / "year.txt"), "--wrong", "--top", "5"])
    assert "Kestrel: other" in capsys.readouterr().out


def test_the_samples_are_told_as_they_were_when_the_figures_were_written_down(tmp_path):
    counts, wrong = measure(labels("samples.jsonl"), [ROOT / "samples" / "documents"], tmp_path)
    found = figures(counts)
    assert found["person"]["precision"]["percent"] == 100, wrong
    assert found["person"]["recall"]["percent"] > 94
    assert found["organisation"]["precision"]["percent"] > 98
    assert found["organisation"]["recall"]["percent"] > 80


def test_every_labelled_document_and_name_is_there():
    places = {
        "samples.jsonl": [ROOT / "samples" / "documents"],
        "calibration.jsonl": [
            *(ROOT / "eval" / "structure" / part for part in ("dev", "dev2", "train")),
            ROOT / "eval" / "everyday" / "documents",
        ],
    }
    for name, folders in places.items():
        known = {path.name for folder in folders for path in folder.iterdir()}
        for label in labels(name):
            assert label["source"] in known
            kinds = [set(label[kind]) for kind in ("people", "organisations", "unclear")]
            assert sum(map(len, kinds)) == len(set().union(*kinds))
