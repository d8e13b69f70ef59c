import json
import random

import pytest

from eval.claims import Claim, rewritten_claims
from eval.intervals import wilson
from eval.lies import Checked, check, errors, figures, main
from eval.planting import KINDS, lies_of, plant

EVIDENCE = (
    "Ardel\nIn 1990, Ardel had 5,000 inhabitants, and the coast road was 12 km long. The mayor Anna "
    'Berg called it "a quiet place" on January 16, 2025. The teacher Lena Holt did not agree.'
)
SENTENCES = {
    "number": "In 1990, Ardel had 5,000 inhabitants, and the coast road was 12 km long.",
    "unit": "The coast road was 12 km long.",
    "date": "In 1990, Ardel had 5,000 inhabitants.",
    "name": "The mayor Anna Berg called it quiet.",
    "quotation": 'The mayor Anna Berg called it "a quiet place" on January 16, 2025.',
    "negation": "The teacher Lena Holt did not agree.",
}


def claim(text):
    return Claim(text, EVIDENCE, "verbatim", ("Tom Reed",))


@pytest.mark.parametrize("kind", KINDS)
def test_a_lie_differs_from_the_sentence_and_from_the_passage(kind):
    for seed in range(20):
        lie = lies_of(claim(SENTENCES[kind]), kind, random.Random(seed))
        assert lie is not None
        assert lie.lie == kind
        assert lie.text != SENTENCES[kind]
        assert lie.text not in EVIDENCE


def test_what_is_not_there_cannot_be_lied_about():
    for kind in ("number", "unit", "date", "quotation"):
        assert lies_of(claim("The coast was quiet."), kind, random.Random(0)) is None


def test_a_name_is_swapped_for_one_that_is_not_in_the_sentence():
    texts = {lies_of(claim(SENTENCES["name"]), "name", random.Random(s)).text for s in range(20)}
    assert texts == {"The mayor Tom Reed called it quiet.", "The mayor Lena Holt called it quiet."}


def test_lies_are_planted_evenly():
    planted = plant([claim(text) for text in SENTENCES.values()], 6, random.Random(0))
    assert sorted(lie.lie for lie in planted) == sorted(KINDS)


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("In 1990, the town grew.", "The town grew in 1990."),
        ("The town (a port) grew.", "The town grew."),
        ("It had five schools.", "It had 5 schools."),
        ("It had 5 schools.", "It had five schools."),
        ("It came on January 16, 2025.", "It came on 16 January 2025."),
        ("It came on 16 January 2025.", "It came on 2025-01-16."),
        ("It had 5,000 people.", "It had 5000 people."),
        ("Some 47% left.", "Some 47 percent left."),
        ("During the long war, the town grew.", "The town grew."),
    ],
)
def test_rewritings_keep_what_is_said(text, rewritten):
    found = {rewritten_claims([claim(text)], random.Random(s))[0].text for s in range(12)}
    assert rewritten in found


def test_a_number_loses_all_its_separators_or_none():
    assert rewritten_claims([claim("It had 1,300,000 people.")], random.Random(0)) == []


def test_figures_count_lies_and_true_sentences_apart():
    true, lie = claim("a"), Claim("b", EVIDENCE, "verbatim", lie="date")
    checked = [Checked(true, "supported"), Checked(true, "unsupported"), Checked(true, "partly"),
               Checked(lie, "unsupported"), Checked(lie, "partly")]  # fmt: skip
    found = figures(checked)
    assert found["untouched_flagged"]["percent"] == pytest.approx(33.33)
    assert found["caught"]["percent"] == 50
    assert found["caught_or_doubted"]["percent"] == 100
    assert found["caught_by_kind"]["date"]["n"] == 2
    assert found["caught_by_kind"]["name"] == {"n": 0, "percent": None, "low": None, "high": None}
    assert [len(rows) for rows in errors(checked, 5).values()] == [1, 1]


def test_wilsons_interval():
    assert wilson(98, 100) == {"n": 100, "percent": 98.0, "low": 93.0, "high": 99.45}
    assert wilson(0, 10)["low"] == 0


def test_the_checker_sees_through_planted_lies():
    planted = plant([claim(text) for text in SENTENCES.values()], 6, random.Random(3))
    assert {item.support for item in check(planted)} == {"unsupported"}


def test_command_prints_json(tmp_path, capsys):
    paragraph = {
        "context": EVIDENCE.split("\n")[1],
        "qas": [
            {"id": "1", "question": "Who?", "answers": [{"text": "Anna Berg", "answer_start": 0}]}
        ],
    }
    articles = {"data": [{"title": "Ardel", "paragraphs": [paragraph]}]}
    (tmp_path / "qa").mkdir()
    (tmp_path / "entailment").mkdir()
    for name in ("squad-v1.1", "squad-v2.0"):
        (tmp_path / "qa" / f"{name}.json").write_text(json.dumps(articles))
    (tmp_path / "splits.json").write_text(
        json.dumps({"squad": {"test": ["Ardel"], "calibration": []}})
    )
    row = {"premise": EVIDENCE, "hypothesis": "Ardel had 5,000 inhabitants in 1990.",
           "label": "supported", "use": "test"}  # fmt: skip
    (tmp_path / "entailment" / "pairs.jsonl").write_text(json.dumps(row) + "\n")
    main(["--data", str(tmp_path), "--n", "12", "--show", "2"])
    printed = json.loads(capsys.readouterr().out)
    assert printed["part"] == "test"
    assert printed["paraphrases"]["untouched_flagged"]["percent"] == 0
    assert printed["near"]["caught"]["n"] > 0
