"""Portable proof: answers or a brief as one self-contained file, checked later against the documents alone.

A file holds the sentences, the quoted words, their offsets and the SHA-256 of each document's file, for
people and, in the same file, as JSON. It names no folders of the machine it was made on. To check it neither
a library nor a model is needed: the documents are read as they are added, and the words must stand where they
stood.
"""

import json
import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from html import escape
from pathlib import Path, PurePath
from typing import Any

from index.discover import discover
from index.loaders import load
from rag.brief import Brief, as_answer, brief_json, read_brief
from rag.brief_rendering import brief_markdown
from rag.checker import check_quote
from rag.errors import AnswerFileError
from rag.markdown import markdown_text, without_unseen
from rag.rendering import answer_json
from rag.types import Answer, Citation, Sentence
from rag.verifying import read_answer
from rag.weblink import cited_at

_log = logging.getLogger(__name__)
SUFFIXES = (".html", ".md", ".json")
_MARK = "footnote-proof"
_HTML = re.compile(rf'<script type="application/json" id="{_MARK}">(.*?)</script>', re.S)
_MARKDOWN = re.compile(rf"<!-- {_MARK}\n(.*?)\n-->", re.S)
_STATUS = {
    "answered": "Answered from the documents",
    "disputed": "The documents disagree",
    "refused": "The documents do not say.",
}
_NO_ANSWER = (
    "This holds no answer of Footnote. Make one: footnote ask QUESTION --json > FILE (or --export)"
)
_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 44rem; font: 17px/1.55 Georgia, serif; }
h1 { font-size: 1.5rem; } .short { font-size: 1.2rem; font-weight: 700; }
.quiet, .details { font: .85rem/1.4 system-ui, sans-serif; opacity: .75; }
blockquote { margin: .3rem 0 .3rem; padding: .2rem 0 .2rem 1rem; border-left: 4px solid #8a94a6;
  white-space: pre-wrap; overflow-wrap: anywhere; }
