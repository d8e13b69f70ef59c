"""A second index of the same documents, made with another embedder: beside the first, measured, switched to.

It lives in `beside/` of the library's folder. `embedder.json` says which of the two is used, and with which
model each was made; it is replaced in one step, so that a switch is done or not done. Only the database is
doubled: uploads, logs and the lock are the library's own.
"""

import dataclasses
import json
import os
import shutil
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

    @property
    def in_use(self) -> str:
        """What the settings call the embedder that answers."""
        return self.second if self.uses_second else self.first


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


def in_use(settings: Settings) -> tuple[Settings, Path]:
    """The settings with the embedder of the index that is used, and the folder of that index."""
    choice = read_choice(settings.library)
    if choice is None:
        return settings, settings.library
    return index_of(settings, choice, second=choice.uses_second)


def index_of(settings: Settings, choice: Choice, *, second: bool) -> tuple[Settings, Path]:
    """The settings for the first or the second index of a library, and its folder.

    An embedder that the settings name and that is neither of the two stands: it does not fit the index, which
    says so when it is opened.
    """
    known = choice.second if second else choice.first
    folder = settings.library / FOLDER if second else settings.library
    asked = settings.embedder
    embedder = known if asked in ("starter", choice.first, choice.second) else asked
    return dataclasses.replace(settings, embedder=embedder), folder


def new_folder(library: Path, model: str) -> Path:
    """Where a new second index is made, beside the one that is there until it is whole.

    What an earlier, broken-off `try` of the same model made is gone on with; that of another is thrown away.
    """
    folder = library / f"{FOLDER}.new"
    name = folder / "model.txt"
    if not name.is_file() or name.read_text(encoding="utf-8") != model:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        name.write_text(model, encoding="utf-8")
    return folder


def take_new(library: Path) -> None:
    """Put a new second index, now whole, in the place of the one before; that can be made again."""
    shutil.rmtree(library / FOLDER, ignore_errors=True)
    os.replace(library / f"{FOLDER}.new", library / FOLDER)
