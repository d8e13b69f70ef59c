"""Labels of the blocks that sentences stand in."""

from index.store import Store
from index.types import Hit, Role


class BlockRoles:
    """The label at a span of a hit's document; a passage's blocks are fetched once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._blocks: dict[int, list[tuple[int, int, Role, int, str]]] = {}

    def __call__(self, hit: Hit, start: int, end: int) -> Role:
        """Label of the block at `start` to `end` of the hit's document."""
        passage = hit.passage
        if passage.id not in self._blocks:
            self._blocks[passage.id] = self._store.blocks(
                passage.document_id, passage.start, passage.end
            )
        touched = (b[2] for b in self._blocks[passage.id] if b[1] > start and b[0] < end)
        return next(touched, passage.role)
