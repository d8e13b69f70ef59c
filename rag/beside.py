"""A second index of the same documents, made with another embedder: beside the first, measured, switched to.

It lives in `beside/` of the library's folder. `embedder.json` says which of the two is used, and with which
model each was made; it is replaced in one step, so that a switch is done or not done. Nothing is thrown away.
"""

import dataclasses
import json
import os
from dataclasses import dataclass
from pathlib import Path

from index.errors import LibraryError
from rag.settings import Settings

FOLDER = "beside"
FILE = "embedder.json"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which index of a library is used.

    Attributes:
        first: what the settings called the first embedder.
        second: the same of the one beside it.
        uses_second: whether the second one answers.
    """

    first: str
    second: str
    uses_second: bool = False


def read_choice(library: Path) -> Choice | None:
    """The choice kept with a library; None where there is only one index.

    Raises:
        LibraryError: the file is damaged.
    """
    path = library / FILE
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Choice(str(kept["first"]), str(kept["second"]), bool(kept["uses_second"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LibraryError(
            f"{path} is damaged ({error}). Delete it to use the first index; `footnote embedder try` "
            "makes the second one known again."
        ) from error


def write_choice(library: Path, choice: Choice) -> None:
    """Keep a choice, in one step."""
    part = library / f"{FILE}.part"
    part.write_text(json.dumps(dataclasses.asdict(choice)), encoding="utf-8")
    os.replace(part, library / FILE)


def settings_in_use(settings: Settings) -> Settings:
    """The settings with the folder and the embedder of the index that is used.

    An embedder that is neither of the two stands: it does not fit the index, which says so when it is opened.
    """
    choice = read_choice(settings.library)
    return settings if choice is None else settings_of(settings, choice, second=choice.uses_second)


def settings_of(settings: Settings, choice: Choice, *, second: bool) -> Settings:
    """The settings for the first or the second index of a library."""
    known = choice.second if second else choice.first
    folder = settings.library / FOLDER if second else settings.library
    asked = settings.embedder
    embedder = known if asked in ("starter", choice.first, choice.second) else asked
    return dataclasses.replace(settings, library=folder, embedder=embedder)
