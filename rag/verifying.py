"""Holds an answer against the library again: do its footnotes still stand, do they prove it?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from index.store import Store
from rag.checker import check_quote, check_written
from rag.errors import AnswerFileError
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
        sentences = tuple(
            Sentence(
                text=str(sentence["text"]),
                kind=sentence["kind"],
                support=sentence["support"],
                citations=tuple(_citation(c) for c in sentence["citations"]),
            )
            for sentence in data["sentences"]
        )
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
        )
    except (KeyError, TypeError, ValueError) as error:
        raise AnswerFileError(
            f"This is no answer of Footnote: {error!r}. Make one: footnote ask QUESTION --json > FILE"
        ) from error


def _citation(data: Mapping[str, Any]) -> Citation:
    return Citation(**{field.name: data[field.name] for field in fields(Citation)})


def verify(answer: Answer, store: Store) -> list[Verdict]:
    """A verdict for each sentence of an answer.

    A document is looked up by its path; where it was moved or renamed, by the hash of its file.
    """
    return [_verify(sentence, store) for sentence in answer.sentences]


def _verify(sentence: Sentence, store: Store) -> Verdict:
    problems: list[str] = []
    evidence: list[str] = []
    for citation in sentence.citations:
        words = _words(citation, store)
        if words is None:
            problems.append(f"[{citation.n}] {citation.path}: not in the library any more")
        elif words != citation.quote:
            problems.append(f"[{citation.n}] {citation.path}: these words no longer stand there")
        else:
            evidence.append(_with_place(citation))
    if not sentence.citations:
        problems.append("no footnote")
    return Verdict(sentence, _support(sentence, evidence), tuple(problems))


def _words(citation: Citation, store: Store) -> str | None:
    """What stands now where a footnote points; None where its document is gone."""
    document = store.document_at(citation.path)
    if document is None:
        same = [d for d in store.documents() if d.sha256 == citation.sha256]
        document = same[0] if same else None
    return None if document is None else store.text(document.id, citation.start, citation.end)


def _support(sentence: Sentence, evidence: Sequence[str]) -> Support:
    if sentence.kind == "written":
        return check_written(sentence.text, evidence)
    quoted = " ".join(" ".join(c.quote.split()) for c in sentence.citations)
    return check_quote(sentence.text, quoted)


def _with_place(citation: Citation) -> str:
    """The cited words with what is known of their place, which a sentence may speak of."""
    place = (citation.title, citation.section, citation.speaker, citation.date)
    return " › ".join(part for part in place if part) + "\n" + citation.quote
