from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from models.errors import ModelError
from models.fake import FakeGenerator
from models.measured import (
    FILE,
    Quality,
    Speed,
    keep_measured,
    measure_speed,
    read_measured,
)
from models.places import models_dir
from models.protocols import Message

SPEED = Speed(1.5, 100.0, None, 500, 3, "2026-01-02")
QUALITY = Quality("set.jsonl", 40, 0.5, 0.1, None, 1.0, 900.0, "2026-01-02")


class Recording(FakeGenerator):
    """Remembers the prompt it was given."""

    def stream(
        self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()
    ) -> Iterator[str]:
        self.prompt = self.count_messages(messages)
        return super().stream(messages, max_tokens=max_tokens, stop=stop)


def test_speed_of_a_model_that_writes() -> None:
    generator = Recording([["one two three ", "four five ", "six"]])
    speed = measure_speed(generator)
    assert speed.n_prompt == generator.prompt
    assert 450 < speed.n_prompt <= 512
    assert speed.n_generated == 6
    assert speed.prompt_tokens_per_s > 0
    assert speed.generated_tokens_per_s is not None


def test_a_model_that_writes_next_to_nothing() -> None:
    assert measure_speed(FakeGenerator([[]])).generated_tokens_per_s is None


def test_what_was_measured_is_kept_by_name(models_folder: Path) -> None:
    assert read_measured() == {}
    keep_measured("a", SPEED)
    keep_measured("a", QUALITY)
    keep_measured("b", QUALITY)
    assert read_measured() == {"a": (SPEED, QUALITY), "b": (None, QUALITY)}
    faster = Speed(1.0, 200.0, 9.0, 500, 64, "2026-01-03")
    keep_measured("a", faster)
    assert read_measured()["a"] == (faster, QUALITY)


@pytest.mark.parametrize(
    "content",
    ['{"models": 1}', '{"models": {"a": 1, "b": {"speed": {"x": 1}, "quality": 2}}}'],
)
def test_what_cannot_be_understood_counts_as_nothing(models_folder: Path, content: str) -> None:
    models_folder.mkdir()
    (models_folder / FILE).write_text(content)
    assert not any(found for pair in read_measured().values() for found in pair)


def test_a_damaged_file_is_not_written_over(models_folder: Path) -> None:
    models_folder.mkdir()
    (models_folder / FILE).write_text("{")
    with pytest.raises(ModelError, match="Mend it, or delete it"):
        keep_measured("a", SPEED)
    assert (models_folder / FILE).read_text() == "{"


def test_the_models_folder_is_named_or_the_systems(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert models_dir().is_relative_to(own_home)
    monkeypatch.setenv("FOOTNOTE_MODELS", "~/elsewhere")
    assert models_dir() == own_home / "elsewhere"
