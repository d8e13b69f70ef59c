"""Footnote marks in a written sentence: which passages it names, and what it reads like without.

Models were asked for `[1]` and write a hundred other things. All are read here; brackets that belong
to the text (a year, an enumeration, an index into a list, a link) stay in it. Knows no documents.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LABEL = (
    r"(?:passages?|passaggio|pasaje|sources?|documents?|documento|dokument|docs?|references?|refs?|"
    r"footnotes?|notes?|excerpts?|quellen?|abschnitt|absatz|fuente|fonte|bron|источник|段落|文献|来源|"
    r"來源|資料|文書|出典|المصدر)\.?\s*(?:[:：]|n[o°º]\.?)?\s*"
)
_NUMBER = rf"(?:{_LABEL})?[#^]?\d{{1,4}}\^?"
_BETWEEN = r"\s*(?:[,;&/，、–-]|\b(?:and|und|et|y|e|и)\b|和|و)\s*"
_LIST = rf"{_NUMBER}(?:{_BETWEEN}{_NUMBER})*"
# Behind the number may stand what the model knows of the passage: [1, p. 3], [1: Workshops].
_MORE = r"(?:\s*[,:;|–—-]\s*[^\W\d][^\[\]]{0,60})?"
_MARK = re.compile(
    rf"\\?\[{{1,2}}\s*(?P<square>{_LIST}){_MORE}\s*\\?\]{{1,2}}(?:\((?:https?:|\#)[^)\s]*\)\]?)?|"
    rf"【\s*(?P<corner>{_LIST})(?:†[^】]*|[^\W\d][^】]*)?】|"
    rf"［\s*(?P<wide>{_LIST})\s*］|"
    rf"\{{(?P<curly>{_LIST})\}}|"
    # A round bracket holds two digits at most, since "(2024)" is a year.
    rf"[(（]\s*(?P<round>(?:{_LABEL})?#?\d{{1,2}}(?:{_BETWEEN}(?:{_LABEL})?#?\d{{1,2}})*)\s*[)）]|"
    rf"<sup>\s*\[?(?P<sup>{_LIST})\]?\s*</sup>|"
    # Behind a word or a full stop; "10^2", "x^2" and "km²" are powers.
    r"(?:(?<=[^\W\d_]{3})|(?<=[.!?”\"。]))\s?\^(?P<caret>\d{1,2})\^?(?!\w)|"
    r"(?:(?<=[^\W\d_]{3})|(?<=[.!?”\"。])|(?<=\s))(?P<raised>[¹²³⁰⁴-⁹]{1,2})(?!\w)",
    re.I,
)
_CODE = re.compile(r"`[^`\n]*`")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_RANGE = re.compile(r"(\d+)\s*[–-]\s*(\d+)")
_LONGEST_RANGE = 20
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
LONGEST_MARK = 80

# A mark while the words around it are looked at. Private-use characters do not occur in prose.
_SLOT = "\ue000{}\ue001"
_R = "(?:\ue000\\d+\ue001)"
_SLOTS = re.compile(rf"{_R}(?:\s*(?:[,;&–-]|and|und|et|y|,\s*and)?\s*{_R})*")
# Named without brackets. "Passage 2" is what the prompt calls it; "document 2" may be the text's own.
_NAMED = re.compile(
    rf"\b{_LABEL}\d{{1,2}}(?!\w|[.,]\d)(?:{_BETWEEN}(?:{_LABEL})?\d{{1,2}}(?!\w|[.,]\d))*", re.I
)
_PASSAGE = re.compile(r"passage", re.I)
_PASSAGE_NAMED = re.compile(rf"\bpassages?\s+(?:no\.\s*)?\d{{1,2}}(?:{_BETWEEN}\d{{1,2}})*", re.I)
_ENUMERATED = re.compile(r"[(（]\d{1,2}[)）]")
_LEAD = (
    r"(?:according to|as (?:stated|noted|mentioned|described|reported|shown|given) (?:in|by)|"
    r"based on|as per|per|see(?: also)?|cf\.|sources?\s*:|quelle\s*:|laut|siehe|selon|según|"
    r"(?:stated|mentioned|found|cited) in)"
)
_AROUND = (
    # "(see [1])"
    re.compile(rf"\s*[(（]\s*(?:{_LEAD}|from|in)?\s*(?:{_LABEL})?{_R}\s*[)）]", re.I),
    # "According to [1], ...", "Passage [1] states that ...", "Source 1: ..."
    re.compile(rf"^\s*(?:{_LEAD}|in|from)\s+(?:the\s+)?(?:{_LABEL})?{_R}\s*[,:]?\s*", re.I),
    re.compile(
        # In small letters: "[1] Reports came in." has its mark in front.
        rf"^\s*(?i:the\s+)?(?i:{_LABEL})?{_R}\s*(?:also\s+)?(?:says?|states?|mentions?|notes?|"
        r"reports?|indicates?|explains?|shows?|confirms?)(?:\s+that\b)?\s*[,:]?\s*"
    ),
    re.compile(rf"^\s*(?:{_LABEL})?{_R}\s*[:：–—-]\s*", re.I),
    # "..., according to [1]."
    re.compile(rf"\s*[,;–—-]?\s*\b{_LEAD}\s*(?:{_LABEL})?{_R}(?=\s*(?:[.,;!?…。]|$))", re.I),
    # "... in Shanghai Passage 1.", but not "... is named in passage 1."
    re.compile(
        r"(?<![\s,;–—-])(?<!\bin)(?<!\bof)(?<!\bby)(?<!\bto)(?<!\bfrom)(?<!\band)(?<!\bthe)"
        r"(?<!\bwith)[ ,;–—-]*"
        rf"{_R}(?=\s*[.!?…。]*\s*$)"
    ),
)
# "(see [1])" or "Source: [1]." behind a sentence.
_ITEM = rf"\[?(?:{_LABEL})?\d{{1,2}}\]?"
_TRAILING = re.compile(
    rf"(?:\s*[(（]\s*{_LEAD}\s*{_ITEM}(?:{_BETWEEN}{_ITEM})*\s*[)）]|"
    rf"[ \t]*\n?[ \t]*(?:(?:sources?|quelle)\s*[:：]\s*|(?=passage)){_ITEM}(?:{_BETWEEN}{_ITEM})*"
    r"(?=\s*(?:[.;\n]|$)))",
    re.I,
)
_STOP = re.compile(r"[.!?](?=\s)")
_GAP = re.compile(rf"\s*(?:{_BETWEEN}|\*\*)?")
_MARKDOWN = re.compile(r"^\s*(?:[-*•–]\s+|#{1,6}\s+|>\s+|\(?\d{1,2}[.)]\s+)+|\*\*|__")
_EMPHASIS = re.compile(r"(?<![\w*])[*_](?=\S)([^*_]+)(?<=\S)[*_](?![\w*])")
_LINK = re.compile(r"\[([^\[\]]+)\]\((?:https?:|#)[^)\s]*\)")
_HTML = re.compile(r"</?(?:b|i|u|em|strong|sup|sub|p|br|span|div|li|ul|ol|cite|mark)\s*/?>", re.I)
_ANSWER = re.compile(
    r"^\s*(?:(?:final )?answer|assistant|antwort|réponse|respuesta|risposta|resposta|ответ|答案|回答)"
    r"\s*[:：]\s*",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Marked:
    """A written sentence, read.

    Attributes:
        text: it without marks and Markdown.
        numbers: the numbers in its marks, ranges written out.
    """

    text: str
    numbers: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Slot:
    """What stood where a mark was taken out: words to put back, if they are the text's own."""

    text: str
    numbers: set[int]


