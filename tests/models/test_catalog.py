import re

import pytest

from models.catalog import CatalogEntry, entries, lookup, profile_for
from models.embedder import prefixes_for
from models.errors import ModelError
from models.packaged import EMBEDDER_FILES, GENERATOR_FILES


@pytest.mark.parametrize("entry", entries(), ids=lambda entry: entry.name)
def test_entry_is_well_formed(entry: CatalogEntry) -> None:
    assert entry.kind in ("generator", "embedder", "reranker")
    assert entry.licence
    assert entry.repo is None or re.fullmatch(r"[\w.-]+/[\w.-]+", entry.repo)
    assert entry.repo or entry.package
    assert entry.sha256 is None or re.fullmatch(r"[0-9a-f]{64}", entry.sha256)
    assert entry.revision is None or re.fullmatch(r"[0-9a-f]{40}", entry.revision)
    # A hash says nothing without the file it belongs to.
    assert entry.file or not entry.sha256
    assert set(entry.unconfirmed) <= set(CatalogEntry.__dataclass_fields__)
    assert entry.context is None or entry.context > 0
    if entry.kind == "generator":
        assert entry.tier
        assert entry.size_gb
        assert entry.reader == (
            "compose" if entry.params_b is None or entry.params_b >= 2 else "extract"
        )
    else:
        assert entry.reader is None
    assert (entry.dim is not None) == (entry.kind == "embedder")


def test_names_and_hashes_are_unique() -> None:
    names = [entry.name.lower() for entry in entries()]
    hashes = [entry.sha256 for entry in entries() if entry.sha256]
    assert len(set(names)) == len(names)
    assert len(set(hashes)) == len(hashes)


def test_starters_agree_with_the_packages_pins() -> None:
    assert lookup("all-MiniLM-L6-v2").sha256 == EMBEDDER_FILES["model.safetensors"]
    starter = lookup("SmolLM2-135M-Instruct")
    assert {starter.file: starter.sha256} == dict(GENERATOR_FILES)


def test_lookup_by_name_repository_and_file() -> None:
    entry = lookup("granite-4.1-3b")
    assert entry.kind == "generator"
    assert lookup(" GRANITE-4.1-3B ") is entry
    assert lookup("ibm-granite/granite-4.1-3b-GGUF") is entry
    assert lookup("granite-4.1-3b-Q4_K_M.gguf") is entry
    assert lookup("bge-small-en-v1.5", kind="embedder").dim == 384


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("granit-4.1-3b", "did you mean granite-4.1-3b"),
        ("ettin", "did you mean ettin-reranker-17m-v1, ettin-reranker-32m-v1"),
        ("zzz", "known are SmolLM2-135M-Instruct, all-MiniLM-L6-v2"),
        ("", "known are"),
        ("model.safetensors", "no model called 'model.safetensors'"),
    ],
)
def test_unknown_name_lists_its_neighbours(name: str, expected: str) -> None:
    with pytest.raises(ModelError) as raised:
        lookup(name)
    assert expected in str(raised.value)


def test_lookup_within_a_kind() -> None:
    with pytest.raises(ModelError, match="no embedder called 'phi-4'"):
        lookup("phi-4", kind="embedder")


def test_profiles() -> None:
    assert profile_for("SmolLM2-135M-Instruct").reader == "extract"
    assert profile_for("granite-4.1-8b").reader == "compose"
    assert ("<|channel>thought", "<channel|>") in profile_for("gemma-4-E2B-it").strip
    assert ("<think>", "</think>") in profile_for("Qwen3-8B").strip
    assert profile_for("my-own.gguf", params_b=1.9).reader == "extract"
    assert profile_for("my-own.gguf", params_b=2.0).reader == "compose"
    with pytest.raises(ModelError):
        profile_for("my-own.gguf")


def test_known_prefixes() -> None:
    bge = "Represent this sentence for searching relevant passages: "
    assert prefixes_for("all-MiniLM-L6-v2") == ("", "")
    assert prefixes_for("BAAI/bge-small-en-v1.5") == (bge, "")
    assert prefixes_for("bge-m3") == ("", "")
    assert prefixes_for("multilingual-e5-small") == ("query: ", "passage: ")
    assert prefixes_for("snowflake-arctic-embed-xs") == (bge, "")
    assert prefixes_for("my-own") is None
