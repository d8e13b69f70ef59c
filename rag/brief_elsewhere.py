"""Where else in a library a name stands: one document may say what another takes for known."""

from collections.abc import Callable

from index.library import Library
from index.types import Document, Role
from index.words import fold
from rag.brief_kinds import Place, place_in
from rag.brief_names import Named

_LOOKED_AT = 10
_OWN_WORDS = (Role.BODY, Role.SUMMARY, Role.SPEAKER)


def elsewhere(library: Library, document: Document) -> Callable[[Named], list[Place]]:
    """For a name of a document, some of the places in the others' own words where it stands.

    Args:
        library: is looked up in its evidence table.
        document: whose names are asked for.
    """

    def find(one: Named) -> list[Place]:
        key = fold(one.name)
        facts = [
            fact
            for norm in (key, f"{key}'s", f"{key}’s")
            for fact in library.evidence.facts("name", norm=norm, limit=2 * _LOOKED_AT)
            if fact.document_id != document.id
        ][:_LOOKED_AT]
        passages = {p.id: p for p in library.store.passages([fact.passage_id for fact in facts])}
        places = []
        for fact in facts:
            passage = passages.get(fact.passage_id)
            if passage is not None and passage.role in _OWN_WORDS:
                start = fact.start - passage.start
                places.append(place_in(passage.text, start, start + len(one.name)))
        return places

    return find
