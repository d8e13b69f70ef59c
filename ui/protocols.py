"""What the page needs of the rooms below it, and no more."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from index.library import AddReport, ProgressCallback
from index.store import Store
from index.types import Hit
from rag.settings import Settings
from rag.types import Event


class DocumentLibrary(Protocol):
    """The documents: added, removed, read."""

    @property
    def folder(self) -> Path:
        """Where the library lives."""

    @property
    def store(self) -> Store:
        """Documents and their text."""

    def add(
        self,
        paths: Sequence[Path],
        *,
        sync: bool = False,
        on_progress: ProgressCallback | None = None,
    ) -> AddReport:
        """Add files and folders."""

    def remove(self, document_id: int) -> None:
        """Forget a document."""


class Pipeline(Protocol):
    """Answers questions from a library."""

    @property
    def library(self) -> DocumentLibrary:
        """The documents."""

    @property
    def settings(self) -> Settings:
        """What the answers are made with."""

    def ask_stream(self, question: str, history: Sequence[str]) -> Iterator[Event]:
        """Events of an answer; the last one carries the whole answer."""

    def retrieve(self, question: str, history: Sequence[str]) -> Sequence[Hit]:
        """The passages a question finds, without reading them."""
