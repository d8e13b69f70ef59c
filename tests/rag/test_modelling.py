"""The list of models, and using and removing them."""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from models.catalog import entries, lookup
from models.digests import file_sha256
from models.downloaded import Record, bytes_here, folder_of, is_downloaded, parts_of, write_record
from models.errors import FootnoteError, ModelError
from models.measured import Quality, Speed, keep_measured
from models.packaged import STARTER_EMBEDDER, STARTER_GENERATOR, starter_gguf
from models.registered import Address, register_address, register_file, registered
from rag import fitting, model_rows
from rag.beside import Choice, write_choice
from rag.errors import SettingsError
from rag.model_rows import ModelRow, describe_models
from rag.modelling import download, remove_model, use_model
from rag.pipeline import build_embedder
from rag.readers import build_generator, build_prover, build_reader
from rag.settings import Settings, default_config, load_settings

# Not pinned in the catalogue, so that a test may stand in for it.
UNPINNED = "Qwen3.8-27B"


@pytest.fixture
def plain(models_folder: Path, tmp_path: Path) -> Settings:
    """Settings as they are when Footnote was just installed."""
    (tmp_path / "library").mkdir()
    return Settings(library=tmp_path / "library")


@pytest.fixture
def own(models_folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "own.gguf"
    shutil.copyfile(starter_gguf(), path)
    return path


def put(name: str, file: str, source: Path | bytes) -> Path:
    """As if a model had been downloaded."""
    entry = lookup(name)
    target = folder_of(entry) / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(source if isinstance(source, bytes) else source.read_bytes())
    record = Record("c" * 40, {file: file_sha256(target)}, {file: target.stat().st_size})
    write_record(entry, record, source="a test")
    return target


def rows_of(settings: Settings, **options: Any) -> dict[str, ModelRow]:
    return {row.name: row for row in describe_models(settings, **options)}


def test_all_of_the_catalogue_is_listed_once(plain: Settings) -> None:
    rows = describe_models(plain)
    assert sorted(row.name for row in rows) == sorted(entry.name for entry in entries())
    assert [row.name for row in rows[:2]] == [STARTER_GENERATOR, STARTER_EMBEDDER]
    assert all(row.in_use and row.here and row.source == "starter" for row in rows[:2])
    assert not any(row.in_use or row.here for row in rows[2:])
    listed = {row.name: row for row in rows}
    assert listed["granite-4.1-3b"].need_estimated
    assert listed["granite-4.1-3b"].pinned
    assert not listed[UNPINNED].pinned
    assert not listed["Pleias-RAG-1B"].can_download
    assert not rows[0].need_estimated


def test_what_is_here_comes_first(plain: Settings, own: Path) -> None:
    register_file(own, "mine")
    register_address(Address("server", "http://localhost:1/v1", "m"))
    put(UNPINNED, "Qwen3.8-27B-UD-Q4_K_M.gguf", own)
    parts_of(lookup("phi-4")).mkdir(parents=True)
    (parts_of(lookup("phi-4")) / "phi-4.x").write_bytes(b"x" * 100)
    settings = dataclasses.replace(plain, generator="MINE")
    rows = describe_models(settings)
    assert [row.name for row in rows[:2]] == ["mine", STARTER_EMBEDDER]
    assert {row.name for row in rows[2:5]} == {STARTER_GENERATOR, "server", UNPINNED}
    listed = {row.name: row for row in rows}
    mine = listed["mine"]
    assert (mine.source, mine.here, mine.reader, mine.where) == ("file", True, "extract", str(own))
    assert mine.licence == "apache-2.0"
    server = listed["server"]
    assert (server.source, server.need_bytes, server.fits) == ("address", None, None)
    assert "sent there" in server.notes
    assert listed["phi-4"].bytes_here == 100
    assert not listed[UNPINNED].need_estimated
    own.unlink()
    gone = rows_of(settings)["mine"]
    assert (gone.here, gone.in_use, gone.notes) == (False, True, "There is no such file.")


def test_a_file_in_use_that_was_never_registered(plain: Settings, own: Path) -> None:
    rows = describe_models(dataclasses.replace(plain, generator=str(own)))
    assert (rows[0].name, rows[0].in_use, rows[0].where) == (str(own), True, str(own))


def test_a_model_in_use_that_is_nowhere(plain: Settings) -> None:
    lost = dataclasses.replace(plain, generator="lost", prover="none", embedder="someone/other")
    rows = describe_models(lost)
    assert [(row.name, row.here) for row in rows if row.in_use] == [
        ("lost", False),
        ("someone/other", False),
    ]


def test_a_download_has_its_real_size(plain: Settings, own: Path) -> None:
    put(UNPINNED, "Qwen3.8-27B-UD-Q4_K_M.gguf", own)
    assert rows_of(plain)[UNPINNED].size_bytes == own.stat().st_size


def test_whether_it_fits(plain: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_rows, "free_bytes", lambda: 1_200_000_000)
    rows = rows_of(plain)
    assert not rows[STARTER_GENERATOR].fits  # together with Footnote itself
    assert not rows["granite-4.1-3b"].fits
    rows = rows_of(plain, running=True)
    assert rows[STARTER_GENERATOR].fits
    assert rows["LFM2.5-350M"].fits
    monkeypatch.setattr(model_rows, "free_bytes", lambda: None)
    assert rows_of(plain)[STARTER_GENERATOR].fits is None


def test_what_was_measured_is_shown(plain: Settings) -> None:
    speed = Speed(1.0, 100.0, 10.0, 500, 64, "2026-01-01")
    quality = Quality("mine.jsonl", 40, 0.5, 0.1, 0.9, 1.0, 900.0, "2026-01-01")
    keep_measured(STARTER_GENERATOR, speed)
    keep_measured(STARTER_GENERATOR, quality)
    row = rows_of(plain)[STARTER_GENERATOR]
    assert (row.speed, row.quality) == (speed, quality)


def test_use_is_kept_in_the_settings_file(plain: Settings, own: Path) -> None:
    register_file(own, "mine")
    used = use_model("Mine", plain)
    assert (used.name, used.notes, used.path) == ("mine", (), default_config())
    assert load_settings({}).generator == "mine"
    assert used.settings == dataclasses.replace(plain, generator="mine")
    assert build_generator(used.settings).name == "mine"
    back = use_model("starter", used.settings)
    assert load_settings({}).generator == "starter"
    assert back.settings == plain


def test_a_path_is_kept_whole(plain: Settings, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(own.parent)
    use_model("own.gguf", plain)
    assert load_settings({}).generator == str(own)


def test_a_variable_that_overrides_is_named(
    plain: Settings, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_file(own, "mine")
    monkeypatch.setenv("FOOTNOTE_GENERATOR", "starter")
    (note,) = use_model("mine", plain).notes
    assert "FOOTNOTE_GENERATOR=starter overrides" in note


def test_a_reader_that_does_not_suit_is_named(plain: Settings, own: Path) -> None:
    register_file(own, "mine")
    (note,) = use_model("mine", dataclasses.replace(plain, reader="compose")).notes
    assert "best used with reader extract" in note


def test_what_does_not_fit_is_refused(
    plain: Settings, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_file(own, "mine")
    monkeypatch.setattr(fitting, "free_bytes", lambda: 1_000_000_000)
    with pytest.raises(ModelError, match=r"mine needs about 0\.4 GB .* 1\.0 GB are free.*--anyway"):
        use_model("mine", plain)
    assert not default_config().exists()
    use_model("mine", plain, running=True)
    use_model("mine", plain, anyway=True)
    assert load_settings({}).generator == "mine"


def test_an_address_says_where_passages_go(plain: Settings) -> None:
    register_address(Address("server", "https://api.example.com/v1", "m"))
    (note,) = use_model("server", plain).notes
    assert "sent to api.example.com, outside this machine" in note
    with pytest.raises(SettingsError, match="reader = extract"):
        use_model("server", dataclasses.replace(plain, reader="extract"))
    register_address(Address("plain", "http://192.168.1.7/v1", "m"))
    with pytest.raises(ModelError, match="plain http"):
        use_model("plain", plain)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("phi-4", "footnote models add phi-4"),
        ("bge-small-en-v1.5", "footnote embedder try bge-small-en-v1"),
        ("ettin-reranker-17m-v1", "footnote models add ettin-reranker-17m-v1"),
        ("nonsense-9B", "no generator called"),
        ("/no/such.gguf", "check the path"),
    ],
)
def test_what_cannot_be_used(plain: Settings, name: str, expected: str) -> None:
    with pytest.raises(FootnoteError, match=expected):
        use_model(name, plain)
    assert not default_config().exists()


def test_a_damaged_download_is_not_used(plain: Settings, own: Path) -> None:
    target = put(UNPINNED, "Qwen3.8-27B-UD-Q4_K_M.gguf", own)
    used = use_model(UNPINNED, plain)
    assert build_generator(used.settings).profile.reader == "compose"
    target.write_bytes(b"GGUF" + bytes(1000))
    with pytest.raises(ModelError, match="is damaged"):
        use_model(UNPINNED, plain)


def test_a_reranker_orders_from_now_on(plain: Settings) -> None:
    put("bge-reranker-v2-m3", "model.safetensors", b"weights")
    used = use_model("bge-reranker-v2-m3", plain)
    assert load_settings({}).prover == "bge-reranker-v2-m3"
    prover = build_prover(used.settings)
    assert prover is not None
    assert prover.name == "bge-reranker-v2-m3"
    with pytest.raises(ModelError, match="is in use"):
        remove_model("bge-reranker-v2-m3", used.settings)
    assert use_model("starter", used.settings).settings == plain
    assert remove_model("bge-reranker-v2-m3", plain)[1] > 0


def test_a_downloaded_embedder_is_found_by_its_name(plain: Settings) -> None:
    put("bge-base-en-v1.5", "model.safetensors", b"weights")
    by_name = build_embedder(dataclasses.replace(plain, embedder="bge-base-en-v1.5"))
    assert by_name.name == "bge-base-en-v1.5"
    assert (
        build_embedder(dataclasses.replace(plain, embedder=STARTER_EMBEDDER)).name
        == STARTER_EMBEDDER
    )


def test_removing(plain: Settings, own: Path) -> None:
    register_file(own, "mine")
    put(UNPINNED, "Qwen3.8-27B-UD-Q4_K_M.gguf", own)
    assert remove_model("mine", plain) == ("mine", 0)
    assert own.exists()
    assert registered() == {}
    name, n_bytes = remove_model(UNPINNED.lower(), plain)
    assert name == UNPINNED
    assert n_bytes > own.stat().st_size
    assert not is_downloaded(lookup(UNPINNED))


def test_half_a_download_can_be_removed(plain: Settings) -> None:
    parts_of(lookup("phi-4")).mkdir(parents=True)
    (parts_of(lookup("phi-4")) / "phi-4.x").write_bytes(b"x")
    assert remove_model("phi-4", plain) == ("phi-4", 1)
    assert bytes_here(lookup("phi-4")) == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("starter", "comes with Footnote"),
        (STARTER_EMBEDDER, "comes with Footnote"),
        ("phi-4", "nothing to remove"),
        ("nonsense", "no model called"),
    ],
)
def test_what_cannot_be_removed(plain: Settings, name: str, expected: str) -> None:
    with pytest.raises(ModelError, match=expected):
        remove_model(name, plain)


def test_what_is_in_use_stays(plain: Settings, own: Path) -> None:
    register_file(own, "mine")
    with pytest.raises(ModelError, match="mine is in use"):
        remove_model("MINE", dataclasses.replace(plain, generator="mine"))
    with pytest.raises(ModelError, match="a file of yours"):
        remove_model(str(own), plain)
    put("bge-base-en-v1.5", "model.safetensors", b"weights")
    # The index beside the one in use needs it too.
    write_choice(plain.library, Choice("starter", "bge-base-en-v1.5"))
    with pytest.raises(ModelError, match=r"in use.*embedder switch"):
        remove_model("bge-base-en-v1.5", plain)
    assert own.exists()


def test_a_download_by_name_that_does_not_exist(plain: Settings) -> None:
    with pytest.raises(ModelError, match="did you mean granite"):
        download("granite")


def test_the_starter_by_its_own_name(library: Any, settings: Settings) -> None:
    named = dataclasses.replace(settings, generator=STARTER_GENERATOR.upper())
    reader = build_reader(named, library)
    assert (reader.name, reader.generator) == ("extract", STARTER_GENERATOR)
    reader.close()
