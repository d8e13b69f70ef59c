"""The sentences of passages as a brief may quote them: what each is, and whether it reads well alone.

A sentence never crosses a block, so that a heading, a comment or a menu never runs into what stands beside
it. What is trimmed at its ends (list marks, "Triolo:") stays out of the quote; nothing inside it changes.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from index.sentences import sentence_spans
from index.store import Store
from index.types import Passage, Role
from index.words import fold

SHORTEST, LONGEST = 30, 340
_AWKWARD = 1.2
_MOST_WORDS_SHORT = 5
_LETTERS = 0.6
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0eff\uac00-\ud7af]")
_ENDS = re.compile(r"[.!?…。！？](?:\d{1,2})?[\"'”’»)\]」』*_]*$")
_LIST_MARK = re.compile(r"(?:[>#*•·▪◦_\s]|[-–—+](?=\s)|\(?\d{1,2}[.)]\s)+")
_TRAILING = re.compile(r"[\s*_]+$")
_SPEAKS = re.compile(r"(?P<who>[^\n:]{1,50}?)[*_]*[:：][*_]*\s+")
_NOTICE = re.compile(
    r"(?:[*_]*(?:correction|erratum|clarification)s?[*_]*\s*[:：.–—-][*_]*\s*)+", re.I
)
_ASKER = re.compile(r"(?:q|a|question|answer|interviewer|host|moderator)\W*$", re.I)
_CAPTION = re.compile(r"(?:Table|Figure|Fig\.|Abbildung|Tabelle) ?\d{1,3}[.:]")
_NO_SENTENCE = re.compile(r"^\d{1,2}:\d\d\b|https?:|www\.|\S@\S|\{\{|\s[|›»]\s|\|.*\|")
# "This report" is the document itself; "it is not known" means nothing that came before.
_OWN_WORDS = (
    r"report|paper|study|article|memo|document|book|guide|page|episode|interview|bulletin|timeline|brief|"
    r"podcast|post|essay|list|year|month|week|century|decade"
)
_LEANS = re.compile(
    r"[\"“”'‘(\[]*(?:"
    r"(?:and|but|or|nor|so|yet|because|which|thereby)\b|"
    r"(?:he|she|they|his|her|hers|their|theirs|him|them|its|such|both|neither|either|here|"
    r"(?:the )?(?:former|latter|same|others?)|another|the difference|the rest)\b|"
    r"it\b(?! (?:is|was|remains?|seems|has been|will be) (?:not |still |also |often |now |un|said|known|clear"
    r"|likely|possible|estimated|expected|reported|believed|thought|true|important|difficult|hard|easy|worth"
    r"|time))|"
    rf"(?:this|these)\b(?! (?:{_OWN_WORDS})s?\b)|(?:that|those)\b(?! (?:who|which)\b)|"
    r"(?:on|in|by|at|after|before|since|during|until|from|for|with|as|when|while|if|to|of)\b[^,.;]{0,60}?"
    r",? (?:he|she|it|they|this|these|those)\b(?! (?:is|was) (?:not |un|possible|known|clear|likely))|"
    r"\w+(?:ed|ing)\b[^,.;]{0,80}, (?:he|she|it|they|this)\b|"
    r"(?:for|of|to|by|with|from|after|before|despite|besides) (?:this|that|these|those|it|them|him|her)\b|"
    r"(?:what does (?:this|that|it)|the (?:first|second|third|last) (?:is|was|one))\b)",
    re.I,
)
_CONNECTS = re.compile(
    r"\W*(?:however|also|thus|therefore|hence|moreover|furthermore|meanwhile|instead|still|then|besides|"
    r"otherwise|nevertheless|nonetheless|consequently|similarly|likewise|additionally|again|indeed|of course|"
    r"for (?:example|instance)|in (?:addition|contrast|turn|response|fact|short|other words|particular)|"
    r"as a result|on the (?:other hand|same day)|at the same time|by contrast|conversely|simultaneously|"
    r"more (?:critically|importantly)|finally|first(?:ly)?,|fourth,|second(?:ly)?|"
    r"third(?:ly)?|not only|there|one of)\b",
    re.I,
)
_POINTS = re.compile(
    r"\b(?:this|that|these|those|it|them|there|cannot|either|do so)(?=[.,;:!?])|"
    r"\b(?:did|does|do|was|were|is|are|had|has|would)(?=[,.;])|"
    r"\b(?:most|all|some|half|part|much|none|any|each|one) of (?:it|them|this|that|these|those)\b|"
    r"\b(?:of|in|to|for|with|on|by|from) (?:this|these|those|that) (?!year|month|week|time)[a-z]+|"
    r"\bthis (?:could|can|will|would|is|was|has|may|might|means?|leads?|led)\b|"
    r"\b(?:the (?:company|firm|department|article|researchers?|former|latter|same|difference|words)|"
    r"the following|as (?:above|below|mentioned)|(?:see|in) (?:table|figure|section|chapter|page)|"
    r"table \d|figure \d)\b",
    re.I,
)
_DEFINITE = re.compile(
    r"\W*the (?:events?|articles?|guests?|hosts?|moves?|decision|announcement|episode|conversations?|"
    r"discussion|authors?|researchers|company|firm|group|two|three|pair|results?|goal|aim|idea|reason|answer|question|problem|"
    r"contrast|approach|figures?|numbers?|sum|charges?|rest|point|effort|list|paper|document)\b",
    re.I,
)
_BOILERPLATE = re.compile(
    r"\b(?:subscribe|newsletters?|cookies?|privacy policy|all rights reserved|copyright|click (?:here|below)|"
    r"read more|follow us|sign up|log ?in|disclaimer|advertis\w+|terms (?:of use|and conditions)|unsubscribe|"
    r"contact us|tell us|write to us|reprint\w*|sponsored by|free to copy|download (?:the|our) app|"
    r"last updated|unless we say otherwise|reading time|our (?:hosts?|producers?)|produced by|"
    r"thanks? (?:to|the)|we (?:explore|look at|discuss|speak)|below, we|detailed summary|"
    r"edited for (?:length|clarity)|appears when|no advice|"
    r"(?:table|figure) \d+ (?:lists|shows|gives)|(?:this|our) (?:bulletin|newsletter|podcast|blog|"
    r"(?:web)?site)|(?:this|the) (?:article|bulletin|podcast|episode|conversation|discussion|interview) "
    r"(?:highlights|emphasi[sz]es|also|explores|delves|discusses|was held|appears))\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence of a document.

    Attributes:
        passage: the passage it stands in.
        start: first character in the document's text.
        end: one past the last.
        text: its words, white space collapsed.
        role: label of its block.
        block: where its block begins; sentences of one block belong together.
        order: its place among the sentences that were read with it.
    """

    passage: Passage
    start: int
    end: int
    text: str
    role: Role
    block: int
    order: int

    @property
    def speaker(self) -> str | None:
        """Who says it, where that is a name and not "Q"."""
        who = self.passage.speaker
        return None if who is None or _ASKER.match(who) else who

    @property
    def place(self) -> tuple[int, int]:
        """Document and first character: tells sentences apart."""
        return self.passage.document_id, self.start


