"""Holds an answer against the library again: do its footnotes still stand, do they prove it?"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from index.store import Store
from index.types import Document
from rag.checker import check_quote, check_written
from rag.errors import AnswerFileError
from rag.opinions import passage_text
from rag.staleness import document_of
from rag.support import SupportJudge
from rag.types import Answer, Citation, Sentence, Support


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one sentence.

    Attributes:
        support: by the checker, against the documents as they are now.
        problems: footnotes that no longer stand, one line each.
    """

    sentence: Sentence
    support: Support
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether every footnote stands and nothing in the sentence goes beyond them."""
        return not self.problems and self.support in ("supported", "unchecked")


def read_answer(data: Mapping[str, Any]) -> Answer:
    """The answer of `footnote ask --json`, without the passages that were considered.

    Raises:
        AnswerFileError: it is no such answer.
    """
    try:
        sentences = tuple(read_sentence(sentence) for sentence in data["sentences"])
        return Answer(
            question=str(data["question"]),
            standalone_question=str(data["standalone_question"]),
            status=data["status"],
            short_answer=data["short_answer"],
            confidence=float(data["confidence"]),
            sentences=sentences,
            passages=(),
            reader=str(data["reader"]),
            generator=str(data["generator"]),
            embedder=str(data["embedder"]),
            within=str(data.get("within", "")),
            note=str(data.get("note", "")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerFileError(
            f"This is no answer of Footnote: {error!r}. Make one: footnote ask QUESTION --json > FILE"
        ) from error


def read_sentence(data: Mapping[str, Any]) -> Sentence:
    """A sentence with its footnotes, as an answer or a brief keeps it.

    Raises:
        KeyError, TypeError: it is none.
    """
    return Sentence(
        text=str(data["text"]),
        kind=data["kind"],
        support=data["support"],
        citations=tuple(_citation(c) for c in data["citations"]),
    )


def _citation(data: Mapping[str, Any]) -> Citation:
    citation = Citation(**{field.name: data[field.name] for field in fields(Citation)})
    numbers = (citation.n, citation.start, citation.end)
    words = (citation.path, citation.title, citation.sha256, citation.quote)
    if not all(type(n) is int for n in numbers) or not all(isinstance(w, str) for w in words):
        raise TypeError("a footnote's numbers or words are none")
    return citation


def verify(answer: Answer, store: Store, judge: SupportJudge | None = None) -> list[Verdict]:
    """A verdict for each sentence of an answer.

    A document is looked up by its path; where it was moved or renamed, by the hash of its file.

    Args:
        answer: as `read_answer` gave it.
        store: the documents as they are now.
        judge: of written sentences; without one their words alone are compared.
    """
    question = answer.standalone_question
    return [_verify(sentence, store, judge, question) for sentence in answer.sentences]


def _verify(sentence: Sentence, store: Store, judge: SupportJudge | None, question: str) -> Verdict:
    problems: list[str] = []
    evidence: list[str] = []
    for citation in sentence.citations:
        document = document_of(store, citation.path, citation.sha256)
        if document is None:
            problems.append(f"[{citation.n}] {citation.path}: not in the library any more")
        elif store.text(document.id, citation.start, citation.end) != citation.quote:
            problems.append(f"[{citation.n}] {citation.path}: these words no longer stand there")
        elif sentence.kind == "written":
            evidence.append(_evidence(citation, document, store))
    if not sentence.citations:
        problems.append("no footnote")
    if sentence.claims_nothing:
        support = sentence.support
    elif sentence.kind == "written":
        support = check_written(sentence.text, evidence, judge, question)
    else:
        quoted = " ".join(" ".join(c.quote.split()) for c in sentence.citations)
        support = check_quote(sentence.text, quoted)
    return Verdict(sentence, support, tuple(problems))


def _evidence(citation: Citation, document: Document, store: Store) -> str:
    """The passage that the cited words stand in, as a model read it when it wrote the sentence.

    A footnote opens at the one sentence that says most of it; the rest may stand beside that.
    """
    passages = store.document_passages(document.id)
    held = [p for p in passages if p.start < citation.end and citation.start < p.end]
    return "\n".join(passage_text(passage) for passage in held)
