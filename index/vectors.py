"""Vector search: inner product in FAISS, derived from the store.

The file beside the database only saves rebuilding: it carries the generation it was made from, and
a missing, damaged or older one is rebuilt from the vectors in SQLite, which are the truth. What kind
of index it is goes by the number of vectors (`index.nearest`); the best that it finds are compared again by
the full vectors.
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

from index import nearest
from index.store import Store
from models.protocols import FloatMatrix

_log = logging.getLogger(__name__)
_COMPARED = 16
# A byte a number keeps cosines to about so much.
_INEXACT = 0.05
# So many times as many are compared again by their full vectors.
_SPARE = 2
_Ids = np.ndarray[tuple[int], np.dtype[np.int64]]
_LARGER: tuple[nearest.Kind, ...] = ("full", "bytes", "lists")


class VectorIndex:
    """Search by cosine over all embedded passages.

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
        self._growing: threading.Thread | None = None
        self._grown_at = -1

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
        """The first `limit` by (-cosine, id)."""
        n_total = self._ids.size
        if within is not None:
            n_total = int(np.isin(np.asarray(within, dtype=np.int64), self._ids).sum())
        if n_total == 0:
            return []
        if nearest.kind_of(self._index) == "full":
            found = self._with_ties(vector, limit, within, n_total)
        else:
            wanted = min(_SPARE * limit, n_total)
            ids = [i for i, _ in nearest.search(self._index, vector, wanted, within)]
            found = self._exactly(ids, vector)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]

    def _exactly(self, ids: Sequence[int], vector: FloatMatrix) -> list[tuple[int, float]]:
        """(id, cosine) by the full vectors; what was removed since the last look is left out."""
        try:
            rows = self._store.vectors(ids)
        except KeyError:
            with self._store.snapshot():
                ids = [passage.id for passage in self._store.passages(ids)]
                rows = self._store.vectors(ids)
        return list(zip(ids, (rows @ vector[0]).tolist(), strict=True))

    def _with_ties(
        self, vector: FloatMatrix, limit: int, within: Sequence[int] | None, n_total: int
    ) -> list[tuple[int, float]]:
        """FAISS cuts ties as it likes, so more is asked of it until the cut is none."""
        wanted = min(limit + 1, n_total)
        while True:
            found = nearest.search(self._index, vector, wanted, within)
            if wanted >= n_total or found[-1][1] != found[limit - 1][1]:
                return found
            wanted = min(wanted * 2, n_total)

    def _refresh(self) -> None:
        """Bring the index to the store's generation: from the file, then by the difference."""
        if self._index is not None and self._store.generation == self._generation:
            self._grow()
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
        self._grow()

    def _grow(self) -> None:
        """Where there are too many vectors for the index at hand, build a larger kind behind the back.

        Until it is there the smaller one answers; what changes meanwhile is caught up with then.
        """
        kind = nearest.kind_for(self._ids.size)
        if _LARGER.index(kind) <= _LARGER.index(nearest.kind_of(self._index)):
            return
        if self._grown_at == self._generation or (self._growing and self._growing.is_alive()):
            return  # it is being built, or could not be
        self._grown_at = self._generation
        ids = self._ids
        self._growing = threading.Thread(
            target=self._build_larger, args=(kind, ids), name="footnote-vectors", daemon=True
        )
        self._growing.start()

    def _build_larger(self, kind: nearest.Kind, ids: _Ids) -> None:
        try:
            built = nearest.build(kind, self._dim, ids, self._store.vectors)
        except Exception as error:  # the smaller index goes on answering
            _log.info("The larger vector index was not built: %s", error)
            self._store.close()
            return
        with self._lock:
            self._index, self._ids = built, ids
            try:
                with self._store.snapshot():
                    generation = self._store.generation
                    self._catch_up(self._store.vector_ids())
            except Exception as error:  # the next search starts from the file
                _log.info("The larger vector index could not be kept up: %s", error)
                self._index = None
                return
            finally:
                self._store.close()
            self._generation = self._grown_at = generation
            self._save()

    def wait(self) -> None:
        """Wait until a larger index that is being built is there; for tests and measurements."""
        if self._growing is not None:
            self._growing.join()

    def _catch_up(self, wanted: _Ids) -> bool:
        """Remove what is gone and add what is new; whether there was any."""
        if self._index is None:
            self._load(wanted)
        gone = np.setdiff1d(self._ids, wanted, assume_unique=True)
        new = np.setdiff1d(wanted, self._ids, assume_unique=True)
        if gone.size:
            self._index.remove_ids(gone)
        nearest.add(self._index, new, self._store.vectors)
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
            self._ids = nearest.ids_of(self._index)
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
        inexact = 0.0 if nearest.kind_of(self._index) == "full" else _INEXACT
        for ident, vector in zip(shared, known, strict=True):
            if not np.allclose(self._index.reconstruct(int(ident)), vector, rtol=0.0, atol=inexact):
                raise ValueError("the library was put back from a copy")

    def _start_empty(self) -> None:
        self._ids = np.zeros(0, dtype=np.int64)
        self._index = nearest.build("full", self._dim, self._ids, self._store.vectors)

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
