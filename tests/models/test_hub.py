"""Downloads from a hub on this machine: whole, cut, wrong, refused, and without a network."""

import dataclasses
import errno
import hashlib
import json
import random
import shutil
import socket
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from models import fetching
from models import hub as hub_module
from models.catalog import CatalogEntry
from models.downloaded import (
    RECORD,
    alone_with,
    bytes_here,
    discard,
    downloaded,
    folder_of,
    is_downloaded,
    parts_of,
)
from models.errors import ModelError
from models.fetching import DownloadStoppedError
from models.hub import HUB, download, endpoint

COMMIT = "0123456789abcdef0123456789abcdef01234567"
GGUF = b"GGUF" + random.Random(7).randbytes(300_000)
SHA = hashlib.sha256(GGUF).hexdigest()
SMALL = CatalogEntry(
    name="tiny-1",
    kind="generator",
    licence="MIT",
    repo="someone/tiny-1-GGUF",
    file="tiny-1.gguf",
    revision=COMMIT,
    sha256=SHA,
    size_gb=0.0003,
)
WEIGHTS = random.Random(8).randbytes(5000)
EMBEDDER = CatalogEntry(
    name="embed-1", kind="embedder", licence="MIT", repo="someone/embed-1", dim=4
)
FILES = {
    "config.json": b"{}",
    "modules.json": b"[]",
    "1_Pooling/config.json": b'{"a": 1}',
    "model.safetensors": WEIGHTS,
    "tokenizer.json": b'{"model": {}}',
    "vocab.txt": b"a\nb\n",
    "pytorch_model.bin": b"a pickle",
    "onnx/model.onnx": b"x" * 3000,
    "onnx/config.json": b"{}",
    "README.md": b"# Read me",
    ".gitattributes": b"*",
    "modeling.py": b"import os",
}


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "_WAIT_S", 0.0)
    monkeypatch.setattr(fetching, "_TELL_EVERY_S", 0.0)


@pytest.fixture
def served(hub: Any) -> Any:
    hub.repos = {"someone/tiny-1-GGUF": {"tiny-1.gguf": GGUF}, "someone/embed-1": dict(FILES)}
    return hub


