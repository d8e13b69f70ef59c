import json
import shutil
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from models import registered as module
from models.errors import ModelError
from models.packaged import starter_gguf
from models.registered import (
    FILE,
    LOCK,
    Address,
    OwnFile,
    find_registered,
    forget,
    plain_name,
    register_address,
    register_file,
    registered,
)

ADDRESS = Address("here", "http://localhost:8080/v1", "tiny", "MY_KEY", 2048)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A model file of one's own: a real one."""
    path = tmp_path / "My small.gguf"
    shutil.copyfile(starter_gguf(), path)
    return path


def test_a_file_is_known_by_name_and_stays_where_it_is(own: Path, models_folder: Path) -> None:
    model, header = register_file(own, "mine")
    assert model == OwnFile("mine", own)
    assert header.params > 100_000_000
    assert registered() == {"mine": model}
    assert find_registered(" MINE ") == model
    assert find_registered("other") is None
    assert {path.name for path in models_folder.iterdir()} == {FILE, LOCK}
    # Again, and under another name, nothing is in the way.
    assert register_file(own, "mine")[0] == model
    register_file(own, "mine-too")
    forget("mine")
    assert list(registered()) == ["mine-too"]
    assert own.exists()
    with pytest.raises(ModelError, match="no model called 'mine'"):
        forget("mine")


def test_a_relative_path_is_kept_whole(
    own: Path, models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(own.parent)
    model, _ = register_file(Path("My small.gguf"), "mine")
    assert model.path == own


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (None, "'My small' cannot be a name"),
        ("../x", "cannot be a name"),
        ("-x", "cannot be a name"),
        ("x" * 65, "cannot be a name"),
        ("starter", "means another model"),
        ("Granite-4.1-3B", "means another model"),
    ],
)
def test_names_that_cannot_be_had(
    own: Path, models_folder: Path, name: str | None, expected: str
) -> None:
    with pytest.raises(ModelError, match=expected):
        register_file(own, name)
    assert registered() == {}


def test_a_name_is_given_once(own: Path, models_folder: Path) -> None:
    register_file(own, "mine")
    with pytest.raises(ModelError, match="name of another model of yours"):
        register_address(Address("MINE", "http://localhost/v1", "x"))
    assert isinstance(find_registered("mine"), OwnFile)


def test_files_that_do_not_write(tmp_path: Path, models_folder: Path) -> None:
    adapter = Path(__file__).parents[2] / "models" / "weights" / "reader.gguf"
    with pytest.raises(ModelError, match="of the kind 'adapter', no model that writes"):
        register_file(adapter, "mine")
    text = tmp_path / "notes.gguf"
    text.write_text("GGUF is a format")
    with pytest.raises(ModelError, match=r"notes\.gguf cannot be read as a GGUF"):
        register_file(text)
    with pytest.raises(ModelError, match="check the path"):
        register_file(tmp_path / "none.gguf")


def test_an_architecture_llama_cpp_does_not_know(own: Path, models_folder: Path) -> None:
    data = own.read_bytes()
    own.write_bytes(data.replace(b"llama", b"lmaxa"))
    with pytest.raises(ModelError, match="may not know the architecture 'lmaxa'"):
        register_file(own, "mine")


def test_an_address_is_kept_without_its_key(
    models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    register_address(ADDRESS)
    assert registered() == {"here": ADDRESS}
    assert "secret" not in (models_folder / FILE).read_text()
    assert "MY_KEY" in (models_folder / FILE).read_text()


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"models": [1]}', '{"models": {"a": {}}}', '{"models": {"a": 1}}']
)
def test_a_damaged_list_is_an_error_and_stays(models_folder: Path, content: str) -> None:
    models_folder.mkdir()
    (models_folder / FILE).write_text(content)
    with pytest.raises(ModelError, match="Mend it, or delete it"):
        registered()
    with pytest.raises(ModelError):
        register_address(ADDRESS)
    assert (models_folder / FILE).read_text() == content


def test_what_later_versions_keep_is_kept(models_folder: Path) -> None:
    models_folder.mkdir()
    later = {"version": 2, "more": [1], "models": {}}
    (models_folder / FILE).write_text(json.dumps(later))
    register_address(ADDRESS)
    assert json.loads((models_folder / FILE).read_text())["more"] == [1]


def test_plain_names() -> None:
    assert plain_name("llama3.2:3b") == "llama3.2-3b"
    assert plain_name("/models/My Model.gguf") == "models-My-Model.gguf"
    assert plain_name("…") == "model"
    assert len(plain_name("x" * 100)) == 64


def test_two_that_change_the_list_at_once_lose_nothing(
    models_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = module.write_json

    def slowly(path: Path, content: Mapping[str, object]) -> None:
        time.sleep(0.02)
        write(path, content)

    register_address(replace(ADDRESS, name="old"))
    monkeypatch.setattr(module, "write_json", slowly)
    with ThreadPoolExecutor(4) as pool:
        added = [replace(ADDRESS, name=f"server-{n}") for n in range(6)]
        acts = [pool.submit(register_address, address) for address in added]
        acts.append(pool.submit(forget, "old"))
        for act in acts:
            act.result()
    assert set(registered()) == {address.name for address in added}
