"""Names in a text: runs of capitalised words, and which words begin a sentence and name nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index.words import fold

_RANGES = ((0x41, 0x5B), (0xC0, 0xDF), (0x100, 0x250), (0x370, 0x530), (0x1E00, 0x1F00))
_UPPER = "".join(chr(c) for low, high in _RANGES for c in range(low, high) if chr(c).isupper())
_CAPITALISED = rf"[{_UPPER}](?:\.(?:[{_UPPER}]\.)++|[\w’'&-]*+)"
_PARTICLE = r"(?:of|de|del|della|du|la|le|von|van|der|den|bin|ibn|al|el|da|di|do|dos|y|&)"
_NAME = re.compile(rf"(?<![\w’'-]){_CAPITALISED}(?:[ ](?:{_PARTICLE}[ ])?{_CAPITALISED})*+")
# Words that begin sentences or stand in capitals everywhere and name nothing.
_ORDINARY = frozenset(
    """a about above according accordingly across additionally after afterwards again against all
    almost along already also alternatively although altogether always among an and another any
    anyone apart are around as aside at away back based because before behind being below besides
    between beyond both but by can certain clearly compared consequently contrary could critics
    currently depending despite did do does due during each earlier early either else elsewhere
    especially even eventually ever every everyone except exactly examples experts few final finally
    first five following for former formerly found four from fortunately founded further
    furthermore generally given had has have having he hence her here hers herself him himself his
    historically how however i if important in including indeed initially inside instead into is it
    its itself just known large largely last late later latter least less like likewise located long
    made mainly major man many may me meanwhile men might mine moreover more most mostly much must my
    near nearly neither never nevertheless new next nine no nobody none nonetheless nor normally not
    notably nothing now nowadays of off often officials old on once one ones only opposite or
    originally other others otherwise our ours out outside over overall own part particularly people
    perhaps possibly prior probably rather recent recently regarding research researchers scholars
    scientists second see seen several shall she should shortly similar similarly since six small so
    some somebody someone something sometimes soon starting still studies subsequently such
    supporters ten than that the their them themselves then there thereafter therefore these they
    thing things third this those though thousands three through throughout thus time to today
    together too toward towards traditionally two typically ultimately under unfortunately unlike
    until up upon us used using usually various very was we well were what whatever when whenever
    where whereas wherever whether which while who whoever whom whose why will with within without
    women would year years yes yet you young your critics additional modern common current
    """.split()
)
_ENDINGS = ("ly", "ing", "ness", "ments", "tions")
_LOWER_WORD = re.compile(r"(?<![\w’'-])[a-z][\w’'-]*")


@dataclass(frozen=True, slots=True)
class Name:
    """A run of capitalised words, "University of Oxford", or an acronym.

    Attributes:
        start: first character in the text.
        end: one past the last.
        certain: whether it is a name for sure; a lone first word of a sentence may be any word.
    """

    start: int
    end: int
    certain: bool


def find_names(text: str) -> Iterator[Name]:
    """All names of a text, in order."""
    matches = [(m.start(), m.end()) for m in _NAME.finditer(text)]
    starting = [begins_sentence(text, start) for start, _ in matches]
    # A first word that stands elsewhere in capitals is a name; one in small letters is none.
    seen = {
        text[start:end].split(" ")[0].removesuffix("'s").removesuffix("’s")
        for (start, end), first in zip(matches, starting, strict=True)
        if not first
    }
    small = set(_LOWER_WORD.findall(text)) if any(starting) else set()
    for (start, end), first in zip(matches, starting, strict=True):
        if not first:
            if end - start > 1 or text[start] != "I":
                yield Name(start, end, certain=True)
            continue
        word, _, rest = text[start:end].partition(" ")
        plain = word.removesuffix("'s").removesuffix("’s")
        if is_ordinary(plain) or (plain.lower() in small and not plain.isupper()):
            begin = end - len(rest)
            if rest and rest[0].isupper() and not is_ordinary(rest):
                yield Name(begin, end, certain=True)
            continue
        sure = plain in seen or bool(rest) or (plain.isupper() and len(plain) > 1)
        yield Name(start, end, certain=sure)


def is_ordinary(word: str, *, by_ending: bool = True) -> bool:
    """Whether a word with a capital is none of a name's, as far as can be told without a dictionary.

    Args:
        word: with a capital.
        by_ending: "Having" and "Clearly" are known by their endings, and so "Beijing" and "Italy" would be
            where they do not begin a sentence.
    """
    lower = fold(word)
    ends = by_ending and lower.endswith(_ENDINGS) and not word.isupper()
    return lower in _ORDINARY or ends


def begins_sentence(text: str, at: int) -> bool:
    """Whether a sentence, a line or an item of a list begins there."""
    before = text[max(0, at - 4) : at].rstrip(" \t\"'“”‘’«»([*_")
    if at and text[at - 1] == "\n":
        return True
    return not before or before[-1] in ".!?:;。\n•–—-|›"
