"""Questions that headings ask or name, the terms of a glossary, and what the host of a conversation asks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.lexical import terms
from index.library import Library
from index.names import find_names
from index.types import Document, Role
from rag.asking_verbs import PAST, PRESENT
from rag.statements import Kind, is_well_formed
from rag.suggestion_names import Names, is_topic

_TOPIC = re.compile(r"(?:[IVX]+\.|\d[\d.]*)?\s*(?P<words>[A-Z][\w’' -]{10,70})")
# Words that make a heading a sentence, or point at something else.
_SAYS = frozenset(
    "is are was were be been has have had do does did that this these those not no who what which how "
    "why when where here it its we our you your they their i us can cannot will would should must may "
    "might vs versus comes come goes go says said behind got more other about part chapter section "
    "page appendix figure table introduction summary conclusion conclusions takeaways reading episode "
    "episodes notes news".split()
)
_SMALL = frozenset("a an the of in on for to and with by from at under between among into".split())
_GLOSSARY = re.compile(r"\b(?:glossary|definitions?|terms|abbreviations|vocabulary)\b", re.I)
_HOST = re.compile(r"Q(?:uestion)?: ?(?P<words>.*\?)$")
_ASKS = re.compile(
    r"(?:Who|Whom|Whose|What|Which|Where|When|Why|How|Is|Are|Was|Were|Do|Does|Did|Can|Could|Has|Have|Had|Will|"
    r"Would|Should|May|Must)(?:n['’]t)? [^?!.:;]{8,90}\?"
)
# Questions of a conversation with so few words lean on what was said before.
_MOST_LEANING = 5
_MOST_HEADED = 1_200
Blocks = Sequence[tuple[int, int, Role, int, str]]
Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Suggestible:
    """A question with what should answer it.

    Attributes:
        words: that the short answer must agree with; "" where any words of the place will do.
        places: (document id, start, end) of what may be cited; empty for a question about the whole library.
        worth: the larger the better to ask.
    """

    question: str
    kind: Kind
    words: str
    places: tuple[Place, ...]
    worth: float = 0.0


def from_headings(library: Library, document: Document, names: Names) -> Iterator[Suggestible]:
    """Headings that ask or name a topic, terms, questions of a host, with what stands under each."""
    blocks = library.store.blocks(document.id)
    glossary: int | None = None
    for i, (start, end, role, level, _) in enumerate(blocks):
        words = _plain(library, document, start, end)
        place = (document.id, start, min(_end_of_part(blocks, i), start + _MOST_HEADED))
        if role is Role.SPEAKER and (said := _HOST.match(words)):
            words = _last_question(said["words"])
        elif role is not Role.HEADING or not _has_text(blocks, i):
            continue
        elif glossary is not None and level <= glossary:
            glossary = None
        if glossary is None and role is Role.HEADING and _GLOSSARY.search(words) and level > 1:
            glossary = level
        elif _ASKS.fullmatch(words) and is_well_formed(words) and len(terms(words)) > 1:
            yield Suggestible(words, "heading", "", (place,))
        elif glossary is not None and re.fullmatch(r"[A-Za-z][\w -]{1,40}", words):
            yield Suggestible(_meaning(words), "definition", "", (place,))
        elif role is Role.HEADING and level > 1 and (topic := _topic(words, names)):
            yield Suggestible(f"What is said about {topic}?", "topic", "", (place,))


def _last_question(said: str) -> str:
    """What a host asks at the end, if it can be understood without the rest."""
    last = re.split(r"(?<=[.?!]) ", said)[-1]
    named = [last[n.start : n.end] for n in find_names(last) if n.start]
    return last if len(last.split()) > _MOST_LEANING and any(map(is_topic, named)) else ""


def _plain(library: Library, document: Document, start: int, end: int) -> str:
    text = library.store.text(document.id, start, min(end, start + _MOST_HEADED))
    return " ".join(text.replace("*", "").strip("# \n").split())


def _has_text(blocks: Blocks, heading: int) -> bool:
    """Whether text follows a heading, and not another one, or a menu; a glossary's own heading has terms."""
    following = blocks[heading + 1 :][:1]
    return bool(following) and following[0][2] not in (Role.FURNITURE, Role.COMMENT)


def _meaning(term: str) -> str:
    """The question for a term of a glossary."""
    if term.isupper():
        return f"What is {term}?"
    plain = term if re.search(r"\s[A-Z]|\w[A-Z]", term) else term.lower()
    return f"What does “{plain}” mean?"


def _topic(heading: str, names: Names) -> str:
    """A heading that names a topic, as it stands within a question; "" where it is none."""
    match = _TOPIC.fullmatch(heading)
    words = match["words"].split() if match else []
    lower = {word.lower() for word in words}
    if not 3 <= len(words) <= 9 or heading.isupper() or lower & (_SAYS | PAST | PRESENT):
        return ""
    if not all(word[0].isupper() or word in _SMALL for word in words) or words[
        0
    ].lower() in _SMALL - {"the"}:
        return ""  # a sentence-like heading may have a verb in it
    plain = [names.in_text(word) for word in words]
    if not all(plain):
        return ""
    topic = " ".join(plain)
    if topic == topic.lower() or len(terms(topic)) < 2:
        return ""
    head = next((i for i, word in enumerate(plain) if i and word in _SMALL), len(plain)) - 1
    is_mass = re.search(
        r"(?:(?<![uis])s|ment|tion|sion|ness|ity|ency|ance|ence|ing|ship|logy)$", plain[head]
    )
    needs_article = not is_mass or plain[head + 1 : head + 2] == ["of"]
    return f"the {topic}" if needs_article and plain[0] != "the" else topic


def _end_of_part(blocks: Blocks, first: int) -> int:
    """Where the text under a heading ends, or what is said after a question."""
    end = blocks[first][1]
    for _, stop, role, _, _ in blocks[first + 1 :]:
        if role is Role.HEADING:
            break
        end = stop
    return end
