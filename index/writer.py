"""Writes one document: whole in one transaction, or piece by piece when it is large."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.errors import EmptyFileError, LibraryError, VanishedError
from index.splitter import Splitter, embedded_text
from index.store import Store
from index.structure import Carry, analyse, carry_after
from index.types import Analysis, Document, LoadedText, Passage, Span
from models.protocols import Embedder, FloatMatrix

# Small enough that progress moves and Ctrl-C is heard, large enough for the embedder's own batches.
_EMBED_BATCH = 256

OnEmbedded = Callable[[LoadedText, float, int], None]


class DocumentWriter:
    """Takes a document's pieces one after the other.

    One piece is held back, so that a document of one piece needs no partial state and the last
    piece is committed together with "complete". With each piece of a partial document what the next
    one must know of it is kept, so that a broken-off run goes on exactly as if it had not been.

    Args:
        store: where to.
        embedder: makes the vectors.
        splitter: makes the passages.
        path: the file, absolute.
        sha256: of its bytes.
        size: its bytes.
        resume_from: the partial document of an earlier run over the same bytes.
        on_embedded: told after each batch which piece, which share of it, how many passages.
    """

    def __init__(
        self,
        store: Store,
        embedder: Embedder,
        splitter: Splitter,
        path: Path,
        *,
        sha256: str,
        size: int,
        resume_from: Document | None = None,
        on_embedded: OnEmbedded | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._splitter = splitter
        self._path = path
        self._sha256 = sha256
        self._size = size
        self._document = resume_from
        self._on_embedded = on_embedded
        self._held: LoadedText | None = None
        self._carry: Carry | None = None
        self.n_chars = 0
        self.n_passages = 0
        self.notes: list[str] = []
        if resume_from is not None:
            self.n_chars = resume_from.n_chars
            self.notes = store.notes(resume_from.id)
            self._carry = _unpack(store.noted(resume_from.id))

    def hold(self, piece: LoadedText) -> None:
        """Take a piece; write the one before it."""
        if self._held is not None:
            self._write(self._held, last=False)
        self._held = piece

    def finish(self) -> None:
        """Write the last piece and mark the document complete."""
        if self._held is not None:
            self._write(self._held, last=True)
        elif self._document is not None:
            with self._store.transaction():
                self._store.finish_document(self._document.id)
        else:
            raise EmptyFileError(f"{self._path} is empty.")

    def _write(self, piece: LoadedText, *, last: bool) -> None:
        analysis = analyse(piece, carry=self._carry)
        carry = carry_after(analysis, self._carry)
        shown = self._document or self._provisional(analysis)
        passages = self._splitter.split(piece.text, analysis, shown, offset=piece.start)
        vectors = self._embed(piece, passages)
        with self._store.transaction():
            # Another process may have bound the library to its embedder since it was opened.
            self._store.use_embedder(self._embedder.name, self._embedder.dim)
            document = self._place(piece, analysis)
            self._store.append(document.id, piece, analysis, passages, vectors)
            if last:
                self._store.finish_document(document.id)
            else:
                self._store.note_to_self(document.id, _pack(carry))
        self._document = self._store.document(document.id)
        self._carry = carry
        self.n_passages += len(passages)

    def _place(self, piece: LoadedText, analysis: Analysis) -> Document:
        """The document that the piece belongs to, begun with the first one."""
        if self._document is not None:
            if self._store.document(self._document.id) is None:
                raise VanishedError(
                    f"{self._path}: it was removed from the library while it was being added. "
                    "Add it again."
                )
            return self._document
        document = self._store.begin_document(
            str(self._path), sha256=self._sha256, size=self._size, title=self._path.stem
        )
        self.notes.extend(piece.notes)
        self._store.describe(document.id, analysis, piece.notes)
        return document

    def _provisional(self, analysis: Analysis) -> Document:
        """The document as it will stand in the library, for the breadcrumbs of its first piece."""
        title = " ".join(analysis.title.text.split()) if analysis.title else self._path.stem
        return Document(
            id=0,
            path=str(self._path),
            title=title,
            sha256=self._sha256,
            n_chars=0,
            date=analysis.date_iso,
        )

    def _embed(self, piece: LoadedText, passages: Sequence[Passage]) -> FloatMatrix:
        rows = [np.zeros((0, self._embedder.dim), dtype=np.float32)]
        for first in range(0, len(passages), _EMBED_BATCH):
            batch = passages[first : first + _EMBED_BATCH]
            texts = [embedded_text(p.breadcrumb, p.text) for p in batch]
            rows.append(self._embedder.embed_passages(texts))
            if self._on_embedded is not None:
                self._on_embedded(piece, len(batch) / len(passages), len(batch))
        return np.concatenate(rows)


def _pack(carry: Carry) -> str:
    def plain(span: Span | None) -> list[object] | None:
        return None if span is None else [span.start, span.end, span.text]

    return json.dumps(
        {
            "title": plain(carry.title),
            "date": plain(carry.date),
            "date_iso": carry.date_iso,
            "section": plain(carry.section),
            "speaker": plain(carry.speaker),
            "labels": sorted(carry.labels),
            "in_comments": carry.in_comments,
        }
    )


def _unpack(words: str | None) -> Carry | None:
    if words is None:
        return None

    def span(parts: list[object] | None) -> Span | None:
        return (
            None if parts is None else Span(int(str(parts[0])), int(str(parts[1])), str(parts[2]))
        )

    try:
        kept = json.loads(words)
        return Carry(
            title=span(kept["title"]),
            date=span(kept["date"]),
            date_iso=kept["date_iso"],
            section=span(kept["section"]),
            speaker=span(kept["speaker"]),
            labels=frozenset(kept["labels"]),
            in_comments=kept["in_comments"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise LibraryError(
            "What was kept to go on with a half-read document is damaged. Remove the document "
            "(footnote list, footnote remove) and add it again."
        ) from error