def sentences_of(store: Store, passages: Sequence[Passage]) -> list[Told]:
    """The sentences of passages in their order, list marks and the speaker's name taken off."""
    found: list[Told] = []
    for passage, blocks in _with_blocks(store, passages):
        for start, end, role in blocks:
            if _CAPTION.match(passage.text, max(0, start - passage.start)):
                continue  # what stands under a table is no part of the text
            low, high = max(start, passage.start), min(end, passage.end)
            spans = sentence_spans(
                passage.text, start=low - passage.start, end=high - passage.start
            )
            for a, b in spans:
                a, b = _trimmed(passage, a, b)
                words = " ".join(passage.text[a:b].split())
                if words:
                    place = (passage.start + a, passage.start + b)
                    found.append(Told(passage, *place, words, role, start, len(found)))
    return found


def is_content(told: Told) -> bool:
    """Whether it is the document's own text: no menu, no comment, no heading, no correction."""
    return told.role in (Role.BODY, Role.SUMMARY, Role.SPEAKER)


def is_whole(told: Told, longest: int = LONGEST) -> bool:
    """Whether it is a sentence, and neither a line of a table nor a piece of something longer."""
    return _is_whole(told.text, longest)


def _is_whole(text: str, longest: int) -> bool:
    if not (_ENDS.search(text) and _long_enough(text) and len(text) <= longest):
        return False
    first = next((char for char in text if char.isalnum()), " ")
    letters = sum(char.isalpha() or char.isspace() for char in text)
    return not (
        first.islower()
        or text.isupper()
        or letters < _LETTERS * len(text)
        or _NO_SENTENCE.search(text)
    )


def _long_enough(text: str) -> bool:
    if _UNSPACED.search(text):
        return len(text) >= SHORTEST // 3
    return len(text) >= SHORTEST and len(text.split()) >= _MOST_WORDS_SHORT


