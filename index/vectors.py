"""Vector search: exact inner product in FAISS, derived from the store.

The file beside the database only saves rebuilding: it carries the generation it was made from, and
a missing, damaged or older one is rebuilt from the vectors in SQLite, which are the truth.
"""

import hashlib
import json
import logging
import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.store import Store
from models.protocols import FloatMatrix

_log = logging.getLogger(__name__)
_BLOCK = 20_000
_COMPARED = 16
_Ids = np.ndarray[tuple[int], np.dtype[np.int64]]


class VectorIndex:
    """Exact search by cosine over all embedded passages.

    Args:
        store: holds the vectors.
        dim: length of a vector.
    """

    def __init__(self, store: Store, dim: int) -> None:
        self._store = store
        self._dim = dim
        self._path = store.folder / "vectors.faiss"
        self._lock = threading.Lock()
        self._index: Any = None
        self._ids: _Ids = np.zeros(0, dtype=np.int64)
        self._generation = -1

    @property
    def path(self) -> Path:
        """The derived file."""
        return self._path

    def search(
        self, vector: FloatMatrix, limit: int, within: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """(passage id, cosine) of the nearest passages, best first, ties by id.

        Args:
            vector: shape (1, dim), float32, L2-normalised.
            limit: at most so many.
            within: ids of the only passages that count; None for all.
        """
        with self._lock:
            self._refresh()
            if self._index.ntotal == 0 or limit < 1:
                return []
            return self._nearest(vector, limit, within)

    def _nearest(
        self, vector: FloatMatrix, limit: int, within: Sequence[int] | None
    ) -> list[tuple[int, float]]:
        """The first `limit` by (-score, id); FAISS cuts ties as it likes, so more is asked of it."""
        import faiss

        n_total = int(self._index.ntotal)
        only = None
        if within is not None:
            ids = np.asarray(within, dtype=np.int64)
            n_total = int(np.isin(ids, self._ids).sum())
            only = faiss.SearchParameters(sel=faiss.IDSelectorBatch(ids))  # type: ignore[call-arg]
        if n_total == 0:
            return []
        wanted = min(limit + 1, n_total)
        while True:
            scores, ids = self._index.search(vector, wanted, params=only)
            cut_in_a_tie = wanted < n_total and scores[0][-1] == scores[0][limit - 1]
            if not cut_in_a_tie:
                break
            wanted = min(wanted * 2, n_total)
        found = [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _refresh(self) -> None:
        """Bring the index to the store's generation: from the file, then by the difference."""
        if self._index is not None and self._store.generation == self._generation:
            return
        try:
            # In one snapshot: another process may remove a passage between its id and its vector.
            with self._store.snapshot():
                generation = self._store.generation
                changed = self._catch_up(self._store.vector_ids())
        except BaseException:
            self._index = None  # half caught up; the next search starts from the file
            raise
        self._generation = generation
        if changed or not self._path.exists():
            self._save()

    def _catch_up(self, wanted: _Ids) -> bool:
        """Remove what is gone and add what is new; whether there was any."""
        if self._index is None:
            self._load(wanted)
        gone = np.setdiff1d(self._ids, wanted, assume_unique=True)
        new = np.setdiff1d(wanted, self._ids, assume_unique=True)
        if gone.size:
            self._index.remove_ids(gone)
        for first in range(0, new.size, _BLOCK):
            block = new[first : first + _BLOCK]
            self._index.add_with_ids(self._store.vectors(block.tolist()), block)
        self._ids = wanted
        return bool(gone.size or new.size)

    def _load(self, wanted: _Ids) -> None:
        """Read the file; anything that is not exactly what was written starts from nothing."""
        import faiss  # slow to import, and not needed for `--help`

        try:
            described = json.loads(self._sidecar.read_text())
            data = np.fromfile(self._path, dtype=np.uint8)
            if hashlib.sha256(data.data).hexdigest() != described["sha256"]:
                raise ValueError("its checksum differs")
            if (described["library"], described["dim"]) != (self._library_id(), self._dim):
                raise ValueError("it belongs to another library or embedder")
            self._index = faiss.deserialize_index(data)
            self._ids = np.sort(faiss.vector_to_array(self._index.id_map)).astype(np.int64)
            self._compare(wanted)
        except FileNotFoundError:
            self._start_empty()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as error:
            _log.warning("The vector index %s is rebuilt: %s.", self._path, error)
            self._start_empty()

    def _compare(self, wanted: _Ids) -> None:
        """The newest vectors that file and library share must be the same.

        A library put back from a copy gives ids away again that the file knows from the time
        after the copy was made.
        """
        shared = np.intersect1d(self._ids, wanted, assume_unique=True)[-_COMPARED:]
        known = self._store.vectors(shared.tolist())
        for ident, vector in zip(shared, known, strict=True):
            if not np.array_equal(self._index.reconstruct(int(ident)), vector):
                raise ValueError("the library was put back from a copy")

    def _start_empty(self) -> None:
        import faiss

        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(self._dim))
        self._ids = np.zeros(0, dtype=np.int64)

    @property
    def _sidecar(self) -> Path:
        return self._path.with_suffix(".json")

    def _library_id(self) -> str:
        """Ids are only unique within one database, and only for one embedder."""
        return f"{self._store.meta('library_id')}:{self._store.meta('embedder')}"

    def _save(self) -> None:
        """Write both files under temporary names, flush, rename; failing is no harm, only slower."""
        import faiss

        data: memoryview = faiss.serialize_index(self._index).data
        described = {
            "sha256": hashlib.sha256(data).hexdigest(),
            "library": self._library_id(),
            "dim": self._dim,
            "generation": self._generation,
        }
        try:
            _replace(self._path, data)
            _replace(self._sidecar, json.dumps(described).encode())
        except OSError as error:
            _log.warning("The vector index could not be saved to %s: %s.", self._path, error)


def _replace(path: Path, data: bytes | memoryview) -> None:
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
