import dataclasses
from pathlib import Path

import pytest

from rag.errors import SettingsError
from rag.settings import Settings, default_config, default_library, load_settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "footnote.toml"
    path.write_text('top_k = 7\nreader = "extract"\nlibrary = "~/papers"\n', encoding="utf-8")
    return path


def test_defaults() -> None:
    assert load_settings({}, environment={}) == Settings()
    assert Settings().library == default_library()


def test_each_place_beats_the_one_before(config: Path) -> None:
    env = {"FOOTNOTE_CONFIG": str(config)}
    assert load_settings({}, environment=env).top_k == 7
    env["FOOTNOTE_TOP_K"] = "8"
    assert load_settings({}, environment=env).top_k == 8
    assert load_settings({"top_k": 9}, environment=env).top_k == 9
    assert load_settings({"top_k": None}, environment=env).top_k == 8
    assert load_settings({}, environment=env).reader == "extract"


def test_the_default_file_is_read_where_it_is(own_home: Path) -> None:
    path = default_config()
    assert path.is_relative_to(own_home)
    path.parent.mkdir(parents=True)
    path.write_text("threads = 2\n", encoding="utf-8")
    assert load_settings({}).threads == 2


def test_the_real_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTNOTE_THREADS", "3")
    assert load_settings({}).threads == 3
    assert load_settings({}, environment={}).threads == 0


def test_home_is_spelled_out(config: Path, own_home: Path) -> None:
    settings = load_settings({}, environment={"FOOTNOTE_CONFIG": str(config)})
    assert settings.library == own_home / "papers"


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", True), ("TRUE", True), ("yes", True), ("0", False), ("no", False), ("false", False)],
)
def test_switches(text: str, value: bool) -> None:
    assert load_settings({}, environment={"FOOTNOTE_LOG_QUESTIONS": text}).log_questions is value


def test_names_of_places_are_no_settings() -> None:
    env = {"FOOTNOTE_CACHE": "/c", "FOOTNOTE_DATA": "/d", "FOOTNOTE_REQUIRE_ALL": "1"}
    assert load_settings({}, environment=env) == Settings()


def test_an_empty_variable_sets_nothing() -> None:
    env = {"FOOTNOTE_LIBRARY": "", "FOOTNOTE_TOP_K": "", "FOOTNOTE_CONFIG": ""}
    assert load_settings({}, environment=env) == Settings()


def test_unknown_names_are_errors_that_name_the_place(config: Path) -> None:
    with pytest.raises(SettingsError, match=r"'topk' in the environment variable FOOTNOTE_TOPK"):
        load_settings({}, environment={"FOOTNOTE_TOPK": "3"})
    with pytest.raises(SettingsError, match=r"Unknown setting 'nope' .* Known: allow_download"):
        load_settings({"nope": 1}, environment={})
    config.write_text("[retrieval]\ntop_k = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"'retrieval' in .*footnote.toml"):
        load_settings({}, environment={"FOOTNOTE_CONFIG": str(config)})


@pytest.mark.parametrize(
    "line",
    [
        "top_k = 5.7",
        "top_k = true",
        'top_k = "many"',
        "reader = 3",
        "min_confidence = true",
        'log_questions = "perhaps"',
        "library = 5",
        "top_k = [1]",
        "embedder = false",
    ],
)
def test_values_of_the_wrong_kind(config: Path, line: str) -> None:
    config.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"footnote.toml is no (int|str|float|bool|Path)"):
        load_settings({}, environment={"FOOTNOTE_CONFIG": str(config)})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reader", "poet"),
        ("quantisation", "Q2"),
        ("top_k", 0),
        ("top_k", 101),
        ("n_read", 0),
        ("passage_tokens", 3),
        ("context_tokens", 100),
        ("answer_tokens", 4096),
        ("min_confidence", 1.5),
        ("min_confidence", float("nan")),
        ("threads", -1),
    ],
)
def test_values_out_of_range_say_what_is_wanted(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=rf"{name} = .* it must be "):
        load_settings({name: value}, environment={})


def test_more_may_be_read_than_is_looked_at() -> None:
    assert load_settings({"n_read": 11, "top_k": 10}, environment={}).n_read == 11


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no settings file .* \(named by FOOTNOTE_CONFIG\)"):
        load_settings({}, environment={"FOOTNOTE_CONFIG": str(tmp_path / "none.toml")})
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"top_k = = 3")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({}, environment={"FOOTNOTE_CONFIG": str(broken)})
    broken.write_bytes(b'reader = "\xff"')
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({}, environment={"FOOTNOTE_CONFIG": str(broken)})


def test_settings_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().top_k = 3


def test_every_setting_is_explained() -> None:
    for field in dataclasses.fields(Settings):
        assert f"        {field.name}: " in Settings.__doc__
