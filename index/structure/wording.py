"""How corrections, summaries, comments and sections announce themselves."""

import re

from index.structure.phrases import one_of, words_of

_MAX_CUE_BLOCK = 900
COMMENT_MARK = re.compile(
    r"(?:reader |user |all |view |show )*(?:\d[\d,]* )?"
    r"(?:comments?|responses?|replies|reactions|(?:thoughts?|responses?|comments?) (?:on|to) .{1,150})"
    r"(?: \(?\d[\d,.]*\)?)?$",
    re.IGNORECASE,
)
CORRECTION = re.compile(
    r"(?:corrections?|corrected|erratum|errata|corrigendum|clarifications?|retraction"
    r"|korrektur|berichtigung|richtigstellung|rectificatif|corrección)\b"
    r"(?:[^:：\n]{0,60}[:：]|\s[-–—]\s|\s(?:to|added|note|by|appended)\b|\.\s|\n|$)",
    re.IGNORECASE,
)
UPDATE = re.compile(
    r"(?:editor['’]?s?['’]? note|update[ds]?|amendment|amended)\b[^:.\n]{0,50}[:：.]\W{0,6}\s(?=\S.{25})",
    re.IGNORECASE,
)
CORRECTION_CUES = re.compile(
    one_of(
        r"""
        \b(?:an?|the) (?:earlier|previous|original|initial) version (?:of this|said|stated|gave|had)
        \bthis (?:article|story|post|page|piece|report|text) (?:has been|was) (?:corrected|amended)
        \b(?:we|i) (?:were|was) wrong (?:about|on|when|in|here|last)\b
        \bwe regret the error\b
        \b(?:misstated|misidentified|misspelled|misreported)\b
        \b(?:we|i|this \w+) (?:originally|first) (?:wrote|said|stated|gave|reported|put)\b
        \b(?:wrongly|incorrectly|mistakenly) (?:wrote|said|stated|gave|reported|listed|named)\b
        \bcorrects? (?:an error|a mistake)\b
        \bapologi[sz]e[sd]? for the (?:error|mistake)
        """
    ),
    re.IGNORECASE,
)
# One of these stands in everything that CORRECTION_CUES finds; looking for them is much cheaper.
_CUE_PARTS = (
    *(
        " version ",
        "corrected",
        "amended",
        "were wrong",
        "was wrong",
        "regret the error",
        "misstated",
    ),
    *("misidentified", "misspelled", "misreported", "originally ", "first wrote", "first said"),
    *("first stated", "first gave", "first reported", "first put", "wrongly ", "incorrectly "),
    *("mistakenly ", "correct an error", "corrects an error", "corrects a mistake"),
    *("for the error", "for the mistake"),
)
# The least that a correction says. Not "not", "but" or a new figure: those stand in any text.
CORRECTION_WORDS = re.compile(
    one_of(
        r"""
        \b(?:incorrect|correct|errat|corrigend|amend|clarif|retract|rectif|addend|apolog|regret|mistak)
        \bmis(?:stat|spel|identif|attribut|quot|report|label|print|calculat|heard|read)
        \b(?:wrong|errors?|erroneous|typos?|sorry|slip|updated?|edited|revis(?:ed|ions?)|withdrawn)
        \b(?:earlier|previous|original|initial|first|printed|prior) (?:version|edition|draft|post|text)
        \b(?:originally|previously|initially|no longer|superseded|disregard)\b
        \bshould (?:have|read|instead|say)\b
        \b(?:editor['’]?s?['’]? note|edit:|for the record|in place of)
        \b(?:korrektur|berichtigung|richtigstellung|corrección)
        """
    ),
    re.IGNORECASE,
)


def says_what_was_wrong(text: str) -> bool:
    """Whether a block says that an earlier version, or the writer, was wrong."""
    folded = text.casefold() if len(text) <= _MAX_CUE_BLOCK else ""
    return any(part in folded for part in _CUE_PARTS) and CORRECTION_CUES.search(folded) is not None


SUMMARY_HEADS = words_of(
    """abstract|summary|executive summary|ai summary|key points|key takeaways|quick takeaways
    |takeaways|main points|highlights|at a glance|tl;dr|tldr|in short|in a nutshell|the short version
    |the gist|key findings|main findings|what you need to know|the bottom line|bottom line|synopsis
    |about this episode|episode summary|the essentials|zusammenfassung|key messages"""
)
FIRST_SUMMARY_HEADS = words_of(
    "what happened|what's happened|what’s happened|in brief|the news|overview"
)
_ABOUT = (
    r"(?:in |on )?(?:the|this) (?:\w+ )?(?:podcast|episode|conversation|interview|video|report|paper)\b"
    r".{0,40}?\b(?:delves|explores?|discuss(?:es)?|covers?|examines?|looks? at|asks|considers?|features?"
    r"|summari[sz]es|we (?:speak|talk|discuss|explore|look|ask))\b"
)
SUMMARY_OPENING = re.compile(
    one_of(
        r"""
        in (?:short|brief|summary|a nutshell)\s*[:,]
        tl;?dr\b
        (?:the )?(?:verdict|bottom line|takeaway)\s*:
        (?:summary|abstract)\s*[:：.]
        key (?:points|takeaways|findings)\s*:
        (?:decisions|results|news|points|findings) in brief\s*:
        """
    )
    + f"|{_ABOUT}",
    re.IGNORECASE,
)
EPISODE_CUES = re.compile(
    r"""\b(?:speaks?\ (?:with|to)|talks?\ (?:with|to)|sits?\ down\ with|is\ joined\ by|hosts?|episode
    |joins?\ (?:us|the\ show)|conversation|guests?|asks?|discuss(?:es)?|interviews?)\b""",
    re.IGNORECASE | re.VERBOSE,
)
SECTION_NAMES = (
    words_of(
        """introduction|background|methods|method|results|discussion|conclusion|conclusions
        |references|bibliography|further reading|recommended reading|reading list|acknowledgements
        |acknowledgments|appendix|notes|footnotes|questions|answers|questions and answers|glossary
        |contents|table of contents|preface|foreword|limitations|data|deep dives|episode notes
        |show notes|thanks|ingredients|instructions|directions|what the papers say|how we got here
        |what's behind the headline|what’s behind the headline|what's behind the story|related work
        |about the author|about the authors|about this report|about this guide|next steps|agenda
        |transcript|full transcript|action items|purpose|scope|recommendations|findings|credits
        |what comes next|why it matters"""
    )
    | SUMMARY_HEADS
    | FIRST_SUMMARY_HEADS
)