code { font-size: .8rem; overflow-wrap: anywhere; }
li:target { outline: 3px solid #4c7fd0; outline-offset: .3rem; }
"""


@dataclass(frozen=True, slots=True)
class Check:
    """What became of one footnote of one sentence.

    Attributes:
        sentence: what the footnote is to prove.
        citation: the footnote; None where the sentence has none.
        file: where its document was found; None where it was not.
        problem: why it does not stand; "" where it does.
    """

    sentence: str
    citation: Citation | None
    file: Path | None
    problem: str

    @property
    def holds(self) -> bool:
        """Whether the words stand where they stood, in the very same file."""
        return not self.problem


# -- writing ------------------------------------------------------------------------------------


def proof(answers: Sequence[Answer], suffix: str) -> str:
    """Answers as a file of this kind.

    Args:
        answers: a conversation, oldest first.
        suffix: one of `SUFFIXES`.

    Raises:
        AnswerFileError: another suffix.
    """
    check_suffix(suffix)
    data = [_portable(answer_json(answer)) for answer in answers]
    if suffix == ".json":
        return json.dumps({"version": 1, "answers": data}, ensure_ascii=True, indent=1) + "\n"
    return _html(answers, data) if suffix == ".html" else _markdown(answers, data)


def brief_proof(brief: Brief) -> str:
    """A brief as Markdown that can be checked as answers are."""
    return f"{brief_markdown(brief)}\n{_comment(_portable_brief(brief))}\n"


def check_suffix(suffix: str) -> None:
    """Say at once that a proof cannot be written as such a file.

    Raises:
        AnswerFileError: it is none of `SUFFIXES`.
    """
    if suffix not in SUFFIXES:
        raise AnswerFileError(
            f"A proof ends in {', '.join(SUFFIXES)}, not in {suffix or 'nothing'}. Name another file."
        )


def _portable(data: dict[str, Any]) -> dict[str, Any]:
    """Without the folders of this machine, and without what was considered."""
    sentences = [_named(sentence) for sentence in data["sentences"]]
    return {**data, "sentences": sentences, "passages": [], "timings_ms": {}, "tokens": {}}


def _portable_brief(brief: Brief) -> dict[str, Any]:
    data = brief_json(brief)
    for section in data["sections"]:
        section["lines"] = [
            {**line, "sentence": _named(line["sentence"])} for line in section["lines"]
        ]
    subject = _name(brief.subject) if brief.kind == "document" else brief.subject
    return {**data, "subject": subject, "timings_ms": {}}


def _named(sentence: dict[str, Any]) -> dict[str, Any]:
    """A sentence whose footnotes name files and no folders."""
    return {
        **sentence,
        "citations": [{**c, "path": _name(c["path"])} for c in sentence["citations"]],
    }


def _comment(data: dict[str, Any]) -> str:
    """Data that Markdown does not show; nothing in it ends the comment or looks like a link."""
    packed = json.dumps(data, ensure_ascii=True).replace(">", "\\u003e").replace("](", "]\\u0028")
    return f"<!-- {_MARK}\n{packed}\n-->"


def _name(path: str) -> str:
    return PurePath(path).name


def _html(answers: Sequence[Answer], data: Sequence[object]) -> str:
    numbers = range(1, len(answers) + 1)
    parts = [_html_answer(n, answer) for n, answer in zip(numbers, answers, strict=True)]
    title = _words(answers[0].question) if answers else "Footnote"
    # "<" never stands in the data, so that nothing in it ends the element.
    packed = json.dumps({"version": 1, "answers": data}, ensure_ascii=True).replace("<", "\\u003c")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + '<p class="quiet">Made with Footnote. Check it against the documents: '
        "<code>footnote verify FILE --documents FOLDER</code></p>\n"
        f'<script type="application/json" id="{_MARK}">{packed}</script>\n</body></html>\n'
    )


def _html_answer(number: int, answer: Answer) -> str:
    def marks(sentence: Sentence) -> str:
        return "".join(
            f'<sup><a href="#a{number}-{c.n}">{c.n}</a></sup>' for c in sentence.citations
        )

    short = f'<p class="short" dir="auto">{_words(answer.short_answer)}</p>'
    sentences = "".join(
        f'<li dir="auto">{_words(sentence.text)}{marks(sentence)}</li>'
        for sentence in answer.sentences
    )
    notes = "".join(
        f'<li id="a{number}-{c.n}" value="{c.n}"><span dir="auto">{_words(c.title)}</span>'
        f'<blockquote dir="auto">{_words(c.quote)}</blockquote>'
        f'<p class="details">{escape(" · ".join(_place(c)))}{_link(c)}<br>'
        f"<code>sha256 {escape(c.sha256)}</code></p></li>"
        for c in _citations(answer)
    )
    return (
        f'<article><h1 dir="auto">{_words(answer.question)}</h1>'
        f'<p class="quiet">{escape(_STATUS[answer.status])}</p>'
        f"{short if answer.short_answer else ''}"
        f"{f'<p>{_words(answer.note)}</p>' if answer.note else ''}"
        f"{f'<ul>{sentences}</ul>' if sentences else ''}"
        f"{f'<h2>Footnotes</h2><ol>{notes}</ol>' if notes else ''}</article>\n"
    )


def _link(citation: Citation) -> str:
    address = cited_at(citation.locator, citation.quote)
    if address is None:
        return ""
    return f' · <a href="{escape(address)}" rel="noreferrer noopener">on the web</a>'


def _markdown(answers: Sequence[Answer], data: Sequence[object]) -> str:
    lines: list[str] = []
    for number, answer in enumerate(answers, start=1):
        lines += [f"# {markdown_text(answer.question)}", "", f"*{_STATUS[answer.status]}*", ""]
        if answer.short_answer:
            lines += [f"**{markdown_text(answer.short_answer)}**", ""]
        if answer.note:
            lines += [markdown_text(answer.note), ""]
        for sentence in answer.sentences:
            marks = "".join(f"[^{number}-{c.n}]" for c in sentence.citations)
            lines += [f"- {markdown_text(sentence.text)}{marks}"]
        lines.append("")
        for c in _citations(answer):
            place = " · ".join(map(markdown_text, _place(c)))
            address = cited_at(c.locator, c.quote)
            # An address is percent-encoded or refused, but may hold parentheses and brackets.
            link = f", [on the web](<{address}>)" if address else ""
            lines += [
                f"[^{number}-{c.n}]: {markdown_text(c.title)}: “{markdown_text(c.quote)}” {place}{link}, "
                f"`sha256 {markdown_text(c.sha256)}`",
                "",
            ]
    lines += [
        "Made with Footnote. Check it: `footnote verify FILE --documents FOLDER`",
        "",
        _comment({"version": 1, "answers": data}),
    ]
    return "\n".join(lines) + "\n"


def _words(text: str | None) -> str:
    return escape(without_unseen(text or ""))


def _citations(answer: Answer) -> list[Citation]:
    """Each footnote once, by number."""
    known = {c.n: c for sentence in answer.sentences for c in sentence.citations}
    return [known[n] for n in sorted(known)]


def _place(citation: Citation) -> list[str]:
    parts = [_name(citation.path), citation.date, citation.speaker, citation.section]
    parts.append(f"characters {citation.start} to {citation.end}")
    return [without_unseen(part) for part in parts if part]


# -- reading and checking ------------------------------------------------------------------------


def read_proof(text: str) -> list[Answer]:
    """The answers in a proof of any kind, or in what `footnote ask --json` or `brief --json` printed.

    Raises:
        AnswerFileError: there are none.
    """
    data = _data(text)
    if "sections" in data:
        return [as_answer(read_brief(data))]
    answers = data.get("answers", [data])
    if not isinstance(answers, list) or not all(isinstance(one, Mapping) for one in answers):
        raise AnswerFileError(_NO_ANSWER)
    return [read_answer(one) for one in answers]


def _data(text: str) -> Mapping[str, Any]:
    match = _HTML.search(text) or _MARKDOWN.search(text)
    try:
        data = json.loads(match[1] if match else text)
    except ValueError as error:
        raise AnswerFileError(_NO_ANSWER) from error
    if not isinstance(data, Mapping):
        raise AnswerFileError(_NO_ANSWER)
    return data


def is_as_written(text: str) -> bool:
    """Whether what people see of a proof is what its data says; a file of data alone shows nothing."""
    suffix = ".html" if _HTML.search(text) else ".md" if _MARKDOWN.search(text) else ""
    if not suffix:
        return True
    data = _data(text)
    whole = "sections" in data
    made = brief_markdown(read_brief(data)) if whole else proof(read_proof(text), suffix)
    return _visible(made) == _visible(text)


def _visible(text: str) -> str:
    return "\n".join(_MARKDOWN.sub("", _HTML.sub("", text)).splitlines()).strip()


def check(answers: Iterable[Answer], documents: Sequence[Path]) -> list[Check]:
    """Hold every footnote of every sentence against files and folders, without a library.

    A document is known by the hash of its file, whatever it is called now. Where no file has it, one of the
    same name is named as changed.

    Raises:
        AnswerFileError: there is nothing at one of the paths.
    """
    missing = [str(path) for path in documents if not path.exists()]
    if missing:
        raise AnswerFileError(f"There is nothing at {', '.join(missing)}; check the path.")
    files = _Files(documents)
    checks = []
    for sentence in (sentence for answer in answers for sentence in answer.sentences):
        if not sentence.citations:
            checks.append(Check(sentence.text, None, None, "it has no footnote"))
        for citation in sentence.citations:
            file, problem = files.find(citation)
            if not problem and sentence.kind == "quote":
                problem = _misquoted(sentence)
            checks.append(Check(sentence.text, citation, file, problem))
    return checks


def _misquoted(sentence: Sentence) -> str:
    quoted = " ".join(" ".join(c.quote.split()) for c in sentence.citations)
    stands = check_quote(sentence.text, quoted) == "supported"
    return "" if stands else "the sentence is not what is quoted"


class _Files:
    """Files that documents may be, by what they hold and by what they are called."""

    def __init__(self, documents: Sequence[Path]) -> None:
        self._by_hash: dict[str, list[Path]] = {}
        self._by_name: dict[str, Path] = {}
        self._texts: dict[Path, str] = {}
        for found in discover(documents):
            if found.reason is None:
                self._by_name[found.path.name] = found.path
                self._by_hash.setdefault(_sha256(found.path), []).append(found.path)

    def find(self, citation: Citation) -> tuple[Path | None, str]:
        """The file of a footnote and why it does not stand there; "" where it does."""
        files = self._by_hash.get(citation.sha256, [])
        for file in files:
            # The same bytes may be read in two ways: as Markdown and as HTML.
            if self._stands(citation, file):
                return file, ""
        if files:
            return files[0], "these words do not stand there"
        other = self._by_name.get(_name(citation.path))
        if other is not None:
            return other, f"{other.name} has changed since"
        return None, "no file has this content"

    def _stands(self, citation: Citation, file: Path) -> bool:
        if file not in self._texts:
            self._texts[file] = _text(file)
        start, end = citation.start, citation.end
        return 0 <= start < end and self._texts[file][start:end] == citation.quote


def _sha256(file: Path) -> str:
    """Of a file's bytes; "" where they cannot be read."""
    try:
        with file.open("rb") as stream:
            return file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _text(file: Path) -> str:
    """A file's text as it was added, "" where it cannot be read: then no words stand there."""
    try:
        return "".join(piece.text for piece in load(file))
    except Exception:
        _log.exception("%s could not be read", file)
        return ""
