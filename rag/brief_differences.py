"""Where sources differ on a topic: amounts that contradict each other, and what was corrected."""

from index.library import Library
from index.numbers import find_amounts
from rag.brief import BriefLine
from rag.brief_choosing import Chooser
from rag.brief_findings import LONGEST_BLOCK, Findings
from rag.brief_sentences import Told, is_whole
from rag.contradictions import contradicted

_CHECKED = 40


def difference_lines(
    chooser: Chooser, library: Library, findings: Findings, limit: int
) -> list[BriefLine]:
    """Pairs of sentences that run alike and differ in an amount, then corrections.

    The two sentences of a pair have one label.
    """
    lines = _pairs(chooser, library, findings, limit)
    corrections = [told for told in findings.corrections if is_whole(told, LONGEST_BLOCK)]
    for told in corrections[:limit]:
        document = findings.documents[told.passage.document_id]
        lines += chooser.lines(f"Corrected in {' '.join(document.title.split())}", [told])
    return lines


def _pairs(chooser: Chooser, library: Library, findings: Findings, limit: int) -> list[BriefLine]:
    exact = [told for told in findings.ranked if find_amounts(told.text)]
    exact.sort(key=lambda told: (-chooser.worth(told), told.order))
    by_document: dict[int, dict[str, Told]] = {}
    for told in exact[:_CHECKED]:
        by_document.setdefault(told.passage.document_id, {})[told.text] = told
    lines: list[BriefLine] = []
    known: set[frozenset[tuple[int, int]]] = set()
    for ident, sentences in by_document.items():
        for found in contradicted(library, ident, list(sentences)):
            here, there = sentences[found.sentence], (found.document_id, found.start)
            pair = frozenset((here.place, there))
            if pair in known or len(known) == limit:
                continue
            known.add(pair)
            label = f"“{found.words}” or “{found.instead}”"
            lines += chooser.lines(label, [here])
            lines.append(chooser.place(label, found.document_id, found.start, found.end))
    return lines
