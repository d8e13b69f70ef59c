"""Question sets that a library can be measured with, and what each still lacks.

A set belongs to the person (`questions/` in the library's folder), ships with Footnote, or is a
file somewhere else that was named. Knows which documents a set is about, not what they say.
"""

import itertools
import shutil
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from eval.errors import QuestionSetError
from eval.evidence import PathDocuments
from eval.questions import load_questions
from eval.types import Question
from index.store import Store

FOLDER = "questions"
_SUFFIX = ".jsonl"
# Names are given one after the other, so that none is given twice.
_naming = threading.Lock()
_MAX_BYTES = 64 << 20

Origin = Literal["yours", "shipped", "named"]


@dataclass(frozen=True, slots=True)
class AvailableSet:
    """A question set and how it fits the library.

    Attributes:
        n_sources: documents that its evidence names.
        missing: those of them that the library does not have.
        error: why it cannot be read; then nothing else is known.
    """

    path: Path
    origin: Origin
    n_questions: int = 0
    n_sources: int = 0
    missing: tuple[str, ...] = ()
    error: str = ""

    @property
    def name(self) -> str:
        """For people."""
        return self.path.name

    @property
    def fits(self) -> bool:
        """Whether it can be asked: it can be read, and the library has all its documents."""
        return not self.error and not self.missing


def available_sets(
    store: Store, folder: Path, named: Iterable[Path] = ()
) -> tuple[AvailableSet, ...]:
    """The sets of a library: the person's own, those named, then the shipped ones.

    Shipped sets of whose documents the library has none are left out.

    Args:
        store: of the library.
        folder: the library's.
        named: files elsewhere.
    """
    documents = _names_only(store)
    own = [_look_at(path, "yours", documents) for path in _own_sets(folder)]
    others = [_look_at(path, "named", documents) for path in named]
    shipped = [_look_at(path, "shipped", documents) for path in _shipped_sets()]
    near = [item for item in shipped if len(item.missing) < item.n_sources]
    return (*own, *others, *near)


def missing_sources(questions: Sequence[Question], store: Store) -> tuple[str, ...]:
    """Documents that the questions' evidence names and the library does not have."""
    return _missing(_sources(questions), _names_only(store))


def take_in(file: Path, folder: Path) -> Path:
    """Keep a question set with the library; where its name is taken, `-2` and so on is added.

    Args:
        file: moved away if all is well.
        folder: the library's.

    Raises:
        QuestionSetError: it is no question set, or cannot be kept.
    """
    check_readable(file)
    load_questions(file)
    target_folder = folder / FOLDER
    try:
        target_folder.mkdir(mode=0o700, exist_ok=True)
        with _naming:
            target = _own_name(target_folder, file.stem, file.read_bytes())
            shutil.move(file, target)
    except OSError as error:
        raise QuestionSetError(
            f"The question set could not be kept in {target_folder}: {error.strerror or error}."
        ) from error
    return target


def check_readable(path: Path) -> None:
    """Make sure that a path names a file that can be a question set.

    Raises:
        QuestionSetError: it does not.
    """
    if not path.is_file():
        raise QuestionSetError(f"There is no file at {path}. Check the path.")
    if path.stat().st_size > _MAX_BYTES:
        raise QuestionSetError(f"{path} is larger than {_MAX_BYTES >> 20} MB; split it.")


def _own_sets(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / FOLDER).glob(f"*{_SUFFIX}") if path.is_file())


def _shipped_sets() -> list[Path]:
    return sorted(Path(str(files("eval"))).joinpath("sets").glob(f"*{_SUFFIX}"))


def _look_at(path: Path, origin: Origin, documents: PathDocuments) -> AvailableSet:
    try:
        check_readable(path)
        questions = load_questions(path)
    except QuestionSetError as error:
        return AvailableSet(path, origin, error=str(error))
    sources = _sources(questions)
    missing = _missing(sources, documents)
    return AvailableSet(path, origin, len(questions), len(sources), missing)


def _sources(questions: Iterable[Question]) -> list[str]:
    """Documents that the evidence names, each once, in the order of the set."""
    return list(dict.fromkeys(piece.source for q in questions for piece in q.evidence))


def _missing(sources: Iterable[str], documents: PathDocuments) -> tuple[str, ...]:
    return tuple(source for source in sources if not documents.find(source))


def _names_only(store: Store) -> PathDocuments:
    # Whether a document is there is asked for every set; its text is not needed for that.
    paths = {str(document.id): document.path for document in store.documents()}
    return PathDocuments(paths, lambda _: "")


def _own_name(folder: Path, stem: str, content: bytes) -> Path:
    """A name that no other content has; it is taken at once, another server may be after it too."""
    for number in itertools.count(1):
        target = folder / f"{stem}{f'-{number}' if number > 1 else ''}{_SUFFIX}"
        try:
            target.open("x").close()
        except FileExistsError:
            if target.is_dir() or target.read_bytes() != content:
                continue
        return target
    raise AssertionError("names never end")