def test_a_file_is_fetched_checked_and_found(served: Any, models_folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert not is_downloaded(SMALL)
    path = download(SMALL, on_progress=lambda *told: seen.append(told))
    assert path == models_folder / "tiny-1" / "tiny-1.gguf"
    assert path.read_bytes() == GGUF
    assert seen[0] == (0, len(GGUF))
    assert seen[-1] == (len(GGUF), len(GGUF))
    assert seen == sorted(seen)
    assert is_downloaded(SMALL)
    assert downloaded(SMALL) == path
    assert not parts_of(SMALL).exists()
    record = json.loads((path.parent / RECORD).read_text())
    assert record["revision"] == COMMIT
    assert record["source"] == served.url
    assert record["files"]["tiny-1.gguf"]["sha256"] == SHA
    assert record["files"]["tiny-1.gguf"]["in_catalogue"] is True


def test_a_second_download_fetches_nothing(served: Any) -> None:
    download(SMALL)
    served.requests.clear()
    download(SMALL)
    assert [method for method, _, _ in served.requests] == ["HEAD"]


def test_nothing_about_this_machine_goes_out(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # A mirror on plain http is told no secret.
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    download(SMALL)
    assert {path for _, path, _ in served.requests} == {
        f"/someone/tiny-1-GGUF/resolve/{COMMIT}/tiny-1.gguf"
    }
    for _, _, head in served.requests:
        assert "torch" not in head["user-agent"]
        assert "authorization" not in head


def test_a_cut_connection_is_taken_up_within_the_call(served: Any) -> None:
    served.cut_after = [100_000, 50_000]
    path = download(SMALL)
    assert path.read_bytes() == GGUF
    assert served.ranges() == ["bytes=0-", "bytes=100000-", "bytes=150000-"]


def test_a_stopped_download_goes_on_later(served: Any) -> None:
    served.cut_after = [200_000]
    with pytest.raises(DownloadStoppedError, match=r"stopped after 0\.\d of 0\.3 MB.* goes on"):
        download(SMALL, stopped=lambda: bytes_here(SMALL) > 0)
    assert not is_downloaded(SMALL)
    (part,) = parts_of(SMALL).iterdir()
    # As if the process had been killed in the middle.
    part.write_bytes(GGUF[:123_456])
    served.cut_after = []
    served.requests.clear()
    seen: list[int] = []
    assert download(SMALL, on_progress=lambda done, _: seen.append(done)).read_bytes() == GGUF
    assert served.ranges() == ["bytes=123456-"]
    assert seen[0] == 123_456


def test_a_server_that_sends_the_whole_again(served: Any) -> None:
    parts_of(SMALL).mkdir(parents=True)
    served.cut_after = [1000]
    served.ignores_range = True
    assert download(SMALL).read_bytes() == GGUF


def test_a_connection_that_never_holds_is_given_up(served: Any) -> None:
    served.cut_after = [0] * 20
    with pytest.raises(
        ModelError, match=r"connection to 127\.0\.0\.1 was lost after 0\.0 of 0\.3 MB"
    ):
        download(SMALL)
    assert len(served.ranges()) == 5
    served.cut_after = []
    assert download(SMALL).read_bytes() == GGUF


def test_a_busy_server_is_asked_again(served: Any) -> None:
    served.statuses = [503, 429, 500]
    assert download(SMALL).read_bytes() == GGUF


def test_another_file_than_in_the_catalogue_is_not_even_fetched(served: Any) -> None:
    expected = dataclasses.replace(SMALL, sha256="a" * 64)
    with pytest.raises(ModelError) as raised:
        download(expected)
    assert "a" * 64 in str(raised.value)
    assert SHA in str(raised.value)
    assert "Nothing was fetched" in str(raised.value)
    assert served.ranges() == []
    assert not is_downloaded(expected)


def test_bytes_that_arrive_wrong_are_not_kept(served: Any) -> None:
    served.spoils = True
    with pytest.raises(ModelError, match="is not what it should be: expected sha256") as raised:
        download(SMALL)
    assert SHA in str(raised.value)
    spoilt = hashlib.sha256(bytes(byte ^ 1 for byte in GGUF)).hexdigest()
    assert spoilt in str(raised.value)
    assert not is_downloaded(SMALL)
    assert list(parts_of(SMALL).iterdir()) == []
    served.spoils = False
    assert download(SMALL).read_bytes() == GGUF


def test_without_a_hash_in_the_catalogue_the_first_download_counts(served: Any) -> None:
    unpinned = dataclasses.replace(SMALL, sha256=None, revision=None)
    path = download(unpinned)
    record = json.loads((path.parent / RECORD).read_text())
    assert record["revision"] == COMMIT
    assert record["files"]["tiny-1.gguf"] == {
        "sha256": SHA,
        "size": len(GGUF),
        "in_catalogue": False,
    }
    path.write_bytes(GGUF[:-1] + b"!")
    with pytest.raises(ModelError, match=r"tiny-1\.gguf is damaged: .* footnote models add tiny-1"):
        downloaded(unpinned)


def test_a_catalogue_that_learns_the_hash_later_counts(served: Any) -> None:
    download(dataclasses.replace(SMALL, sha256=None))
    assert downloaded(SMALL).name == "tiny-1.gguf"
    with pytest.raises(ModelError, match="is damaged"):
        downloaded(dataclasses.replace(SMALL, sha256="b" * 64))


def test_a_model_of_several_files(served: Any, models_folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    folder = download(EMBEDDER, on_progress=lambda *told: seen.append(told))
    assert folder == models_folder / "embed-1"
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    wanted = {name for name in FILES if name.endswith((".json", ".txt", ".safetensors"))}
    assert names == wanted - {"onnx/config.json"} | {RECORD}
    assert (folder / "1_Pooling" / "config.json").read_bytes() == FILES["1_Pooling/config.json"]
    total = sum(len(FILES[name]) for name in names - {RECORD})
    assert seen[-1] == (total, total)
    assert downloaded(EMBEDDER) == folder
    (folder / "config.json").write_bytes(b"[]")
    with pytest.raises(ModelError, match="is damaged"):
        downloaded(EMBEDDER)
    # Fetching it again mends that one file.
    served.requests.clear()
    download(EMBEDDER)
    assert sum("/resolve/" in path for _, path, _ in served.requests) == 1
    assert downloaded(EMBEDDER) == folder


def test_no_file_leaves_the_models_folder(served: Any, models_folder: Path) -> None:
    served.repos["someone/embed-1"] |= {
        "../../evil.json": b"{}",
        "/evil.json": b"{}",
        "a\\..\\evil.json": b"{}",
        ".ssh/evil.json": b"{}",
    }
    download(EMBEDDER)
    assert not list(models_folder.parent.rglob("*evil*"))


def test_weights_that_may_run_code_are_refused(served: Any) -> None:
    del served.repos["someone/embed-1"]["model.safetensors"]
    with pytest.raises(ModelError, match="no weights as safetensors"):
        download(EMBEDDER)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"repo": "someone/gone"}, "There is no http://127.0.0.1:.*/someone/gone"),
        ({"file": "gone.gguf"}, r"has no file gone\.gguf"),
        ({"revision": "f" * 40}, "does not have the version ffff"),
        ({"repo": None}, "comes with Footnote"),
        ({"file": None, "sha256": None}, "does not say which file .* footnote models add /path"),
    ],
)
def test_what_is_not_there(served: Any, change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ModelError, match=expected):
        download(dataclasses.replace(SMALL, **change))


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (403, "GatedRepo", "accept its licence"),
        (403, None, r"refuses someone/tiny-1-GGUF \(status 403\)"),
        (404, None, "status 404"),
        (429, None, "asks for a pause"),
        (502, None, "trouble of its own"),
    ],
)
def test_refusals_in_words(
    served: Any, monkeypatch: pytest.MonkeyPatch, status: int, code: str | None, expected: str
) -> None:
    handler = served.RequestHandlerClass
    monkeypatch.setattr(handler, "do_HEAD", lambda self: self._refuse(status, code))
    with pytest.raises(ModelError, match=expected):
        download(SMALL)


