import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import SettingsError
from rag.settings_file import write_setting

BEFORE = """# My settings

top_k = 7   # more than usual
  generator = "starter"   # the small one
library = '~/papers'
"""


def write(path: Path, value: str) -> str:
    write_setting(path, "generator", value, default="starter")
    return path.read_bytes().decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "conf" / "footnote.toml"


def test_one_value_changes_and_nothing_else(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(BEFORE)
    assert write(path, "phi-4") == BEFORE.replace('"starter"', '"phi-4"')
    assert write(path, "starter") == BEFORE
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("before", ["top_k = 7\n", "top_k = 7", "# only a comment", ""])
def test_a_new_key_comes_last(path: Path, before: str) -> None:
    path.parent.mkdir()
    path.write_text(before)
    after = write(path, "phi-4")
    assert after.startswith(before)
    assert tomllib.loads(after) == tomllib.loads(before) | {"generator": "phi-4"}


def test_a_file_is_made_where_there_is_none(path: Path) -> None:
    assert write(path, 'a "quoted" \\ name') == 'generator = "a \\"quoted\\" \\\\ name"\n'


def test_the_default_needs_no_line(path: Path) -> None:
    write_setting(path, "generator", "starter", default="starter")
    assert not path.exists()


def test_line_ends_and_rights_stay(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'top_k = 7\r\ngenerator = "a"\r\n# end\r\n')
    path.chmod(0o600)
    assert write(path, "b") == 'top_k = 7\r\ngenerator = "b"\r\n# end\r\n'
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    (tmp_path / "real.toml").write_text("threads = 2\n")
    path.symlink_to(tmp_path / "real.toml")
    write(path, "b")
    assert path.is_symlink()
    assert (tmp_path / "real.toml").read_text() == 'threads = 2\ngenerator = "b"\n'


@pytest.mark.parametrize("content", [b"= 1", b"\xff\xfe", b"a = 1\na = 2"])
def test_a_damaged_file_is_left_alone(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="cannot be read"):
        write(path, "b")
    assert path.read_bytes() == content


def test_a_failure_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir()
    path.write_text(BEFORE)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(SettingsError, match="could not be written: No space left"):
        write(path, "b")
    assert path.read_text() == BEFORE
    assert list(path.parent.iterdir()) == [path]


_LINES = st.lists(
    st.one_of(
        st.from_regex(r"#[ -~]{0,20}", fullmatch=True),
        st.just(""),
        st.builds("{} = {}".format, st.from_regex(r"k[a-z]{1,6}", fullmatch=True), st.integers()),
    ),
    max_size=12,
    unique_by=lambda line: line.split("=")[0] or object(),
)


@given(before=_LINES, after=_LINES, value=st.text(min_size=1, max_size=20))
def test_other_lines_are_never_touched(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str], value: str
) -> None:
    keys = {line.split(" = ")[0] for line in before if " = " in line}
    after = [line for line in after if line.split(" = ")[0] not in keys]
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_text("\n".join([*before, 'generator = "old"  # mine', *after]) + "\n")
    try:
        value.encode()
    except UnicodeEncodeError:
        return
    lines = write(path, value).split("\n")
    assert lines[: len(before)] == before
    assert lines[len(before) + 1 : -1] == after
    assert lines[len(before)].endswith("  # mine")
    assert tomllib.loads(path.read_text("utf-8"))["generator"] == value
