"""Is a footnote the proof of its answer? Blank the cited words, read again, and see what is left.

Where the same answer comes back, something else says it too (another sentence, another document), or the
reader did not need the cited words at all; then the footnote was not what the answer rests on.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from index.types import Hit
from index.words import stems
from rag.answers import is_same_answer
from rag.drafts import Draft
from rag.types import Answer

Spans = Mapping[str, Sequence[tuple[int, int]]]
_SAME_SHARE = 0.8


def cited_spans(answer: Answer) -> Spans:
    """What an answer cites: document id -> (start, end)."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for sentence in answer.sentences:
        for citation in sentence.citations:
            spans[citation.document].append((citation.start, citation.end))
    return spans


def blanked(hits: Iterable[Hit], spans: Spans) -> list[Hit]:
    """The hits with spaces where a cited span stood; what nearly repeats a passage goes too."""
    found = []
    for hit in hits:
        passage = hit.passage
        text = passage.text
        for start, end in spans.get(str(passage.document_id), ()):
            first, last = max(0, start - passage.start), min(len(text), end - passage.start)
            if first < last:
                text = text[:first] + " " * (last - first) + text[last:]
        if text == passage.text:
            found.append(hit)
        elif text.strip():
            changed = replace(passage, text=text)
            found.append(replace(hit, passage=changed, duplicates=(), opinion=None))
    return found


def stands(answer: Answer, draft: Draft) -> bool:
    """Whether a second reading, without the cited words, gives the same answer."""
    if draft.status == "refused":
        return False
    if answer.short_answer and draft.short_answer:
        return is_same_answer(answer.short_answer, draft.short_answer)
    before, after = (set(stems(" ".join(s.text for s in a.sentences))) for a in (answer, draft))
    return len(before & after) >= _SAME_SHARE * max(1, len(before))
