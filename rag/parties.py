"""Who wrote a document, got it, or is a party to it, as its head or its signature says."""

import re

from index.store import Store
from index.types import Document
from rag.census_types import Party

_HEAD_CHARS = 700
_TAIL_CHARS = 300
# A line may go on in the next one, up to an empty one or one with a label of its own.
_LINE = (
    r"(?:^|\n)[ \t>*_#-]*(?:{})[*_]*[ \t]*:[*_ \t]*"
    r"(?P<name>[^\n<]{{2,120}}(?:\n(?![^\n:]{{1,20}}:|\s*\n|[-*#>|])[^\n<]{{2,120}}){{0,3}})"
)
_BY = (
    r"from|author|sender|reporter|inspector|supplier|editor|writer|analyst|buyer|captain|master|signed|"
    r"(?:(?:written|prepared|reported|filed|submitted|compiled|ordered|placed|issued|edited|signed|taken|"
    r"recorded|drafted|requested) )?by"
)
_PARTY_LINES: dict[Party, tuple[re.Pattern[str], ...]] = {
    "by": (re.compile(_LINE.format(_BY), re.I),),
    "to": (re.compile(_LINE.format("to|recipient|addressee|bill to|customer|attention"), re.I),),
    "of": (),
    "with": (
        re.compile(r"\bbetween (?P<name>[^.;]{5,300}?)(?=[.;]|\n\n|$)", re.I),
        re.compile(_LINE.format("parties|contractor|supplier|with"), re.I),
    ),
}
_SIGNATURE = re.compile(
    r"\b(?:regards|wishes|greetings|sincerely|faithfully|truly|respectfully|thanks|thank you|yours)\b"
    r"[^\n]{0,20}\n+[ \t*_]*(?P<name>[A-Z][^\n]{1,60})",
    re.I,
)


def named_parties(store: Store, document: Document, relation: Party) -> list[tuple[str, int, int]]:
    """Names that stand in a document's head for a relation, or else in its signature, with their spans.

    The spans count in the document's text; a name is written in one line, whatever it is in the text.
    """
    head = store.text(document.id, 0, _HEAD_CHARS)
    matches = [m for pattern in _PARTY_LINES[relation] for m in pattern.finditer(head)]
    shift = 0
    if not matches and relation == "by":
        shift = max(0, document.n_chars - _TAIL_CHARS)
        matches = list(_SIGNATURE.finditer(store.text(document.id, shift)))[:1]
    return [
        (" ".join(m["name"].split()), shift + m.start("name"), shift + m.end("name"))
        for m in matches
    ]
