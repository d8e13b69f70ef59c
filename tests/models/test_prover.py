"""The prover: pairs of word pieces, spans, small files, and that it learns."""

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file
from transformers import BertConfig, BertModel

from models.errors import ModelError
from models.packaged import starter_embedder_dir
from models.pairs import PairTokenizer, as_arrays
from models.protocols import Judgement
from models.prover import MiniLMProver, Reranker, best_span
from models.prover_net import ProverNet, save_trained
from models.training.loop import TrainingSettings, train
from models.training.proving import ProverItem, ProverLearner, ProverRow, item_batches, one_pass
from rag.opinions import evidence_in

BUILT, TURNS = "The mill was built in 1612 by Dalgaard.", "Its wheel still turns."
LONG = " ".join(f"Sentence number {i} says that the mill turns." for i in range(60))


@pytest.fixture(scope="module")
def tokenizer() -> PairTokenizer:
    return PairTokenizer(starter_embedder_dir())


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like the packaged embedder's, a thousand times smaller."""
    folder = tmp_path_factory.mktemp("tiny")
    config = BertConfig(
        vocab_size=30522,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=512,
    )
    torch.manual_seed(0)
    model = BertModel(config, add_pooling_layer=False)
    save_file({k: v.numpy() for k, v in model.state_dict().items()}, folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps(config.to_dict()))
    source = starter_embedder_dir() / "tokenizer.json"
    (folder / "tokenizer.json").write_bytes(source.read_bytes())
    return folder


def rows(tokenizer: PairTokenizer) -> list[ProverItem]:
    """Questions on a mill: the right passage first, and sentences that are or are not so."""
    right = f"The mill\n{BUILT} {TURNS}"
    wrong = "The lake\nThe lake is deep and cold."
    pairs = tokenizer.encode(
        [
            ("When was the mill built?", right),
            ("When was the mill built?", wrong),
            ("The mill was built in 1612.", right),
            ("The mill was built in 1999.", right),
        ]
    )
    first = pairs[0].passage_at
    at = next(i for i, (a, b) in enumerate(pairs[0].offsets) if right[a:b] == "1612")
    span = (first + at, first + at)
    built = [first + i for i, (a, _) in enumerate(pairs[0].offsets) if 9 <= a < 9 + len(BUILT)]
    stop, end = built[-1] + 1, first + len(pairs[0].offsets)
    sentences = ((built[0], stop, True), (stop, end, False))
    lake = ((pairs[1].passage_at, pairs[1].passage_at + len(pairs[1].offsets), False),)
    ranked = ProverItem(
        (
            ProverRow(pairs[0], 1, span, sentences=sentences),
            ProverRow(pairs[1], 0, sentences=lake),
        ),
        ranked=True,
    )
    return [
        ranked,
        ProverItem((ProverRow(pairs[2], support=0),)),
        ProverItem((ProverRow(pairs[3], support=2),)),
    ]


def test_long_passages_are_read_beyond_128_tokens_and_cut_at_the_limit(
    tokenizer: PairTokenizer,
) -> None:
    (pair,) = tokenizer.encode([("Does the mill turn?", LONG)])
    assert len(pair.ids) == 320
    start, end = pair.offsets[-1]
    assert LONG[start:end].strip()
    assert end > 900


def test_offsets_give_the_passage_back(tokenizer: PairTokenizer) -> None:
    passage = "Zürich · 2024\nThe tramway – opened in 1875 – cost €5 million."
    (pair,) = tokenizer.encode([("cost?", passage)])
    words = [passage[a:b] for a, b in pair.offsets]
    assert "".join(words).replace(" ", "") == passage.replace(" ", "").replace("\n", "")
    ids, types, mask = as_arrays([pair])
    assert types.sum() == len(pair.offsets)
    assert mask.sum() == len(pair.ids)
    # The marks around the passage belong to no span.
    assert types[0, pair.passage_at - 1] == 0
    assert types[0, -1] == 0
    assert ids[0, 0] != ids[0, -1]


def test_a_very_long_question_leaves_room_for_the_passage(tokenizer: PairTokenizer) -> None:
    (pair,) = tokenizer.encode([(LONG, "The mill turns.")])
    assert len(pair.offsets) == 4


def test_the_best_span_is_ordered_and_short() -> None:
    logits = np.full((40, 2), -5.0, dtype=np.float32)
    logits[30, 0] = 4.0
    logits[5, 1] = 9.0  # an end before every good start
    logits[33, 1] = 3.0
    assert best_span(logits)[:2] == (30, 33)
    far = np.full((60, 2), -9.0, dtype=np.float32)
    far[0, 0] = far[59, 1] = 9.0
    first, last, logprob = best_span(far)
    assert 0 <= last - first < 24
    assert logprob < -5
    assert best_span(np.zeros((0, 2), dtype=np.float32)) == (0, 0, 0.0)