def test_a_page_that_is_no_hub(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    handler = served.RequestHandlerClass
    monkeypatch.setattr(handler, "do_HEAD", lambda self: self._refuse(200))
    with pytest.raises(ModelError, match="not as a model hub does"):
        download(SMALL)


def test_no_network(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    with pytest.raises(ModelError, match=r"cannot be reached .*HF_ENDPOINT"):
        download(SMALL)


def test_downloads_switched_off(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError, match="switched off by HF_HUB_OFFLINE"):
        download(SMALL)
    assert served.requests == []


def test_the_mirror_counts_that_is_named_when_it_is_used(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", served.url + "/")
    assert endpoint() == served.url
    assert download(SMALL).exists()
    monkeypatch.delenv("HF_ENDPOINT")
    assert endpoint() == HUB


def test_too_little_space_is_said_before(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(hub_module.shutil, "disk_usage", lambda _: usage(0, 0, 50_000_000))
    with pytest.raises(ModelError, match=r"needs 0\.10 GB more .* 0\.05 GB are free"):
        download(SMALL)
    assert served.ranges() == []


def test_a_disk_that_fills_up_meanwhile(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = fetching._receive

    def full(*args: Any, **options: Any) -> str:
        args[1].write(GGUF[:100_000])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching, "_receive", full)
    with pytest.raises(ModelError, match=r"disk is full: 0\.1 of 0\.3 MB are here and kept"):
        download(SMALL)
    monkeypatch.setattr(fetching, "_receive", real)
    assert download(SMALL).read_bytes() == GGUF
    assert served.ranges() == ["bytes=100000-"]


def test_a_folder_that_cannot_be_written(served: Any, models_folder: Path) -> None:
    models_folder.write_text("a file")
    with pytest.raises(ModelError, match=r"cannot be written: .*FOOTNOTE_MODELS"):
        download(SMALL)


def test_one_download_of_a_model_at_a_time(served: Any) -> None:
    with alone_with(SMALL), pytest.raises(ModelError, match="being downloaded already"):
        download(SMALL)
    download(SMALL)


def test_removed_is_gone(served: Any, models_folder: Path) -> None:
    download(SMALL)
    download(EMBEDDER)
    assert discard(SMALL) > len(GGUF)
    assert not is_downloaded(SMALL)
    assert not folder_of(SMALL).exists()
    assert is_downloaded(EMBEDDER)
    with pytest.raises(ModelError, match=r"not on this machine.*footnote models add tiny-1"):
        downloaded(SMALL)
    assert discard(SMALL) == 0


def test_a_file_that_vanished(served: Any) -> None:
    path = download(SMALL)
    path.unlink()
    assert not is_downloaded(SMALL)
    shutil.rmtree(path.parent)
    assert not is_downloaded(SMALL)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"files": 1}', '{"revision": 1, "files": {"a": {}}}']
)
def test_a_damaged_record_is_no_model(served: Any, content: str) -> None:
    path = download(SMALL)
    (path.parent / RECORD).write_text(content)
    assert not is_downloaded(SMALL)
    with pytest.raises(ModelError):
        downloaded(SMALL)
