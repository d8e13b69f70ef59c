"""What the library's tab does when something is clicked; plain values in, HTML out, no Gradio."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from index.library import AddReport
from models.errors import FootnoteError
from ui import shelf, uploads
from ui.protocols import Pipeline

_log = logging.getLogger(__name__)
_UNEXPECTED = (
    "Something went wrong inside Footnote; the terminal it runs in shows what. "
    "What was in the library before is kept."
)


class LibraryHandlers:
    """Answers the events of the library's tab, for all browsers.

    Args:
        pipeline: with the library.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    @property
    def _store(self) -> Any:
        return self._pipeline.library.store

    def shelf(self, page: object = 1) -> str:
        """The table of documents."""
        return shelf.table_html(self._store, page if type(page) is int else 1)

    def hint(self) -> str:
        """What stands where progress and results will be."""
        return shelf.hint_html()

    def upload(self, files: Sequence[str] | None) -> Iterator[tuple[str, str | None]]:
        """Add uploaded files: progress or result, and the table where it has changed."""
        library = self._pipeline.library
        try:
            kept = uploads.keep([Path(file) for file in files or ()], library.folder)
            for event in uploads.add(library, kept):
                if isinstance(event, AddReport):
                    yield shelf.report_html(event), self.shelf()
                else:
                    yield shelf.progress_html(event), None
        except FootnoteError as error:
            yield shelf.failure_html(str(error)), self.shelf()
        except Exception:
            _log.exception("the uploaded files could not be added")
            yield shelf.failure_html(_UNEXPECTED), self.shelf()

    def remove(self, click: Mapping[str, Any]) -> tuple[str, str]:
        """Remove a document: what happened, and the table."""
        document_id = click.get("document")
        if type(document_id) is not int:
            return shelf.failure_html("This document is not known."), self.shelf()
        try:
            removed = uploads.forget(self._pipeline.library, document_id)
        except FootnoteError as error:
            return shelf.failure_html(str(error)), self.shelf()
        if removed is None:
            return shelf.message_html("", "This document", " was removed already."), self.shelf()
        return shelf.message_html("", removed.title, " is no longer in the library."), self.shelf()
