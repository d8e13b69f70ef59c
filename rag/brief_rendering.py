"""Briefs as Markdown with footnotes, and what other ways of showing one need as well."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePath

from rag.brief import Brief, BriefLine, BriefSection
from rag.brief_attribution import same_person
from rag.markdown import markdown_text
from rag.rendering import doubt, shown
from rag.types import Citation

# Between a date and what happened, or a name and what is said, in lists of such.
_AFTER_LABEL = re.compile(r"(?:\s+[-\u2013\u2014]|:)\s+(?=\w)")
_ASKER = re.compile(r"(?:q|a)\W*$", re.I)
_IN_ORDER = {"about", "chapters", "sources", "differences"}
# What means something within a line; no line of a brief begins with words of a document.
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$&@]|:(?=//)|(?<=www)\.)")
_PROMISE = {
    False: "every line stands in the documents as it is quoted.",
    True: "what is in quotation marks stands in the documents as it is quoted, the rest was written by a "
    "model and checked against its footnotes.",
}
REFUSED = "The documents say nothing on this."


def line_text(line: BriefLine) -> str:
    """A line's words as people read them: a date or name that stands as its label is not quoted once more."""
    text, label = shown(line.sentence.text), shown(line.label)
    if line.sentence.kind != "quote" or not label or not text.startswith(label):
        return text
    after = _AFTER_LABEL.match(text, len(label))
    return text[after.end() :] if after else text


def groups(section: BriefSection) -> Iterator[tuple[str, list[BriefLine]]]:
    """Lines that belong together, with their one label; in most parts each line for itself."""
    if section.key not in _IN_ORDER:
        yield from ((line.label, [line]) for line in section.lines)
        return
    for label, lines in groupby(section.lines, key=lambda line: line.label):
        yield label, list(lines)


def about(brief: Brief) -> list[tuple[str, list[BriefLine]]]:
    """The document's date, speakers and so on, by label; its title heads the brief anyway."""
    section = next((s for s in brief.sections if s.key == "about"), None)
    return [one for one in groups(section) if one[0] != "Title"] if section else []


def title_line(brief: Brief) -> BriefLine | None:
    """The line that quotes the document's title."""
    section = next((s for s in brief.sections if s.key == "about"), None)
    lines = section.lines if section else ()
    return next((line for line in lines if line.label == "Title"), None)


def parts(brief: Brief) -> list[BriefSection]:
    """Everything but the head."""
    return [section for section in brief.sections if section.key != "about"]


def said_by(line: BriefLine) -> str | None:
    """Who says a line, where its label does not tell already."""
    cited = () if line.sentence.claims_nothing else line.sentence.citations
    speakers = {c.speaker for c in cited}
    who = speakers.pop() if len(speakers) == 1 else None
    if who is None or _ASKER.match(who) or line.label == "Correction":
        return None
    names = re.split(r"[·;]", line.label)
    return None if any(same_person(who, name.strip()) for name in names) else who


def brief_markdown(brief: Brief) -> str:
    """The brief as Markdown; it names files and no folders of this machine."""
    first = title_line(brief)
    lines = [f"# {_plain(shown(brief.title))}{_marks([first] if first else [])}", ""]
    if brief.status == "refused":
        lines += [f"**{REFUSED}**", ""]
    head = [
        f"**{_plain(label)}:** "
        + ", ".join(f"{_plain(shown(line.sentence.text))}{_marks([line])}" for line in own)
        for label, own in about(brief)
    ]
    lines += [" · ".join(head), ""] if head else []
    lines += [f"*{_plain(brief.note)}*", ""] if brief.note else []
    for section in parts(brief):
        lines += [f"## {_plain(section.heading)}", ""]
        for label, own in groups(section):
            lines += _items(label, own)
        lines.append("")
    for citation in brief.citations:
        lines += [f"[^{citation.n}]: {_definition(citation, _is_quote(brief, citation.n))}", ""]
    lines.append(
        f"Made with Footnote: {_PROMISE[brief.is_written]} Check it: "
        "`footnote verify FILE --documents FOLDER`"
    )
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return markdown_text(text, _SPECIAL)


def _items(label: str, lines: Sequence[BriefLine]) -> list[str]:
    words = [_words(line) for line in lines]
    bold = f"**{_plain(shown(label))}**" if label else ""
    if len(words) == 1:
        return [f"- {bold}: {words[0]}" if bold else f"- {words[0]}"]
    return [f"- {bold}", *(f"  - {one}" for one in words)]


def _words(line: BriefLine) -> str:
    text = _plain(line_text(line))
    who = said_by(line)
    quote = f"“{text}”" if line.sentence.kind == "quote" else text
    unsure = doubt(line.sentence)
    return (
        f"{quote}{f' ({_plain(who)})' if who else ''}{_marks([line])}"
        f"{f' *({unsure})*' if unsure else ''}"
    )


def _marks(lines: Sequence[BriefLine]) -> str:
    return "".join(f"[^{c.n}]" for line in lines for c in line.sentence.citations)


def _is_quote(brief: Brief, n: int) -> bool:
    """Whether a line quotes the footnote's words, so that they need not be said twice."""
    return any(
        sentence.kind == "quote" and any(c.n == n for c in sentence.citations)
        for sentence in brief.sentences
    )


def _definition(citation: Citation, is_quoted: bool) -> str:
    locator = citation.locator or {}
    spots = [f"{name} {locator[name]}" for name in ("page", "line", "table") if name in locator]
    section = citation.section if citation.section != citation.title else None
    role = citation.role if citation.role in ("comment", "correction", "furniture") else None
    where = [citation.title, section, citation.speaker, citation.date, role]
    where += [
        PurePath(citation.path).name,
        *spots,
        f"characters {citation.start} to {citation.end}",
    ]
    words = " · ".join(_plain(part) for part in where if part)
    return words if is_quoted else f"“{_plain(citation.quote)}” {words}"
