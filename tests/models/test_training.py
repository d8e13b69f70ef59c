"""Training of adapters: rows that share a passage, export to llama.cpp, and a trial that learns."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from models.cache import model_cache_dir
from models.errors import ModelError
from models.packaged import starter_gguf
from models.quantize import quantized
from models.training.base import heads_apart, heads_together, load_base
from models.training.loop import TrainingSettings, train
from models.training.lora import Adapter
from models.training.packing import PackedRow, batches_of, collate, split_rows
from models.training.reading import ReaderLearner, loss_of, row_batches, steps_for

ROW = PackedRow((5, 6, 7, 8), (((9, 10), (11, 12)), ((13,), (14, 15, 16))))


def tiny() -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=64,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        initializer_range=0.2,  # by the default 0.02 no loss could fall below ln 64 - 0.64
        tie_word_embeddings=True,
    )
    config._attn_implementation = "eager"
    model = LlamaForCausalLM(config)
    model.requires_grad_(False)
    return model.eval()


def test_a_shared_passage_reads_as_if_each_question_stood_alone() -> None:
    model = tiny()
    batch = collate([ROW, PackedRow((20, 21), (((22,), (23,)),))])
    with torch.no_grad():
        hidden = model.model(
            input_ids=batch.tokens, attention_mask=batch.mask, position_ids=batch.positions
        ).last_hidden_state.flatten(0, 1)
        together = model.lm_head(hidden[batch.predicts])
        alone = []
        for passage, question, answer in (
            (ROW.passage, *ROW.questions[0]),
            (ROW.passage, *ROW.questions[1]),
            ((20, 21), (22,), (23,)),
        ):
            ids = torch.tensor([passage + question + answer])
            first = len(passage) + len(question) - 1
            alone.append(model(ids).logits[0, first : first + len(answer)])
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=1e-4)
    assert batch.targets.tolist() == [11, 12, 14, 15, 16, 23]
    # Every question weighs the same, however long its answer is.
    assert batch.weights.tolist() == pytest.approx([1 / 6, 1 / 6, 1 / 9, 1 / 9, 1 / 9, 1 / 3])


def test_rows_are_split_with_their_passage_and_too_long_ones_left_out() -> None:
    parts = split_rows([ROW], 8)
    assert [part.passage for part in parts] == [ROW.passage, ROW.passage]
    assert [part.questions for part in parts] == [ROW.questions[:1], ROW.questions[1:]]
    assert split_rows([ROW], 12) == [ROW]
    assert split_rows([ROW], 5) == []


def test_batches_hold_every_row_once_and_keep_to_their_size() -> None:
    rng = random.Random(1)
    rows = [PackedRow(tuple(range(rng.randint(3, 90))), (((1,), (2,)),)) for _ in range(200)]
    batches = list(batches_of(rows, 256, rng))
    assert sorted(map(len, (row for batch in batches for row in batch))) == sorted(map(len, rows))
    assert all(len(batch) * max(map(len, batch)) <= 256 + 90 for batch in batches)
    assert steps_for(rows, 2.0, 256) == pytest.approx(2 * len(batches), abs=2)


def test_heads_apart_and_together_are_inverse() -> None:
    array = np.arange(24 * 3).reshape(24, 3)
    apart = heads_apart(array, 2)
    assert not np.array_equal(apart, array)
    assert np.array_equal(heads_together(apart, 2), array)
    # llama.cpp turns neighbouring rows together, PyTorch row i with row i + half a head.
    assert apart[0].tolist() == array[0].tolist()
    assert apart[1].tolist() == array[6].tolist()


def test_an_adapter_begins_at_the_base_and_learns(tmp_path: Path) -> None:
    model = tiny()
    batch = collate([ROW])
    with torch.no_grad():
        base = model.model(
            input_ids=batch.tokens, attention_mask=batch.mask, position_ids=batch.positions
        ).last_hidden_state
    adapter = Adapter(model, rank=4, alpha=8, first_layer=1)
    with torch.no_grad():
        same = model.model(
            input_ids=batch.tokens, attention_mask=batch.mask, position_ids=batch.positions
        ).last_hidden_state
        before = float(loss_of(adapter, batch))
    assert torch.equal(base, same)
    assert not any(name.startswith("blk.0.") for name in adapter.state())
    settings = TrainingSettings(steps=80, learning_rate=5e-2, warmup=2, bf16=False, averaging=0.5)
    weights = train(ReaderLearner(adapter), row_batches([ROW], settings), settings, tmp_path)
    adapter.load(weights)
    with torch.no_grad():
        after = float(loss_of(adapter, batch))
    assert after < before / 2


def test_training_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    settings = TrainingSettings(steps=12, learning_rate=1e-2, warmup=2, bf16=False)

    def fit(adapter: Adapter, folder: Path, every: int) -> dict[str, torch.Tensor]:
        rows = row_batches([ROW], settings)
        return train(ReaderLearner(adapter), rows, settings, folder, checkpoint_every=every)

    def run(folder: Path, *, stop_at: int | None) -> dict[str, torch.Tensor]:
        torch.manual_seed(3)
        adapter = Adapter(tiny(), rank=4, first_layer=0)
        if stop_at is not None:
            # What an interruption leaves: the checkpoint, not the end.
            fit(adapter, folder, stop_at)
            saved = torch.load(folder / "checkpoint.pt", weights_only=True)
            assert saved["step"] < settings.steps
        torch.manual_seed(3)
        again = Adapter(tiny(), rank=4, first_layer=0)
        return fit(again, folder, 100)

    straight = run(tmp_path / "straight", stop_at=None)
    resumed = run(tmp_path / "resumed", stop_at=5)
    for name, value in straight.items():
        torch.testing.assert_close(resumed[name], value)


@pytest.mark.slow
def test_llama_cpp_with_an_adapter_agrees_with_pytorch(tmp_path: Path) -> None:
    from models.llama import LlamaSession, prompt_rows

    path = quantized(starter_gguf(), "Q8_0", model_cache_dir())
    torch.manual_seed(0)
    adapter = Adapter(load_base(path), rank=8, first_layer=6)
    # An adapter that moves the model far: else agreement would prove the base only.
    random_state = {
        name: value if name.endswith("lora_a") else torch.randn_like(value) * 0.04
        for name, value in adapter.state().items()
    }
    adapter.load(random_state)
    adapter.export(tmp_path / "adapter.gguf", random_state, name="random")
    prompt = (
        "Passage from Oslo:\nThe tramway opened in 1875.\n\nQuestion: When did it open?\nAnswer:"
    )
    plain, adapted = (
        LlamaSession(path, n_ctx=256, adapter=chosen)
        for chosen in (None, tmp_path / "adapter.gguf")
    )
    tokens = plain.tokenize(prompt)
    base = plain.decode(list(prompt_rows(tokens, 0)))[0]
    ours = adapted.decode(list(prompt_rows(tokens, 0)))[0]
    with torch.no_grad():
        theirs = adapter.model(torch.tensor([tokens])).logits[0, -1].numpy()
    plain.close()
    adapted.close()
    moved = float(np.abs(base - theirs).mean())
    assert float(np.abs(ours - theirs).mean()) < moved / 5
    assert np.corrcoef(ours, theirs)[0, 1] > 0.995


@pytest.mark.slow
def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    from gguf import GGUFWriter

    path = tmp_path / "other.gguf"
    writer = GGUFWriter(path, "gemma3")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(ModelError, match="gemma3"):
        load_base(path)
