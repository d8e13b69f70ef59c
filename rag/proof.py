"""Portable proof: answers or a brief as one self-contained file, checked later against the documents alone.

A file holds the sentences, the quoted words, their offsets and the SHA-256 of each document's file, for
people and, in the same file, as JSON. It names no folders of the machine it was made on.
`rag.proof_checking` reads it again.
"""

import json
import re
from collections.abc import Sequence
from html import escape
from pathlib import PurePath
from typing import Any

from rag.brief import Brief, brief_json
from rag.brief_rendering import brief_markdown
from rag.errors import AnswerFileError
from rag.markdown import markdown_text, without_unseen
from rag.rendering import answer_json
from rag.types import Answer, Citation, Sentence
from rag.weblink import cited_at

SUFFIXES = (".html", ".md", ".json")
_MARK = "footnote-proof"
IN_HTML = re.compile(rf'<script type="application/json" id="{_MARK}">(.*?)</script>', re.S)
IN_MARKDOWN = re.compile(rf"<!-- {_MARK}\n(.*?)\n-->", re.S)
_STATUS = {
    "answered": "Answered from the documents",
    "disputed": "The documents disagree",
    "refused": "The documents do not say.",
}
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
    subject = file_name(brief.subject) if brief.kind == "document" else brief.subject
    return {**data, "subject": subject, "timings_ms": {}}


def _named(sentence: dict[str, Any]) -> dict[str, Any]:
    """A sentence whose footnotes name files and no folders."""
    return {
        **sentence,
        "citations": [{**c, "path": file_name(c["path"])} for c in sentence["citations"]],
    }


def _comment(data: dict[str, Any]) -> str:
    """Data that Markdown does not show; nothing in it ends the comment or looks like a link."""
    packed = json.dumps(data, ensure_ascii=True).replace(">", "\\u003e").replace("](", "]\\u0028")
    return f"<!-- {_MARK}\n{packed}\n-->"


def file_name(path: str) -> str:
    """A file without its folders."""
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
    parts = [file_name(citation.path), citation.date, citation.speaker, citation.section]
    parts.append(f"characters {citation.start} to {citation.end}")
    return [without_unseen(part) for part in parts if part]
