"""What the prover is trained on, and the command that trains it."""

import json
import random
from pathlib import Path

import numpy as np
import pytest

from eval.training.prover_data import Example, Neighbours, change, items_of, prover_items
from eval.training.train_prover import main
from models.fake import FakeEmbedder
from models.packaged import starter_embedder_dir
from models.pairs import PairTokenizer
from models.prover import MiniLMProver
from models.training.proving import UNKNOWN, ProverItem

TEXT = "Lake Orrin was settled in 1612 by Dalgaard. Later, near Vasterby, 340 boats were built."


@pytest.fixture
def data(tiny_data: Path) -> Path:
    """The tiny data with the two kinds of files that only the prover reads."""
    folder = tiny_data / "retrieval" / "scifact"
    (folder / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": str(i), "title": f"Mice {i}", "text": f"Trial {i} of {i + 40} mice."}
        for i in range(6)
    ]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in corpus))
    queries = [{"_id": "q1", "text": "Mice 3 were 43."}]
    (folder / "queries.train.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries))
    judged = "query-id\tcorpus-id\tscore\nq1\t3\t1\nq9\t2\t1\n"
    (folder / "qrels" / "train.tsv").write_text(judged)
    (tiny_data / "entailment").mkdir()
    pairs = [
        {"premise": "Cats purr.", "hypothesis": h, "label": label, "use": use}
        for h, label, use in (
            ("Cats make a sound.", "supported", "train"),
            ("Cats bark.", "contradicted", "train"),
            ("Cats purr and dance.", "partial", "train"),
            ("Cats may not be seen in training.", "supported", "test"),
        )
    ]
    (tiny_data / "entailment" / "pairs.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in pairs)
    )
    return tiny_data


@pytest.fixture(scope="module")
def tokenizer() -> PairTokenizer:
    return PairTokenizer(starter_embedder_dir())


def made(data: Path, tokenizer: PairTokenizer, seed: int = 0) -> list[ProverItem]:
    return prover_items(data, Neighbours(FakeEmbedder()), tokenizer, random.Random(seed))


def test_the_right_passage_comes_first_and_no_other_holds_the_answer(
    data: Path, tokenizer: PairTokenizer
) -> None:
    items = made(data, tokenizer)
    ranked = [item for item in items if item.ranked and item.rows[0].answerable == 1]
    assert ranked
    for item in ranked:
        first, *others = item.rows
        if first.span is not None:
            answer = first.pair.ids[first.span[0] : first.span[1] + 1]
            for other in others:
                ids = other.pair.ids
                assert other.answerable == 0
                assert other.span is None
                # The answer's word pieces do not stand in a passage called wrong.
                places = range(other.pair.passage_at, len(ids) - len(answer))
                assert all(ids[i : i + len(answer)] != answer for i in places)


def test_sentences_of_evidence_are_marked(tokenizer: PairTokenizer) -> None:
    first, second = TEXT.index("Later"), len(TEXT)
    passage = f"Lakes\n{TEXT}"
    groups = [
        [Example("q", passage, 1, "1612"), Example("q", passage, 0)],
        [Example("q", passage, 1, "1612", evidence=("340 boats were built", "by Dalgaard"))],
        [Example("q", passage, support=0)],
    ]
    (held, wrong), (both,), (unknown,) = (
        [row.sentences for row in item.rows] for item in items_of(groups, tokenizer)
    )
    assert [proves for _, _, proves in held] == [True, False]
    assert [proves for _, _, proves in wrong] == [False, False]
    assert [proves for _, _, proves in both] == [True, True]
    assert unknown == ()
    (pair,) = tokenizer.encode([("q", passage)])
    words = [
        passage[pair.offsets[a - pair.passage_at][0] : pair.offsets[b - 1 - pair.passage_at][1]]
        for a, b, _ in held
    ]
    assert words == [TEXT[: first - 1], TEXT[first:second]]


def test_nothing_of_test_or_calibration_is_learned(data: Path, tokenizer: PairTokenizer) -> None:
    items = made(data, tokenizer)
    hidden = tokenizer.encode([("Cats may not be seen in training.", "\nCats purr.")])[0]
    assert all(row.pair.ids != hidden.ids for item in items for row in item.rows)
    towers = set(tokenizer.encode([("tower", "")])[0].ids[1:-2])
    seen = {i for item in items for row in item.rows for i in row.pair.ids}
    assert not towers & seen  # the calibration article is about a tower


def test_labels_of_support(data: Path, tokenizer: PairTokenizer) -> None:
    items = made(data, tokenizer)
    labels = {}
    for item in items:
        for row in item.rows:
            labels[row.pair.ids] = row.support
    for sentence, label in (
        ("Cats make a sound.", 0),
        ("Cats purr and dance.", 1),
        ("Cats bark.", 2),
    ):
        (pair,) = tokenizer.encode([(sentence, "\nCats purr.")])
        assert labels[pair.ids] == label
    claims = [item for item in items if item.ranked and item.rows[0].answerable == UNKNOWN]
    assert len(claims) == 1  # the claim that is not in queries.train.jsonl is left out


def test_rows_are_the_same_for_the_same_seed(data: Path, tokenizer: PairTokenizer) -> None:
    assert made(data, tokenizer) == made(data, tokenizer)
    assert made(data, tokenizer) != made(data, tokenizer, seed=1)


@pytest.mark.parametrize("seed", range(30))
def test_a_changed_sentence_differs(seed: int) -> None:
    sentence = TEXT.split(". ")[0] + "."
    changed = change(sentence, TEXT, random.Random(seed))
    assert changed is not None
    assert changed != sentence
    # One thing is changed: most words stay.
    assert len(set(changed.split()) & set(sentence.split())) >= len(sentence.split()) - 2


def test_a_sentence_with_nothing_to_change_is_left_alone() -> None:
    assert change("Nothing here", "Nothing here", random.Random(0)) is None


@pytest.mark.slow
def test_a_trial_lowers_the_loss_and_its_weights_load(data: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    arguments = ["--data", str(data), "--work", str(work), "--steps", "20"]
    main([*arguments, "--tokens-per-batch", "512", "--learning-rate", "5e-4"])
    losses = [json.loads(line) for line in (work / "losses.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in losses] == list(range(1, 21))
    first, last = (np.mean([e["loss"] for e in part]) for part in (losses[:5], losses[-5:]))
    assert last < first
    weights = work / "prover.safetensors"
    assert 1e6 < weights.stat().st_size <= 12e6
    (judged,) = MiniLMProver(weights).judge([("When was Lake Orrin settled?", TEXT)])
    assert np.isfinite(judged.relevance)
    assert 0 <= judged.start < judged.end <= len(TEXT)