def test_weights_survive_their_file(tiny: Path, tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = ProverNet(tiny).eval()
    save_trained(net.trained_parameters(), tmp_path / "w.safetensors")
    again = ProverNet(tiny).eval()
    again.load_trained(tmp_path / "w.safetensors")
    ids = torch.randint(5, 1000, (2, 12))
    types, mask = torch.zeros_like(ids), torch.ones_like(ids)
    types[:, 5:] = 1
    with torch.no_grad():
        one, other = net(ids, types, mask), again(ids, types, mask)
    torch.testing.assert_close(one.relevance, other.relevance, atol=0.02, rtol=0.02)
    torch.testing.assert_close(one.spans, other.spans, atol=0.02, rtol=0.02)
    assert (one.spans[:, :5] < -1000).all()
    assert list(tmp_path.iterdir()) == [tmp_path / "w.safetensors"]


def test_weights_of_something_else_are_refused(tiny: Path, tmp_path: Path) -> None:
    save_file({"a": np.zeros(3, dtype=np.float32)}, tmp_path / "w.safetensors")
    with pytest.raises(ModelError, match="prover's weights"):
        MiniLMProver(tmp_path / "w.safetensors", tiny).judge([("a", "b")])
    with pytest.raises(ModelError, match="prover's weights"):
        MiniLMProver(tmp_path / "none.safetensors", tiny).judge([("a", "b")])


def test_every_item_is_in_one_batch(tokenizer: PairTokenizer) -> None:
    items = rows(tokenizer) * 20
    batches = one_pass(items, 256, random.Random(0))
    assert sum(len(batch) for batch in batches) == len(items)
    for batch in batches:
        n = sum(len(item.rows) for item in batch)
        assert n * max(len(item) for item in batch) <= 256 or len(batch) == 1


def test_the_prover_learns(tiny: Path, tokenizer: PairTokenizer, tmp_path: Path) -> None:
    torch.manual_seed(0)
    items = rows(tokenizer)
    settings = TrainingSettings(
        steps=150, learning_rate=5e-3, warmup=5, tokens_per_batch=512, bf16=False, averaging=0.5
    )
    learner = ProverLearner(ProverNet(tiny, dropout=0.0))
    table = learner.net.bert.embeddings.word_embeddings.weight.clone()
    before = float(learner.loss(items).detach())
    weights = train(learner, item_batches(items, settings), settings, tmp_path / "work")
    assert torch.equal(table, learner.net.bert.embeddings.word_embeddings.weight)
    learner.load(weights)
    with torch.no_grad():
        assert float(learner.loss(items)) < before / 4
    save_trained(weights, tmp_path / "w.safetensors")
    prover = MiniLMProver(tmp_path / "w.safetensors", tiny)
    right = f"The mill\n{BUILT} {TURNS}"
    good, bad, said, lie = prover.judge(
        [
            ("When was the mill built?", right),
            ("When was the mill built?", "The lake\nThe lake is deep and cold."),
            ("The mill was built in 1612.", right),
            ("The mill was built in 1999.", right),
        ]
    )
    assert good.relevance > bad.relevance
    assert good.answerable > 0 > bad.answerable
    assert right[good.start : good.end] == "1612"
    turns = right.index(TURNS)
    assert evidence_in(good, 9, turns) > 0 > evidence_in(good, turns, len(right))
    assert evidence_in(bad, 9, 99) < 0
    assert said.support[0] > 0.5 > lie.support[0]
    assert sum(said.support) == pytest.approx(1.0, abs=1e-5)


def test_the_order_of_pairs_does_not_matter(tiny: Path, tmp_path: Path) -> None:
    save_trained(ProverNet(tiny).trained_parameters(), tmp_path / "w.safetensors")
    prover = MiniLMProver(tmp_path / "w.safetensors", tiny)
    pairs = [("a question", LONG[: 40 * i + 3]) for i in range(11)]
    together = prover.judge(pairs)
    for pair, one in zip(pairs, together, strict=True):
        (alone,) = prover.judge([pair])
        assert alone.relevance == pytest.approx(one.relevance, abs=1e-4)
        assert (alone.start, alone.end) == (one.start, one.end)
    assert prover.judge([]) == []


class _Plain:
    name = "plain"

    def judge(self, pairs: object) -> list[Judgement]:
        return [Judgement(0.0, 1.0, 2, 3, -0.1, (1.0, 0.0, 0.0))]


def test_another_cross_encoder_that_is_not_there_says_so(tmp_path: Path) -> None:
    reranker = Reranker(_Plain(), str(tmp_path / "nothing"))
    with pytest.raises(ModelError, match="cross-encoder"):
        reranker.judge([("a", "b")])
