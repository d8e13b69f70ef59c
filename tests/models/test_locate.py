"""Names of models lead to files, folders and addresses."""

import shutil
from pathlib import Path

import pytest

from models.catalog import lookup
from models.digests import file_sha256
from models.downloaded import Record, folder_of, write_record
from models.errors import ModelError
from models.locate import locate_folder, locate_generator
from models.packaged import starter_gguf
from models.registered import Address, register_address, register_file


def put(name: str, files: dict[str, bytes]) -> Path:
    """As if a model of the catalogue had been downloaded; its hash is the test's own."""
    entry = lookup(name)
    folder = folder_of(entry)
    folder.mkdir(parents=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    hashes = {file: file_sha256(folder / file) for file in files}
    sizes = {file: len(content) for file, content in files.items()}
    write_record(entry, Record("c" * 40, hashes, sizes), source="a test")
    return folder


def test_a_file_of_any_name(tmp_path: Path, models_folder: Path) -> None:
    path = tmp_path / "Any-7B.gguf"
    shutil.copyfile(starter_gguf(), path)
    located = locate_generator(str(path))
    assert (located.name, located.where) == ("Any-7B", path)
    # Its header counts, not its name.
    assert located.profile.reader == "extract"


def test_a_registered_file(tmp_path: Path, models_folder: Path) -> None:
    path = tmp_path / "x.gguf"
    shutil.copyfile(starter_gguf(), path)
    register_file(path, "mine")
    assert locate_generator("Mine").where == path
    path.unlink()
    with pytest.raises(ModelError, match=r"cannot read the model file .*x\.gguf"):
        locate_generator("mine")


def test_an_address(models_folder: Path) -> None:
    address = register_address(Address("server", "http://localhost:1/v1", "m"))
    located = locate_generator("server")
    assert located.where == address
    assert located.profile.reader == "compose"


@pytest.mark.parametrize(
    "called",
    ["phi-4", "PHI-4", "bartowski/phi-4-GGUF", "phi-4-Q4_K_M.gguf"],
)
def test_a_model_that_was_not_downloaded(models_folder: Path, called: str) -> None:
    with pytest.raises(
        ModelError, match=r"not on this machine.* \(9\.05 GB\): footnote models add phi-4"
    ):
        locate_generator(called)


def test_a_downloaded_file_is_verified(models_folder: Path) -> None:
    put("Qwen3.8-27B", {"Qwen3.8-27B-UD-Q4_K_M.gguf": b"GGUF and so on"})
    located = locate_generator("qwen3.8-27b")
    assert located.where == models_folder / "Qwen3.8-27B" / "Qwen3.8-27B-UD-Q4_K_M.gguf"
    assert located.profile.reader == "compose"
    put("phi-4", {"phi-4-Q4_K_M.gguf": b"GGUF but another one"})
    with pytest.raises(ModelError, match="is damaged"):
        locate_generator("phi-4")


def test_an_unknown_name(models_folder: Path) -> None:
    with pytest.raises(ModelError, match=r"did you mean granite.* footnote models list"):
        locate_generator("granite-9")
    with pytest.raises(ModelError, match=r"cannot read the model file .*none\.gguf"):
        locate_generator("some/none.gguf")


def test_folders_of_embedders_and_rerankers(models_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"footnote models add bge-base-en-v1\.5"):
        locate_folder("bge-base-en-v1.5", "embedder")
    folder = put("bge-base-en-v1.5", {"model.safetensors": b"x", "config.json": b"{}"})
    assert locate_folder("BGE-base-en-v1.5", "embedder") == folder
    # It may mean something else: the hub's own cache, a folder, another kind of model.
    assert locate_folder("BAAI/bge-m3", "embedder") is None
    assert locate_folder(str(tmp_path), "embedder") is None
    assert locate_folder("someone/other", "embedder") is None
    assert locate_folder("bge-base-en-v1.5", "reranker") is None