def read_marks(sentence: str) -> Marked:
    """Tell a sentence from its footnote marks."""
    slots: list[_Slot] = []

    def slot(text: str, numbers: set[int]) -> str:
        slots.append(_Slot(text, numbers))
        return _SLOT.format(len(slots) - 1)

    sentence = re.sub("[\ue000\ue001]", "", sentence)
    text, at = "", 0
    for match, inside in _marks(sentence):
        text += sentence[at : match.start()]
        # "[2024]" is a year, but in square brackets it would pass for a footnote.
        is_year = match.group("square") and _YEAR.fullmatch(inside)
        text += f"({inside})" if is_year else slot("", _numbers(inside))
        at = match.end()
    text = _joined(text + sentence[at:], slots)
    text = _NAMED.sub(lambda m: slot(m.group(), _numbers(m.group())), _without_markdown(text))
    text, taken = _without_slots(text, slots)
    numbers: set[int] = set().union(*(item.numbers for item in taken))
    return Marked(" ".join(text.split()), frozenset(numbers))


def marked_numbers(sentence: str) -> frozenset[int]:
    """Numbers in the footnote marks of a sentence, ranges written out."""
    return read_marks(sentence).numbers


def plain_sentence(sentence: str) -> str:
    """A sentence without footnote marks and Markdown."""
    return read_marks(sentence).text


def without_naming(text: str) -> str:
    """A plain sentence without "passage 2" and "(1) … (2) …": numbers that no passage holds."""
    if "1" in (counted := [m.group()[1:-1] for m in _ENUMERATED.finditer(text)]) and "2" in counted:
        text = _ENUMERATED.sub("", text)
    return _PASSAGE_NAMED.sub("", text)