def is_question(told: Told) -> bool:
    """Whether it asks something."""
    return _asks(told.text)


def _asks(text: str) -> bool:
    return text.rstrip("\"'”’»)]*_ ").endswith(("?", "？"))


def leans(told: Told) -> bool:
    """Whether it cannot be understood without what stands before it: "He said it was ..."."""
    return _leans(told.text)


def _leans(text: str) -> bool:
    return bool(_LEANS.match(text)) or not _balanced(text)


def awkwardness(told: Told) -> float:
    """What speaks against quoting it alone, 0 for nothing, above 1 for a lot."""
    return _awkwardness(told.text)


def _awkwardness(text: str) -> float:
    cost = 1.2 * _leans(text) + 0.5 * bool(_CONNECTS.match(text)) + 0.6 * bool(_POINTS.search(text))
    cost += 1.5 * bool(_BOILERPLATE.search(text)) + 0.8 * _asks(text)
    cost += 0.5 * bool(_DEFINITE.match(text)) + 1.3 * (not _balanced(text))
    cost += 0.4 * (len(text) > 260) + 0.3 * (len(text) < 50) + 0.3 * text.endswith("!")
    return cost


def reads_alone(text: str) -> bool:
    """Whether words that stand in no document are a sentence that is understood without another one."""
    return _is_whole(text, LONGEST) and _awkwardness(text) < _AWKWARD


def points(told: Told) -> bool:
    """Whether it speaks of something that stands elsewhere: "most of it", "the company"."""
    return bool(_POINTS.search(told.text))


def normal_words(text: str) -> str:
    """A text as it is compared with others that say the same: letters and digits only."""
    return "".join(char for char in fold(text) if char.isalnum())


def whole_blocks(sentences: Iterable[Told], longest: int) -> list[Told]:
    """The sentences of each block as one, as far as they fit; a correction is read as a whole."""
    joined: list[Told] = []
    for told in sentences:
        last = joined[-1] if joined else None
        if last and last.block == told.block and last.passage.id == told.passage.id:
            shift = told.passage.start
            words = " ".join(told.passage.text[last.start - shift : told.end - shift].split())
            if len(words) <= longest:
                joined[-1] = replace(last, end=told.end, text=words)
            continue
        joined.append(told)
    return joined


def first_of_each(sentences: Iterable[Told]) -> list[Told]:
    """Without those that repeat an earlier one word for word."""
    known: dict[str, Told] = {}
    for told in sentences:
        known.setdefault(normal_words(told.text), told)
    return list(known.values())


def _balanced(text: str) -> bool:
    pairs = (("“", "”"), ("(", ")"), ("[", "]"), ("«", "»"))
    return text.count('"') % 2 == 0 and all(text.count(a) == text.count(b) for a, b in pairs)


def _with_blocks(
    store: Store, passages: Sequence[Passage]
) -> Iterator[tuple[Passage, list[tuple[int, int, Role]]]]:
    """Each passage with the blocks it holds; the blocks of a document's passages are read at once."""
    at = 0
    while at < len(passages):
        ident, first = passages[at].document_id, at
        while at < len(passages) and passages[at].document_id == ident:
            at += 1
        run = passages[first:at]
        low, high = min(p.start for p in run), max(p.end for p in run)
        blocks = [(start, end, role) for start, end, role, *_ in store.blocks(ident, low, high)]
        starts = [start for start, *_ in blocks]
        for passage in run:
            i = max(0, bisect_right(starts, passage.start) - 1)
            own = []
            while i < len(blocks) and blocks[i][0] < passage.end:
                if blocks[i][1] > passage.start:
                    own.append(blocks[i])
                i += 1
            yield passage, own


def _trimmed(passage: Passage, start: int, end: int) -> tuple[int, int]:
    """The sentence without list marks and without the name of its speaker in front of it."""
    text = passage.text
    mark = _LIST_MARK.match(text, start, end)
    start = mark.end() if mark else start
    name = _SPEAKS.match(text, start, end)
    if name and _names_speaker(name["who"], passage.speaker):
        start = name.end()
    notice = _NOTICE.match(text, start, end)
    if notice and notice.end() < end:
        start = notice.end()
    tail = _TRAILING.search(text, start, end)
    return start, max(start, tail.start() if tail else end)


def _names_speaker(who: str, speaker: str | None) -> bool:
    if _ASKER.match(who.strip("*_ ")):
        return True
    words, known = re.findall(r"\w+", fold(who)), set(re.findall(r"\w+", fold(speaker or "")))
    return not known.isdisjoint(words)
