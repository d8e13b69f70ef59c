"""Questions about a document itself, answered from the words its date was read from."""

import re
from collections.abc import Sequence

from index.lexical import terms
from index.store import Store
from index.types import Document, Hit, Role
from index.words import fold, stem, stems
from rag.questions import Question

# Words that name a kind of document rather than what it is about, with what such a document has.
_GENERIC = frozenset(
    "publish post releas updat written write date dai publish when on come out articl document page "
    "text file stori piec report memo interview convers podcast episod show summari digest bulletin "
    "newslett blog timelin glossari transcript first last".split()
)


def dated_document(
    question: Question, hits: Sequence[Hit], store: Store, *, found_only: bool = False
) -> Document | None:
    """The document whose date is asked for, if one of those found carries a date.

    Documents are ranked by how much of the question's own words their title, file name and found
    passages hold, then by their passages' ranks; an "interview" is a document in which two or more
    people speak.
    """
    wanted = [stem(fold(word)) for word in terms(question.text)]
    topic = [word for word in wanted if word not in _GENERIC]
    best: tuple[float, float, int] | None = None
    chosen: Document | None = None
    ranks: dict[int, int] = {}
    for hit in hits:
        ranks.setdefault(hit.passage.document_id, hit.rank)
    for document in store.documents():
        if document.date_span is None:
            continue
        if found_only and document.id not in ranks:
            continue
        score = _fit(document, wanted, topic, store)
        if topic and document.id not in ranks and score < 1.0:
            continue
        key = (score, 1.0 / ranks.get(document.id, 99), -document.id)
        if best is None or key > best:
            best, chosen = key, document
    return chosen if best is not None and best[0] > 0 else None


def _fit(document: Document, wanted: Sequence[str], topic: Sequence[str], store: Store) -> float:
    named = set(stems(document.title)) | set(stems(re.sub(r"[_\W]+", " ", document.path[-80:])))
    score = 1.0 * sum(word in named for word in wanted if word in _GENERIC)
    score += 2.0 * sum(word in named for word in topic)
    speakers = {fold(name) for name, _, _ in store.speakers(document.id)}
    speaker_words = {word for name in speakers for word in stems(name)}
    score += 1.5 * sum(word in speaker_words for word in topic)
    if "interview" in wanted or "convers" in wanted:
        turns = sum(role is Role.SPEAKER for _, _, role, _, _ in store.blocks(document.id))
        score += 1.0 if turns >= 4 and len(speakers) >= 2 else 0.0
    return score


def line_around(store: Store, document_id: int, start: int, end: int) -> tuple[int, int]:
    """The line a date stands in, if it is short; else the date alone."""
    before = store.text(document_id, max(0, start - 200), start)
    after = store.text(document_id, end, end + 200)
    left = start - (len(before) - (before.rfind("\n") + 1))
    right = end + (after.find("\n") if "\n" in after else len(after))
    if right - left > 200:
        return start, end
    words = store.text(document_id, left, right)
    return left + len(words) - len(words.lstrip()), right - (len(words) - len(words.rstrip()))
