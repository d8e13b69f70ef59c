"""Settings: defaults < TOML file < environment < flags. An unknown name is an error.

Loaded once by the command line and handed down; nothing else reads the environment.
"""

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_dir, user_data_dir

from rag.errors import SettingsError

READERS = ("auto", "extract", "compose")
_PREFIX = "FOOTNOTE_"
# Variables of the same prefix that are not settings: they name places.
_NOT_SETTINGS = frozenset(
    {
        "FOOTNOTE_CACHE",
        "FOOTNOTE_DATA",
        "FOOTNOTE_MODELS",
        "FOOTNOTE_REQUIRE_ALL",
        "FOOTNOTE_CONFIG",
        "FOOTNOTE_CHROMIUM",
        "FOOTNOTE_BIG_MB",
    }
)


def default_library() -> Path:
    """The library's folder where none is named."""
    return Path(user_data_dir("footnote", appauthor=False)) / "library"


def default_config() -> Path:
    """The settings file where none is named by FOOTNOTE_CONFIG."""
    return Path(user_config_dir("footnote", appauthor=False)) / "footnote.toml"


def config_file(environment: Mapping[str, str] | None = None) -> Path:
    """The settings file that counts; it need not exist."""
    env = os.environ if environment is None else environment
    return Path(env.get("FOOTNOTE_CONFIG") or default_config())


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person may set.

    Attributes:
        library: the library's folder.
        embedder: "starter", "fake", a folder, or a model's name.
        generator: "starter", "fake", a GGUF file, or the name of a model that was downloaded or added.
        prover: "starter", "none", "fake", or a cross-encoder of sentence-transformers, a folder or
            a name, also of a model that was downloaded: that one then orders the passages, and the
            starter does the rest.
        reader: "extract", "compose", or "auto" for what the generator's profile says.
        quantisation: what the starter generator is converted to, "Q8_0" or "Q4_0".
        threads: threads of the generator; 0 for all cores.
        passage_tokens: a passage is closed at the next paragraph once it holds so many tokens.
        top_k: passages looked at for a question.
        n_read: passages the extract reader reads for a question, at most.
        context_tokens: context of a composing generator.
        answer_tokens: a composed answer is at most so long.
        promise: the share of the answers given that may be wrong, above 0 and below 1; it decides
            from which confidence on an answer is given. 0 for no promise: answers are given where
            they are likely enough to be worth a look.
        min_confidence: below it the answer is that the documents do not say, whatever was promised;
            -1 to leave that to `promise`.
        allow_download: whether a model may be fetched from a hub by its name.
        keep_conversations: whether the page keeps conversations in the library's folder.
        log_questions: whether each question is appended to `questions.jsonl` in the library.
    """

    library: Path = dataclasses.field(default_factory=default_library)
    embedder: str = "starter"
    generator: str = "starter"
    prover: str = "starter"
    reader: str = "auto"
    quantisation: str = "Q8_0"
    threads: int = 0
    passage_tokens: int = 128
    top_k: int = 10
    n_read: int = 6
    context_tokens: int = 4096
    answer_tokens: int = 400
    promise: float = 0.0
    min_confidence: float = -1.0
    allow_download: bool = False
    keep_conversations: bool = True
    log_questions: bool = False

    def __post_init__(self) -> None:
        checks = {
            "reader": (self.reader in READERS, "one of " + ", ".join(READERS)),
            "quantisation": (self.quantisation in ("Q8_0", "Q4_0"), "Q8_0 or Q4_0"),
            "top_k": (1 <= self.top_k <= 100, "from 1 to 100"),
            "n_read": (self.n_read >= 1, "at least 1"),
            "passage_tokens": (32 <= self.passage_tokens <= 8192, "from 32 to 8192"),
            "context_tokens": (self.context_tokens >= 512, "at least 512"),
            "answer_tokens": (
                16 <= self.answer_tokens < self.context_tokens,
                f"from 16 to less than context_tokens ({self.context_tokens})",
            ),
            "min_confidence": (
                self.min_confidence == -1 or 0 <= self.min_confidence <= 1,
                "from 0 to 1, or -1 for the fitted value",
            ),
            "promise": (0 <= self.promise < 1, "from 0 to less than 1"),
            "threads": (self.threads >= 0, "0 for all cores, or more"),
        }
        for name, (fine, wanted) in checks.items():
            if not fine:
                raise SettingsError(
                    f"The setting {name} = {getattr(self, name)!r} is out of range: "
                    f"it must be {wanted}."
                )


def load_settings(
    flags: Mapping[str, Any], *, environment: Mapping[str, str] | None = None
) -> Settings:
    """Settings from the TOML file, then the environment, then flags.

    Args:
        flags: names and values given on the command line; None means not given.
        environment: `os.environ` by default; FOOTNOTE_TOP_K=5 sets top_k, an empty value nothing.

    Raises:
        SettingsError: an unknown name or an unusable value, with the place it came from.
    """
    env = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    path = config_file(env)
    if path.exists():
        values.update(_from_file(path))
    elif env.get("FOOTNOTE_CONFIG"):
        raise SettingsError(f"There is no settings file {path} (named by FOOTNOTE_CONFIG).")
    for name, text in env.items():
        if name.startswith(_PREFIX) and name not in _NOT_SETTINGS and text:
            key = name.removeprefix(_PREFIX).lower()
            values[key] = _convert(key, text, f"the environment variable {name}")
    for key, value in flags.items():
        if value is not None:
            values[key] = _convert(key, value, "the command line")
    return Settings(**values)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"The settings file {path} cannot be read: {error}.") from error
    return {key: _convert(key, value, str(path)) for key, value in content.items()}


def _convert(key: str, value: Any, place: str) -> Any:
    fields = {field.name: field.type for field in dataclasses.fields(Settings)}
    if key not in fields:
        raise SettingsError(
            f"Unknown setting {key!r} in {place}. Known: {', '.join(sorted(fields))}."
        )
    kind = getattr(fields[key], "__name__", str(fields[key]))
    try:
        return _CONVERTERS[kind](value)
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{key} = {value!r} in {place} is no {kind}.") from error


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
        str(value).lower()
    ]


def _whole(value: Any) -> int:
    """TOML knows true, 5.7 and "5": only the last is a whole number."""
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(value)
    return int(value)


def _decimal(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError(value)
    return float(value)


def _words(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


_CONVERTERS: dict[str, Any] = {
    "Path": lambda value: Path(value).expanduser(),
    "str": _words,
    "int": _whole,
    "float": _decimal,
    "bool": _boolean,
}
