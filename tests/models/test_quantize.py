import os
import threading
from pathlib import Path

import pytest

import models.quantize as quantize
from models.errors import ModelError
from models.packaged import starter_gguf
from models.quantize import quantized


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "toy.Q4_1.gguf"
    path.write_bytes(b"GGUF toy model")
    return path


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Replaces llama.cpp's quantiser by a copy; lists what was converted."""
    kinds: list[str] = []

    def convert(path: Path, kind: quantize.Kind, target: Path) -> None:
        kinds.append(kind)
        target.write_bytes(path.read_bytes() + kind.encode() * 100)

    monkeypatch.setattr(quantize, "_convert", convert)
    return kinds


def test_made_once(source: Path, tmp_path: Path, made: list[str]) -> None:
    cache = tmp_path / "new" / "cache"
    first = quantized(source, "Q8_0", cache)
    assert quantized(source, "Q8_0", cache) == first
    assert quantized(source, "Q4_0", cache) != first
    assert made == ["Q8_0", "Q4_0"]
    assert first.name.startswith("toy.Q8_0-")
    assert not list(cache.glob("*.part*"))


def test_another_source_gets_another_file(source: Path, tmp_path: Path, made: list[str]) -> None:
    first = quantized(source, "Q8_0", tmp_path)
    source.write_bytes(b"GGUF other model")
    assert quantized(source, "Q8_0", tmp_path) != first
    assert len(made) == 2


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def one_byte_changed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[50] ^= 1
    path.write_bytes(bytes(data))


def note_lost(path: Path) -> None:
    path.with_suffix(".json").unlink()


def note_spoilt(path: Path) -> None:
    path.with_suffix(".json").write_text("[1")


@pytest.mark.parametrize(
    "damage", [cut_short, one_byte_changed, note_lost, note_spoilt, Path.unlink]
)
def test_damage_is_noticed_and_repaired(
    source: Path, tmp_path: Path, made: list[str], damage
) -> None:
    path = quantized(source, "Q8_0", tmp_path)
    whole = path.read_bytes()
    # A later time of change, as any real damage after the making has.
    os.utime(path, ns=(0, 0))
    damage(path)
    assert quantized(source, "Q8_0", tmp_path).read_bytes() == whole
    assert len(made) == 2


def test_a_copied_cache_is_trusted_by_its_hash(
    source: Path, tmp_path: Path, made: list[str]
) -> None:
    path = quantized(source, "Q8_0", tmp_path)
    os.utime(path, ns=(0, 0))
    quantized(source, "Q8_0", tmp_path)
    assert len(made) == 1


def test_two_at_once_convert_once(source: Path, tmp_path: Path, made: list[str]) -> None:
    barrier = threading.Barrier(4)
    found: list[Path] = []

    def ask() -> None:
        barrier.wait()
        found.append(quantized(source, "Q8_0", tmp_path))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert made == ["Q8_0"]


def test_an_interrupted_conversion_leaves_no_file(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[str]
) -> None:
    working = quantize._convert

    def broken(path: Path, kind: quantize.Kind, target: Path) -> None:
        working(path, kind, target)
        raise ModelError("stopped")

    monkeypatch.setattr(quantize, "_convert", broken)
    with pytest.raises(ModelError, match="stopped"):
        quantized(source, "Q8_0", tmp_path)
    assert not [path for path in tmp_path.iterdir() if path.suffix in (".part", ".json")]
    monkeypatch.setattr(quantize, "_convert", working)
    assert quantized(source, "Q8_0", tmp_path).is_file()


def test_leftovers_of_a_killed_process_do_not_matter(
    source: Path, tmp_path: Path, made: list[str]
) -> None:
    path = quantized(source, "Q8_0", tmp_path)
    path.unlink()
    path.with_suffix(".part").write_bytes(b"half")
    assert quantized(source, "Q8_0", tmp_path).is_file()
    assert not path.with_suffix(".part").exists()


def test_no_folder_to_write_into(source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ModelError, match=r"cannot write toy\.Q8_0.*\$FOOTNOTE_CACHE"):
        quantized(source, "Q8_0", tmp_path / "file")


def test_no_gguf(tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"text")
    with pytest.raises(ModelError, match="no GGUF file"):
        quantized(tmp_path / "x.gguf", "Q8_0", tmp_path)


@pytest.mark.slow
def test_llama_cpp_refuses_a_damaged_source(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(starter_gguf().read_bytes()[:1_000_000])
    with pytest.raises(ModelError, match=r"could not convert cut\.gguf to Q8_0.*MB free"):
        quantized(path, "Q8_0", tmp_path)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "size_mb"), [("Q8_0", 145), ("Q4_0", 92)])
def test_the_starter_is_converted(tmp_path: Path, kind: quantize.Kind, size_mb: int) -> None:
    path = quantized(starter_gguf(), kind, tmp_path)
    assert round(path.stat().st_size / 1e6) == size_mb
    assert quantized(starter_gguf(), kind, tmp_path) == path
