"""The baseline: the best sentence of the best passage, with no reader.

What a reader is worth shows beside what search alone gives. From the first passage found, the
sentence that shares most stemmed words with the question is the answer; it always answers if
anything was found.
"""

from collections.abc import Callable, Sequence

from index.lexical import STOP_WORDS
from index.sentences import sentence_spans
from index.types import Document, Hit, Passage
from index.words import stem, stems
from rag.types import Answer, Citation, PassageUse, Sentence

Retrieve = Callable[[str, Sequence[str]], Sequence[Hit]]
"""Finds passages for (question, earlier questions), best first."""

Describe = Callable[[int], Document | None]
"""The document of an id, for the path and title shown with a citation; None where it is gone."""

_STOP_STEMS = frozenset(stem(word) for word in STOP_WORDS)


def best_sentence(question: str, text: str) -> tuple[int, int, float] | None:
    """Span of the sentence that shares most words with the question, and the share of them.

    Words are stemmed, all weigh the same, and stop words do not count unless the question has
    nothing else. The first of equals wins. None where the text has no sentence.
    """
    wanted = _stems(question)
    best: tuple[int, int, float] | None = None
    for start, end in sentence_spans(text):
        shared = len(wanted & _stems(text[start:end])) / len(wanted) if wanted else 0.0
        if best is None or shared > best[2]:
            best = (start, end, shared)
    return best


def baseline_ask(
    retrieve: Retrieve, describe: Describe | None = None
) -> Callable[[str, Sequence[str]], Answer]:
    """An `ask` that answers with the best sentence of the best passage."""

    def ask(question: str, history: Sequence[str]) -> Answer:
        return baseline_answer(question, retrieve(question, history), describe)

    return ask


def baseline_answer(question: str, hits: Sequence[Hit], describe: Describe | None = None) -> Answer:
    """An answer made of hits, best first; refused where nothing was found."""
    found = best_sentence(question, hits[0].passage.text) if hits else None
    sentences: tuple[Sentence, ...] = ()
    if found is not None:
        passage = hits[0].passage
        quote = passage.text[found[0] : found[1]]
        # No checker looked at it: its support is not known.
        cited = _citation(passage, found[0], found[1], describe)
        sentences = (Sentence(quote, "quote", "unchecked", (cited,)),)
    return Answer(
        question=question,
        standalone_question=question,
        status="answered" if sentences else "refused",
        short_answer=sentences[0].text if sentences else None,
        confidence=found[2] if found is not None else 0.0,
        sentences=sentences,
        passages=tuple(_use(number, hit, describe) for number, hit in enumerate(hits, start=1)),
        reader="best sentence of the best passage",
        generator="none",
        embedder="",
    )


def _citation(passage: Passage, start: int, end: int, describe: Describe | None) -> Citation:
    document = describe(passage.document_id) if describe is not None else None
    return Citation(
        n=1,
        document=str(passage.document_id),
        path=document.path if document is not None else "",
        title=document.title if document is not None else "",
        sha256=document.sha256 if document is not None else "",
        start=passage.start + start,
        end=passage.start + end,
        quote=passage.text[start:end],
        locator=None,
        section=passage.section,
        speaker=passage.speaker,
        date=passage.date,
        role=str(passage.role),
    )


def _use(number: int, hit: Hit, describe: Describe | None) -> PassageUse:
    passage = hit.passage
    document = describe(passage.document_id) if describe is not None else None
    return PassageUse(
        n=number,
        document=str(passage.document_id),
        path=document.path if document is not None else "",
        title=document.title if document is not None else "",
        start=passage.start,
        end=passage.end,
        score=hit.score,
        read=number == 1,
        left_out=None if number == 1 else "only the best passage is used",
        text=passage.text,
        section=passage.section,
        speaker=passage.speaker,
        date=passage.date,
        role=str(passage.role),
    )


def _stems(text: str) -> frozenset[str]:
    words = stems(text)
    return frozenset(word for word in words if word not in _STOP_STEMS) or frozenset(words)
