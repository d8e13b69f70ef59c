"""Portable proof, read and checked against the documents alone.

Neither a library nor a model is needed: the documents are read as they are added, and the words must stand
where they stood.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from index.discover import discover
from index.loaders import load
from rag.brief import as_answer, read_brief
from rag.brief_rendering import brief_markdown
from rag.checker import check_quote
from rag.errors import AnswerFileError
from rag.proof import IN_HTML, IN_MARKDOWN, file_name, proof
from rag.types import Answer, Citation, Sentence
from rag.verifying import read_answer

_log = logging.getLogger(__name__)
_NO_ANSWER = (
    "This holds no answer of Footnote. Make one: footnote ask QUESTION --json > FILE (or --export)"
)


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
    match = IN_HTML.search(text) or IN_MARKDOWN.search(text)
    try:
        data = json.loads(match[1] if match else text)
    except ValueError as error:
        raise AnswerFileError(_NO_ANSWER) from error
    if not isinstance(data, Mapping):
        raise AnswerFileError(_NO_ANSWER)
    return data


def is_as_written(text: str) -> bool:
    """Whether what people see of a proof is what its data says; a file of data alone shows nothing."""
    suffix = ".html" if IN_HTML.search(text) else ".md" if IN_MARKDOWN.search(text) else ""
    if not suffix:
        return True
    data = _data(text)
    whole = "sections" in data
    made = brief_markdown(read_brief(data)) if whole else proof(read_proof(text), suffix)
    return _visible(made) == _visible(text)


def _visible(text: str) -> str:
    return "\n".join(IN_MARKDOWN.sub("", IN_HTML.sub("", text)).splitlines()).strip()


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
        other = self._by_name.get(file_name(citation.path))
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
