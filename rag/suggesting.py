"""Questions to begin with and to go on with: only such as the library is known to answer.

What the documents offer to ask (`rag.suggestion_sources`) is asked of the pipeline itself, and kept only
where it answers surely, from the very place that the question was made from. That takes seconds a question,
so it is done in the background, within a budget, and kept with the library.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from index.library import Library
from index.types import Passage
from rag.pipeline import Pipeline
from rag.suggestion_file import Kept, Suggestion, read_kept, standing, write_kept
from rag.suggestion_headings import Place, Suggestible
from rag.suggestion_names import Names
from rag.suggestion_sources import from_sentences, same_question, suggestible
from rag.suggestion_trying import stands_in, tried
from rag.types import Answer, Citation

_AROUND = 1_200
_SENTENCE = 500
_NEAR = 0.4
# What is not answered needs something nearer: it may be about nothing of the library.
_NEARER = 0.45
_COUNTED = 0.6
# One of these shows that it can be asked.
_ONCE = frozenset({"census", "published"})
# Of these nearly all are answered; others are not offered without having been tried.
_SURELY_ANSWERED = frozenset({"amount", "date", "place"})
_MOST_LEFT = 200


def suggest(
    pipeline: Pipeline,
    *,
    n: int = 6,
    budget_s: float = 60.0,
    stopped: threading.Event | None = None,
) -> tuple[Suggestion, ...]:
    """Questions that the library answers, of different kinds and documents, the best first.

    What was found out is kept, also when it is stopped: the next call goes on from there, and one after
    enough was found costs nothing. When the library has changed, it begins anew, with the questions it knew.

    Args:
        pipeline: answers them.
        n: at most so many.
        budget_s: seconds to spend; what is being read when they are over is finished.
        stopped: set to end early.
    """
    library, stop = pipeline.library, stopped or threading.Event()
    deadline = time.monotonic() + budget_s
    kept = _begun(pipeline)
    if len(kept.suggestions) < n and not kept.is_whole:
        for one in _to_try(library, kept, n):
            if stop.is_set() or time.monotonic() >= deadline:
                break
            if library.store.generation != kept.generation:
                break  # somebody adds or removes documents; the next call begins anew
            found = tried(pipeline, one, stop, deadline)
            if found is None:
                if stop.is_set() or time.monotonic() >= deadline:
                    break  # it was not tried to its end
                kept.refused.append(one.question)
            else:
                kept.suggestions.append(found)
            write_kept(library, kept)
            if len(kept.suggestions) >= n:
                break
        else:
            kept.is_whole = True
            write_kept(library, kept)
    return _chosen(kept.suggestions, n)


def kept_suggestions(library: Library, *, n: int | None = None) -> tuple[Suggestion, ...]:
    """Suggested questions that are known already, without any model.

    From before a change of the library those stay whose words still stand where they stood.
    """
    kept = read_kept(library)
    if kept is None:
        return ()
    known = kept.suggestions
    if kept.generation != library.store.generation:
        known = standing(known, library.store)
    return _chosen(known, len(known) if n is None else n)


def follow_ups(
    pipeline: Pipeline,
    answer: Answer,
    n: int = 3,
    *,
    budget_s: float = 0.0,
    stopped: threading.Event | None = None,
) -> tuple[str, ...]:
    """Questions to go on with: near what was asked, and to be understood by themselves.

    First what is known to be answered and comes near, then what stands beside the words that were cited. The
    latter is asked of the pipeline first only where there is a budget for it.

    Args:
        pipeline: knows the library.
        answer: to the question before.
        n: at most so many.
        budget_s: seconds that may be spent on asking.
        stopped: set to end early.
    """
    deadline, stop = time.monotonic() + budget_s, stopped or threading.Event()
    asked = [answer.question, answer.standalone_question]
    chosen: list[str] = []
    near = [one.question for one in _nearest(pipeline.library, answer)]
    beside = _beside(pipeline.library, answer)
    for question, source in [*((q, None) for q in near), *((one.question, one) for one in beside)]:
        if len(chosen) >= n or stop.is_set():
            break
        if any(same_question(question, other) for other in (*asked, *chosen)):
            continue
        if source is not None and budget_s > 0 and tried(pipeline, source, stop, deadline) is None:
            continue
        chosen.append(question)
    return tuple(chosen)


# -- trying ---------------------------------------------------------------------------------------


def _begun(pipeline: Pipeline) -> Kept:
    """What is known of the library as it is now."""
    library, made_with = pipeline.library, _made_with(pipeline)
    kept = read_kept(library)
    generation = library.store.generation
    if kept is not None and (kept.generation, kept.made_with) == (generation, made_with):
        return kept
    return Kept(generation, made_with, [], [])


def _made_with(pipeline: Pipeline) -> str:
    own = pipeline.settings
    parts = (own.generator, own.reader, own.prover, own.top_k, own.n_read, own.min_confidence)
    return " ".join(str(part) for part in (*parts, own.promise))


def _to_try(library: Library, kept: Kept, n: int) -> Iterator[Suggestible]:
    """What is left to try: what was known before the library changed, then in turn.

    No kind and no document gets more than its share, as long as others have something to offer.
    """
    before = read_kept(library)
    known = {one.question for one in before.suggestions} if before is not None else set()
    left = [one for one in suggestible(library) if one.question not in kept.refused][:_MOST_LEFT]
    left.sort(key=lambda one: one.question not in known)
    put_off: list[Suggestible] = []
    for one in left:
        if not _is_new(one, kept.suggestions):
            continue
        if _has_its_share(one, kept.suggestions, n):
            if one.kind not in _ONCE:
                put_off.append(one)
        else:
            yield one
    for one in put_off:
        if _is_new(one, kept.suggestions):
            yield one


def _is_new(one: Suggestible, found: Sequence[Suggestion]) -> bool:
    return not any(
        same_question(one.question, other.question) or _is_cited(other, one.places)
        for other in found
    )


def _is_cited(other: Suggestion, places: Sequence[Place]) -> bool:
    """Whether a suggestion is about the same words; of long parts others may be asked too."""
    return any(
        document == other.document and start < other.end and other.start < end
        for document, start, end in places
        if end - start < _SENTENCE
    )


def _has_its_share(one: Suggestible, found: Sequence[Suggestion], n: int) -> bool:
    kinds = Counter(other.kind for other in found)
    documents = Counter(other.document for other in found if other.document is not None)
    most = 1 if one.kind in _ONCE else max(1, n // 3)
    taken = max((documents[document] for document, _, _ in one.places), default=0)
    return kinds[one.kind] >= most or taken >= max(2, n // 3)


# -- choosing -------------------------------------------------------------------------------------


def _chosen(found: Sequence[Suggestion], n: int) -> tuple[Suggestion, ...]:
    """The surest, less so where its kind or its document is there already."""
    left, chosen = list(found), list[Suggestion]()
    kinds: Counter[str] = Counter()
    documents: Counter[int | None] = Counter()

    def worth(one: Suggestion) -> float:
        # Counting is always sure, and soon tells nothing new.
        sure, again = (_COUNTED, 0.6) if one.kind == "census" else (one.confidence, 0.3)
        return sure - again * kinds[one.kind] - 0.2 * documents[one.document]

    while left and len(chosen) < n:
        best = max(left, key=worth)
        left.remove(best)
        chosen.append(best)
        kinds[best.kind] += 1
        documents[best.document] += 1
    return tuple(chosen)


def _nearest(library: Library, answer: Answer) -> list[Suggestion]:
    """Suggestions by how near they come to what was asked and answered; far ones are left out."""
    known = kept_suggestions(library)
    if not known:
        return []
    said = answer.sentences[0].text if answer.sentences else ""
    texts = [f"{answer.standalone_question} {said}", *(one.question for one in known)]
    vectors = library.embedder.embed_queries(texts)
    cosines = vectors[1:] @ vectors[0]
    cited = {c.document for sentence in answer.sentences for c in sentence.citations}
    bonus = np.array([0.1 * (str(one.document) in cited) for one in known])
    order = np.argsort(-(cosines + bonus), kind="stable")
    least = _NEARER if answer.status == "refused" else _NEAR
    return [known[i] for i in order.tolist() if cosines[i] + bonus[i] >= least]


def _beside(library: Library, answer: Answer) -> list[Suggestible]:
    """What the sentences around the cited words answer, nearest first."""
    citation = next((c for s in answer.sentences for c in s.citations), None)
    if citation is None or not citation.document.isdecimal():
        return []
    document = int(citation.document)
    passages = library.store.document_passages(document)
    around = [p for p in passages if _distance(p, citation) <= _AROUND]
    kept = read_kept(library)
    refused = set(kept.refused) if kept is not None else set()
    found = [
        one
        for one in from_sentences(around, Names(passages))
        if one.kind in _SURELY_ANSWERED
        and one.question not in refused
        and not stands_in(citation, one.places)
    ]
    return sorted(found, key=lambda one: abs(one.places[0][1] - citation.start))


def _distance(passage: Passage, citation: Citation) -> int:
    return max(0, passage.start - citation.end, citation.start - passage.end)
