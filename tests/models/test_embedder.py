import socket
import threading
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.embedder import SentenceTransformerEmbedder
from models.errors import ModelError
from models.fake import FakeEmbedder
from models.packaged import STARTER_EMBEDDER
from models.protocols import Embedder

TEXTS = [
    "In which city was the workshop held?",
    "",
    "Shanghai.",
    "The October 2022 controls covered advanced chips. " * 12,
    "人工智能 😀 naïve \x00 \u200b",
    "half a character \ud83d, as in an argument that is not UTF-8 \udcff",
]


# Loading takes seconds: one embedder serves all tests.
@cache
def real() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder.starter()


@pytest.fixture(
    params=[
        pytest.param(FakeEmbedder, id="fake"),
        pytest.param(real, id="real", marks=pytest.mark.slow),
    ]
)
def embedder(request: pytest.FixtureRequest) -> Embedder:
    made: Embedder = request.param()
    return made


# What every embedder promises.


def test_is_an_embedder(embedder: Embedder) -> None:
    assert isinstance(embedder, Embedder)
    assert embedder.name
    assert embedder.max_tokens == 256


def test_vectors_are_float32_of_length_one(embedder: Embedder) -> None:
    for vectors in (embedder.embed_passages(TEXTS), embedder.embed_queries(TEXTS)):
        assert vectors.shape == (len(TEXTS), embedder.dim)
        assert vectors.dtype == np.float32
        assert vectors.flags.c_contiguous
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dim)
    assert embedder.embed_queries([]).shape == (0, embedder.dim)
    assert embedder.count_tokens([]) == []


def test_counts_include_special_tokens_and_are_not_cut(embedder: Embedder) -> None:
    assert embedder.count_tokens(["", "a b c", "a " * 1000]) == [2, 5, 1002]


def test_a_vector_does_not_depend_on_its_company(embedder: Embedder) -> None:
    together = embedder.embed_queries(TEXTS * 9)
    for place, text in enumerate(TEXTS):
        alone = embedder.embed_queries([text])[0]
        assert np.abs(together[place] - alone).max() < 1e-6
        assert np.abs(together[place + len(TEXTS)] - alone).max() < 1e-6


def test_a_passage_is_as_good_as_exact(embedder: Embedder) -> None:
    """In bfloat16, where the processor has it, company and rounding move a cosine by 1e-4 at most."""
    exact = embedder.embed_queries(TEXTS)
    together = embedder.embed_passages(TEXTS * 9)[: len(TEXTS)]
    alone = np.vstack([embedder.embed_passages([text]) for text in TEXTS])
    for found in (together, alone):
        assert (found * exact).sum(axis=1).min() > 0.9999
    assert (together * alone).sum(axis=1).min() > 0.9999


def test_same_input_same_bits(embedder: Embedder) -> None:
    assert np.array_equal(embedder.embed_passages(TEXTS), embedder.embed_passages(TEXTS))


def test_arguments_are_left_alone(embedder: Embedder) -> None:
    texts = list(TEXTS)
    embedder.embed_passages(texts)
    assert texts == TEXTS


def test_reads_up_to_max_tokens_and_no_further(embedder: Embedder) -> None:
    room = embedder.max_tokens - 2
    words = ["apple"] * room
    plain = embedder.embed_passages([" ".join(words)])[0]
    # Past 128, where the packaged tokenizer.json would cut: near the limit, and the last word.
    for place in (129, 199, room - 1):
        changed = [*words[:place], "war", *words[place + 1 :]]
        assert np.abs(embedder.embed_passages([" ".join(changed)])[0] - plain).max() > 1e-4
    longer = " ".join([*words, "war"])
    assert embedder.count_tokens([longer]) == [embedder.max_tokens + 1]
    assert np.abs(embedder.embed_passages([longer])[0] - plain).max() < 1e-6


def test_threads_share_it(embedder: Embedder) -> None:
    expected = embedder.embed_passages(TEXTS)
    wrong: list[object] = []

    def work() -> None:
        try:
            for _ in range(3):
                found = embedder.embed_passages(TEXTS)
                if not np.allclose(found, expected, atol=1e-6):
                    wrong.append(found)
                if embedder.count_tokens(["a " * 300]) != [302]:
                    wrong.append("count")
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# The starter itself.


@pytest.mark.slow
def test_starter_gives_the_published_vectors() -> None:
    assert real().name == STARTER_EMBEDDER
    vectors = real().embed_queries(["This is an example sentence", "Each sentence is converted"])
    # From the model's page, where both are printed to five digits.
    assert np.allclose(vectors[0, :3], [6.7657e-02, 6.3496e-02, 4.8713e-02], atol=1e-5)
    assert np.allclose(vectors[1, :2], [8.6439e-02, 1.0276e-01], atol=1e-5)


@pytest.mark.slow
def test_starter_finds_what_means_the_same() -> None:
    query = real().embed_queries(["Who makes the most advanced chips?"])[0]
    passages = real().embed_passages(
        [
            "TSMC manufactures the leading-edge semiconductors.",
            "The cake needs an hour in the oven.",
        ]
    )
    assert passages[0] @ query > passages[1] @ query + 0.2


@pytest.mark.slow
@settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=300))
def test_counts_agree_with_what_the_model_is_given(text: str) -> None:
    given_ids = real()._loaded.tokenizer(text, truncation=False)["input_ids"]
    assert real().count_tokens([text]) == [len(given_ids)]


@pytest.mark.slow
def test_counting_leaves_the_models_own_limit_alone() -> None:
    real().count_tokens(["a " * 500])
    features = real()._loaded.preprocess(["a " * 500])
    assert features["input_ids"].shape[1] == 256


@pytest.mark.slow
def test_prefixes_by_name() -> None:
    folder = Path(str(real()._model_id))
    plain, e5 = real(), SentenceTransformerEmbedder(folder, name="multilingual-e5-small")
    assert np.allclose(
        e5.embed_queries(["chips"]), plain.embed_queries(["query: chips"]), atol=1e-6
    )
    assert np.allclose(
        e5.embed_passages(["chips"]), plain.embed_passages(["passage: chips"]), atol=1e-6
    )
    # The prefix takes room from the passage, so it is counted.
    assert e5.count_tokens(["chips"]) == plain.count_tokens(["passage: chips"])


@pytest.mark.slow
def test_a_model_that_is_not_here_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*_: object) -> None:
        raise AssertionError("the network was tried")

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(ModelError, match=r"someone/no-such-model is not on this machine.*off"):
        _ = SentenceTransformerEmbedder("someone/no-such-model").dim


@pytest.mark.slow
def test_a_damaged_folder_is_a_model_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ModelError, match="cannot load the embedding model"):
        _ = SentenceTransformerEmbedder(tmp_path).dim


def test_nothing_is_loaded_before_it_is_needed(tmp_path: Path) -> None:
    assert SentenceTransformerEmbedder(tmp_path / "my-model").name == "my-model"
