"""Copies a library's documents into another one, cut and embedded anew, without their files.

Text, source map, blocks, speakers, title and date are taken over as they are; only passages and vectors
depend on the embedder. So a document whose file is gone is copied as any other.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index.library import Library
from index.splitter import embedded_text
from index.store import Store
from index.types import Analysis, Block, Document, LoadedText, Passage, Span
from models.protocols import FloatMatrix

_EMBED_BATCH = 256


@dataclass(slots=True)
class CopyReport:
    """What a copy did, in documents; `n_passages` were embedded."""

    n_copied: int = 0
    n_same: int = 0
    n_removed: int = 0
    n_passages: int = 0


def copy_documents(
    source: Store, target: Library, *, on_document: Callable[[int, int], None] | None = None
) -> CopyReport:
    """Make the target hold the source's complete documents, and no others.

    A document with the same path and bytes is left alone, so that this goes on where it was broken off.

    Args:
        source: read only.
        target: made with another embedder.
        on_document: told after each document how many are done, and of how many.
    """
    report = CopyReport()
    wanted = [document for document in source.documents() if document.status == "complete"]
    paths = {document.path for document in wanted}
    for old in target.store.documents():
        if old.path not in paths:
            target.store.remove_document(old.id)
            report.n_removed += 1
    for done, document in enumerate(wanted, start=1):
        known = target.store.document_at(document.path)
        if known is not None and known.sha256 == document.sha256 and known.status == "complete":
            report.n_same += 1
        else:
            report.n_passages += _copy(source, target, document)
            report.n_copied += 1
        if on_document is not None:
            on_document(done, len(wanted))
    _carry(source, target.store)
    target.evidence.catch_up()
    return report


def _copy(source: Store, target: Library, document: Document) -> int:
    # Passages are embedded under the title found in the text, as they were the first time.
    document = replace(document, title=source.found_title(document.id) or document.title)
    n_passages = 0
    new: Document | None = None
    for piece in source.loaded(document.id):
        analysis = _analysis(source, document, piece)
        passages = target.split(piece.text, analysis, document, offset=piece.start)
        vectors = _embed(target, passages)
        with target.store.transaction():
            target.store.use_embedder(target.embedder.name, target.embedder.dim)
            if new is None:
                new = target.store.begin_document(
                    document.path,
                    sha256=document.sha256,
                    size=source.size(document.id),
                    title=document.title,
                )
                target.store.describe(new.id, analysis, source.notes(document.id))
            target.store.append(new.id, piece, analysis, passages, vectors)
        n_passages += len(passages)
    if new is not None:
        with target.store.transaction():
            target.store.finish_document(new.id)
    return n_passages


def _analysis(source: Store, document: Document, piece: LoadedText) -> Analysis:
    """The structure of a piece, as the library keeps it: what a block belongs to stands in its passage.

    The passage is the first that ends after the block begins; passages do not overlap.
    """
    end = piece.start + len(piece.text)
    passages = source.document_passages(document.id)
    ends = [passage.end for passage in passages]
    blocks = [
        _block(row, _at(passages, bisect_right(ends, row[0])))
        for row in source.blocks(document.id, piece.start, end)
        if piece.start <= row[0] < end
    ]
    speakers = [
        Span(start, stop, name)
        for name, start, stop in source.speakers(document.id)
        if piece.start <= start < end
    ]
    title = document.title_span
    date = document.date_span
    return Analysis(
        tuple(blocks),
        title=None if title is None else Span(*title, source.text(document.id, *title)),
        date=None if date is None else Span(*date, source.text(document.id, *date)),
        date_iso=document.date,
        speakers=tuple(speakers),
    )


def _carry(source: Store, target: Store) -> None:
    """What people said of the documents, and what happened to them, as it stands in the source now."""
    with source.snapshot():
        kept = source.kept()
    with target.transaction():
        target.take_kept(kept)


def _at(passages: Sequence[Passage], place: int) -> Sequence[Passage]:
    return passages[place : place + 1]


def _block(row: tuple[int, int, object, int, str], passages: Sequence[Passage]) -> Block:
    start, end, role, level, reason = row
    block = Block(start, end, role, level, reason=reason)  # type: ignore[arg-type]
    passage = next((p for p in passages if p.start < end and p.end > start), None)
    if passage is None:
        return block
    # Passages do not keep where a heading stands; its words tell sections apart as well.
    section = passage.section
    named = passage.speaker_span
    return replace(
        block,
        section=None if section is None else Span(_number(section), 0, section),
        speaker=None
        if passage.speaker is None
        else Span(*(named or (start, start)), passage.speaker),
        date=None if passage.date is None else Span(start, start, passage.date),
    )


def _number(words: str) -> int:
    """A number for some words, the same within a run of the program."""
    return hash(words)


def _embed(target: Library, passages: Sequence[Passage]) -> FloatMatrix:
    rows = [np.zeros((0, target.embedder.dim), dtype=np.float32)]
    for first in range(0, len(passages), _EMBED_BATCH):
        batch = passages[first : first + _EMBED_BATCH]
        rows.append(
            target.embedder.embed_passages([embedded_text(p.breadcrumb, p.text) for p in batch])
        )
    return np.concatenate(rows)
