"""The FAISS index that suits a number of vectors: exact, in a byte a number, or in lists of those.

Measured on two cores (docs/decisions.md): full numbers are fast enough while there are few; a byte a number
is five times as fast and finds the same neighbours; past some hundred thousand only a part is compared, in
lists of vectors that lie together. Whoever searches compares the best again by the full vectors.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from models.protocols import FloatMatrix

Kind = Literal["full", "bytes", "lists"]
Ids = np.ndarray[tuple[int], np.dtype[np.int64]]
Read = Callable[[Sequence[int]], FloatMatrix]
"""Vectors of some ids, shape (n, dim), in order."""

BYTES_FROM = 20_000
LISTS_FROM = 300_000
_BLOCK = 20_000
# Enough to know the range of every number, and for each list to know where it lies.
_SAMPLE_FOR_BYTES = 50_000
_SAMPLE_FOR_A_LIST = 40
_ROUNDS = 6
_LISTS_COMPARED = 96
_SEED = 1


def kind_for(n: int) -> Kind:
    """What suits `n` vectors."""
    if n < BYTES_FROM:
        return "full"
    return "bytes" if n < LISTS_FROM else "lists"


def build(kind: Kind, dim: int, ids: Ids, read: Read) -> Any:
    """An index of vectors.

    Args:
        kind: see `kind_for`.
        dim: length of a vector.
        ids: of all vectors, shape (n,).
        read: gives their vectors, a block at a time.
    """
    import faiss  # slow to import, and not needed for `--help`

    if kind == "full":
        index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dim))
    elif kind == "bytes":
        scalar = faiss.IndexScalarQuantizer(
            dim, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        scalar.train(read(_sample(ids, _SAMPLE_FOR_BYTES).tolist()))
        index = faiss.IndexIDMap2(scalar)
    else:
        index = _lists(dim, ids, read)
    add(index, ids, read)
    return index


def _lists(dim: int, ids: Ids, read: Read) -> Any:
    import faiss

    n_lists = int(4 * np.sqrt(len(ids)))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim),
        dim,
        n_lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.niter = _ROUNDS
    index.cp.max_points_per_centroid = _SAMPLE_FOR_A_LIST
    index.nprobe = min(n_lists, _LISTS_COMPARED)
    index.set_direct_map_type(faiss.DirectMap.Hashtable)  # type: ignore[attr-defined]
    index.train(read(_sample(ids, n_lists * _SAMPLE_FOR_A_LIST).tolist()))
    return index


def _sample(ids: Ids, n: int) -> Ids:
    if len(ids) <= n:
        return ids
    return np.sort(np.random.default_rng(_SEED).choice(ids, n, replace=False))


def add(index: Any, ids: Ids, read: Read) -> None:
    """Add vectors, a block at a time."""
    for first in range(0, ids.size, _BLOCK):
        block = ids[first : first + _BLOCK]
        index.add_with_ids(read(block.tolist()), block)


def search(
    index: Any, vector: FloatMatrix, limit: int, within: Sequence[int] | None
) -> list[tuple[int, float]]:
    """(id, score) of the nearest, best first; scores of all but "full" are not exact.

    Args:
        index: from `build`.
        vector: shape (1, dim).
        limit: at most so many.
        within: the only ids that count; None for all.
    """
    import faiss

    parameters: Any = None
    if within is not None:
        chosen = faiss.IDSelectorBatch(np.asarray(within, dtype=np.int64))
        if kind_of(index) == "lists":
            # Those that count may lie anywhere.
            parameters = faiss.SearchParametersIVF(sel=chosen, nprobe=index.nlist)  # type: ignore[call-arg]
        else:
            parameters = faiss.SearchParameters(sel=chosen)  # type: ignore[call-arg]
    scores, ids = index.search(vector, limit, params=parameters)
    if ids[0][-1] < 0 <= index.ntotal - limit and parameters is None:
        # The lists compared do not hold so many.
        everywhere = faiss.SearchParametersIVF(nprobe=index.nlist)  # type: ignore[call-arg]
        scores, ids = index.search(vector, limit, params=everywhere)
    return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]


def ids_of(index: Any) -> Ids:
    """Ids of all vectors, ascending, shape (n,)."""
    import faiss

    if kind_of(index) != "lists":
        return np.sort(faiss.vector_to_array(index.id_map)).astype(np.int64)
    lists = index.invlists
    parts = [
        faiss.rev_swig_ptr(lists.get_ids(i), lists.list_size(i)).copy()
        for i in range(index.nlist)
        if lists.list_size(i)
    ]
    return np.sort(np.concatenate(parts)) if parts else np.zeros(0, dtype=np.int64)


def kind_of(index: Any) -> Kind:
    """What an index is."""
    import faiss

    if isinstance(index, faiss.IndexIVF):
        return "lists"
    inner = faiss.downcast_index(index.index)
    return "full" if isinstance(inner, faiss.IndexFlat) else "bytes"
