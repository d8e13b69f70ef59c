import json
from pathlib import Path

import pytest

from eval.brief_writing import main, measure
from index.library import Library
from models.fake import FakeEmbedder

ROOT = Path(__file__).parents[2]
TEXT = (
    "# The station in Arlen\n\nNorthgrid paid 41 million euros for the station, half of it from a state "
    "fund. The new station in Arlen delivers 300 megawatts to three data centres.\n"
)
PAID = "Northgrid paid 41 million euros for the station, half of it from a state fund."


@pytest.fixture
def library(tmp_path):
    (tmp_path / "station.md").write_text(TEXT)
    made = Library(tmp_path / "library", FakeEmbedder())
    made.add([tmp_path / "station.md"])
    yield made
    made.close()


def row(**changes) -> dict:
    same = {"brief": "station", "kind": "document", "part": "takeaways", "quote": PAID}
    said = {
        "faithful": "For the station Northgrid paid 41 million euros, half from a state fund.",
        "changed": "For the station Northgrid paid 47 million euros, half from a state fund.",
    }
    return same | said | changes


def test_a_sentence_is_shown_doubted_or_quoted(library):
    found = [(way, one) for way, one, _ in measure(library, [row()], None)]
    assert found == [("faithful", "shown"), ("changed", "quoted")]
    doubtful = row(
        faithful="Northgrid paid about 40 million euros for the station, half from a fund."
    )
    assert next(measure(library, [doubtful], None))[1] == "partly"


def test_a_quote_that_the_brief_has_no_more_is_not_counted(library):
    gone = row(quote="The station was sold.")
    assert [one for _, one, _ in measure(library, [gone], None)] == [None, None]


def test_the_committed_set_is_about_the_samples():
    lines = (
        (ROOT / "eval" / "sets" / "briefs" / "pairs.jsonl").read_text(encoding="utf-8").splitlines()
    )
    rows = [json.loads(line) for line in lines]
    assert len(rows) == 36
    assert all(one["faithful"] != one["changed"] for one in rows)


@pytest.mark.slow
def test_the_samples_with_the_real_models(capsys):
    main(
        [
            "--set",
            str(ROOT / "eval/sets/briefs/pairs.jsonl"),
            "--documents",
            str(ROOT / "samples/documents"),
        ]
    )
    found = json.loads(capsys.readouterr().out)
    assert "None" not in found["faithful"]
    assert found["faithful"]["shown"] >= 20
    assert found["changed"]["shown"] <= 11