def leading_marks(text: str, start: int = 0) -> int:
    """Where the row of marks ends that begins at `start`, white space before it; `start` if none."""
    trailing = _TRAILING.match(text, start)
    end = trailing.end() if trailing else start
    for match, _ in _marks(text, end):
        if not _GAP.fullmatch(text, end, match.start()):
            break
        end = match.end()
    return end


def stop_behind_mark(text: str, start: int, end: int) -> int | None:
    """Where in `text[start:end]` the first full stop right behind a mark is over, or None."""
    for match, _ in _marks(text, start):
        stop = _STOP.match(text, match.end(), end)
        if stop:
            return stop.end()
    return None


def _marks(text: str, start: int = 0) -> Iterator[tuple[re.Match[str], str]]:
    """The marks that are meant as such, with what stands in them."""
    code = [match.span() for match in _CODE.finditer(text)]
    for match in _MARK.finditer(text, start):
        kind = match.lastgroup or ""
        inside = match.group(kind)
        if any(left < match.start() < right for left, right in code):
            continue
        if kind == "raised":
            inside = "".join(str(_RAISED.index(char)) for char in inside)
        elif _belongs_to_text(text, match, kind):
            continue
        yield match, inside


def _belongs_to_text(text: str, match: re.Match[str], kind: str) -> bool:
    before, behind = text[: match.start()], text[match.end() : match.end() + 2]
    begins = re.search(r"(?:^|[.!?。！？”\"])\s*\Z", before) is not None
    if kind == "round" and not begins and re.match(r"[ \t]?[^\W\d]", behind):
        # "two aims: (1) money, (2) time": an enumeration goes on with words.
        return not re.search(r"[^\W\d]", match.group())
    # "a[1]", "list[0].name", "https://host/page[1]/part": an index or a part of an address.
    glued = re.search(r"(?<![^\W_])[A-Za-z]\Z", before) is not None
    return glued or re.match(r"[/=?&%_]|\.[a-z]", behind) is not None


def _numbers(inside: str) -> set[int]:
    numbers = {int(n) for n in re.findall(r"\d+", inside)}
    for first, last in _RANGE.findall(inside):
        if 0 < int(last) - int(first) <= _LONGEST_RANGE:
            numbers.update(range(int(first), int(last) + 1))
    return numbers


def _joined(text: str, slots: Sequence[_Slot]) -> str:
    """A row of marks as one: "[1], [2] and [3]". "[1]-[3]" names the second as well."""

    def join(match: re.Match[str]) -> str:
        row = [slots[int(n)].numbers for n in re.findall("\ue000(\\d+)\ue001", match.group())]
        joined = set().union(*row)
        if re.search(rf"{_R}\s*[–-]\s*{_R}", match.group()):
            joined |= _numbers(f"{min(joined)}-{max(joined)}")
        row[0].update(joined)
        return match.group().partition("\ue001")[0] + "\ue001"

    return _SLOTS.sub(join, text)


def _without_markdown(text: str) -> str:
    text = _MARKDOWN.sub("", _HTML.sub("", text.strip()))
    text = _ANSWER.sub("", _EMPHASIS.sub(r"\1", _LINK.sub(r"\1", text)))
    if text.startswith("|"):
        # A row of a table: its cells one after the other.
        text = ", ".join(cell for part in text.split("|") if (cell := part.strip()))
    return text


def _without_slots(text: str, slots: Sequence[_Slot]) -> tuple[str, list[_Slot]]:
    """The text without marks and the words that only lead to them, and what was taken out.

    What is named in the middle of a sentence is put back; "passage 2" counts there too.
    """
    # "It was so. [1]." ends once.
    text = re.sub(rf"([.!?…。！？][\"'”’»)]*)\s*{_R}\s*[.;,。]+\s*$", r"\1", text)
    for pattern in _AROUND:
        shorter = pattern.sub("", text)
        if shorter != text and pattern.pattern.startswith("^"):
            shorter = shorter[:1].upper() + shorter[1:]
        text = shorter
    left = {int(n) for n in re.findall("\ue000(\\d+)\ue001", text)}
    taken = [
        item
        for i, item in enumerate(slots)
        if i not in left or not item.text or _PASSAGE.match(item.text)
    ]
    text = re.sub(
        "(\\s*)\ue000(\\d+)\ue001",
        lambda m: m.group(1) + words if (words := slots[int(m.group(2))].text) else "",
        text,
    )
    # What a mark between two others or inside Markdown leaves behind.
    return re.sub(r"\s+(?=[.,;](?:\s|$))", "", re.sub(r"\s[(\[]\s*[)\]]", "", text)), taken
