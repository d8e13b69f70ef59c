"""What differs between two traces of one question, step by step.

The steps stand in the order in which an answer comes about, so the first difference is the one to look at:
another model makes other scores, other scores another order, and only then another answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import PurePath
from typing import Any, Literal, get_args

from index.store import Store
from index.types import Document
from rag.trace import Prompt, Trace, TracedPassage

Step = Literal["documents", "settings", "models", "question", "search", "reading", "answer"]
STEPS: tuple[Step, ...] = get_args(Step)
# Other builds of the same program differ in the last digits.
_CLOSE = 1e-3
_MOST_MOVED = 12
_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that is not as it was.

    Attributes:
        step: of the answer's making.
        what: in a few words.
        before: in the trace; "" for what was not there.
        after: now; "" for what is not there any more.
    """

    step: Step
    what: str
    before: str
    after: str


def differences(before: Trace, after: Trace, store: Store) -> Iterator[Difference]:
    """What is not the same in two traces of one question, in the order of the steps.

    Args:
        before: the one.
        after: the other.
        store: the library that the other was made with.
    """
    yield from _documents(before, store)
    yield from _values("settings", before.settings, after.settings)
    yield from _models(before, after)
    yield from _question(before, after)
    yield from _search(before, after)
    yield from _reading(before, after)
    yield from _answer(before.answer, after.answer)


# -- what an answer is made of --------------------------------------------------------------------


def _documents(before: Trace, store: Store) -> Iterator[Difference]:
    """Documents of the trace that are gone or have other content, and how many there are now."""
    known = {document.sha256: document for document in store.documents()}
    for document in before.documents:
        if document.sha256 in known:
            continue
        now = store.document_at(document.path) or _of_name(document.path, known.values())
        what = f"the document {document.title!r}"
        if now is None:
            yield Difference("documents", what, document.path, "")
        else:
            pair = (f"sha256 {document.sha256[:12]}…", f"sha256 {now.sha256[:12]}…")
            yield Difference("documents", f"the content of {document.title!r}", *pair)
    for name in ("documents", "passages"):
        old, new = before.library.get(name), store.count(name)
        if old != new:
            yield Difference("documents", f"number of {name}", str(old), str(new))


def _of_name(path: str, documents: Iterable[Document]) -> Document | None:
    """The only document with a file of this name, wherever it is."""
    found = [d for d in documents if PurePath(d.path).name == PurePath(path).name]
    return found[0] if len(found) == 1 else None


def _values(
    step: Step, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for name in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(name), after.get(name)
        if old != new:
            shown = ("" if value is None else str(value) for value in (old, new))
            yield Difference(step, name.replace("_", " "), *shown)


def _models(before: Trace, after: Trace) -> Iterator[Difference]:
    old = {(m.part, m.name): m.sha256 or "no file" for m in before.models}
    new = {(m.part, m.name): m.sha256 or "no file" for m in after.models}
    for part in dict.fromkeys(part for part, _ in (*old, *new)):
        pair = [_described(models, part) for models in (old, new)]
        if pair[0] != pair[1]:
            yield Difference("models", part, *pair)
    yield from _values("models", before.programs, after.programs)


def _described(models: Mapping[tuple[str, str], str], part: str) -> str:
    return ", ".join(
        f"{name} ({sha256[:12]})" for (own, name), sha256 in models.items() if own == part
    )


def _question(before: Trace, after: Trace) -> Iterator[Difference]:
    old, new = before.understood, after.understood
    for name in ("asked", "referenced", "standalone", "within", "shape", "expected"):
        pair = getattr(old, name), getattr(new, name)
        if pair[0] != pair[1]:
            yield Difference("question", _QUESTION_WORDS[name], *pair)


_QUESTION_WORDS = {
    "asked": "the question without filters",
    "referenced": "with what it refers to put in",
    "standalone": "what was searched for",
    "within": "the filter",
    "shape": "the kind of question",
    "expected": "the kind of answer expected",
}

# -- search and reading ---------------------------------------------------------------------------


def _search(before: Trace, after: Trace) -> Iterator[Difference]:
    """Passages handed to the reader that moved, came or went."""
    known = _shared(before, after)
    old, new = _handed(before, known), _handed(after, known)
    found = 0
    for place in [*old, *(place for place in new if place not in old)]:
        pair = [found_there.get(place) for found_there in (old, new)]
        shown = [_rank_words(passage) for passage in pair]
        if shown[0] != shown[1]:
            found += 1
            if found <= _MOST_MOVED:
                yield Difference("search", f"the passage {_words(pair[0] or pair[1])}", *shown)
    if found > _MOST_MOVED:
        yield Difference("search", f"{found - _MOST_MOVED} more passages", "", "")


def _rank_words(passage: TracedPassage | None) -> str:
    if passage is None or passage.rank is None:
        return ""
    return f"rank {passage.rank}, {'read' if passage.read else 'not read'}"


def _reading(before: Trace, after: Trace) -> Iterator[Difference]:
    """Prompts with other words, and what was made of those with the same."""
    known = _shared(before, after)
    old, new = _prompts(before, known), _prompts(after, known)
    for key in [*old, *(key for key in new if key not in old)]:
        one, other = old.get(key), new.get(key)
        if one is None or other is None:
            pair = [f"{prompt.n_tokens} tokens" if prompt else "" for prompt in (one, other)]
            trace, prompt = (before, one) if one else (after, other)
            yield Difference("reading", f"reading {_first_words(trace, prompt)}", *pair)
        else:
            yield from _same_passages(_first_words(before, one), one, other)
    yield from _weighings(before, after)


def _same_passages(name: str, old: Prompt, new: Prompt) -> Iterator[Difference]:
    if old.text != new.text:
        pair = _around_first_difference(old.text, new.text)
        yield Difference("reading", f"the prompt for {name}", *pair)
    elif old.n_tokens != new.n_tokens:
        yield Difference(
            "reading", f"tokens of the prompt for {name}", str(old.n_tokens), str(new.n_tokens)
        )
    if (old.wrote or "") != (new.wrote or ""):
        pair = _around_first_difference(old.wrote or "", new.wrote or "")
        yield Difference("reading", f"what was written from {name}", *pair)
    shown = [_proposed(prompt) for prompt in (old, new)]
    if shown[0] != shown[1]:
        yield Difference("reading", f"what was marked in {name}", *shown)


def _proposed(prompt: Prompt) -> str:
    if not prompt.proposals:
        return ""
    best = prompt.proposals[0]
    return f"“{' '.join(best.words.split())}” ({best.logprob:.2f})"


def _weighings(before: Trace, after: Trace) -> Iterator[Difference]:
    old = {weighing.way: weighing for weighing in before.weighings}
    new = {weighing.way: weighing for weighing in after.weighings}
    for way in [*old, *(way for way in new if way not in old)]:
        one, other = old.get(way), new.get(way)
        if one is None or other is None:
            pair = ["tried" if weighing else "" for weighing in (one, other)]
            yield Difference("reading", f"the answer by {way}", *pair)
            continue
        for name in ("confidence", "threshold"):
            values = getattr(one, name), getattr(other, name)
            if abs(values[0] - values[1]) > _CLOSE:
                shown = (f"{value:.3f}" for value in values)
                yield Difference("reading", f"the {name} of the answer by {way}", *shown)


# -- the answer -----------------------------------------------------------------------------------


def _answer(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    """What the answer says and proves; ids, paths and times are no part of it."""
    for name in ("status", "short_answer", "note", "n_documents"):
        pair = [str(answer.get(name) or "") for answer in (before, after)]
        if pair[0] != pair[1]:
            yield Difference("answer", _ANSWER_WORDS[name], *pair)
    old, new = _sentences(before), _sentences(after)
    gone = [text for text, proof in old if (text, proof) not in new]
    come = [text for text, proof in new if (text, proof) not in old]
    for one, other in zip_longest(gone, come, fillvalue=""):
        yield Difference("answer", "a sentence of the answer, or its footnotes", one, other)
    if old != new and sorted(old) == sorted(new):
        pair = ["; ".join(text for text, _ in sentences) for sentences in (old, new)]
        yield Difference("answer", "the order of the sentences", *pair)


_ANSWER_WORDS = {
    "status": "whether it is answered",
    "short_answer": "the short answer",
    "note": "the note on what was looked at",
    "n_documents": "the number of documents",
}


def _sentences(answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(text, everything that proves it) of each sentence, in order."""
    found = []
    for sentence in answer.get("sentences", ()):
        proofs = [
            (str(c.get("sha256")), c.get("start"), c.get("end"), c.get("quote"))
            for c in sentence.get("citations", ())
        ]
        rest = repr((sentence.get("kind"), sentence.get("support"), proofs))
        found.append((str(sentence.get("text", "")), rest))
    return found


# -- places ---------------------------------------------------------------------------------------


def _shared(before: Trace, after: Trace) -> set[str]:
    """Content that both traces know; a document that was changed is known by the name of its file."""
    return {d.sha256 for d in before.documents} & {d.sha256 for d in after.documents}


def _handed(trace: Trace, known: set[str]) -> dict[_Place, TracedPassage]:
    """The passages that were handed to the reader, by place, in their order."""
    handed = [passage for passage in trace.passages if passage.rank is not None]
    handed.sort(key=lambda passage: passage.rank or 0)
    return {_place(trace, passage, known): passage for passage in handed}


def _place(trace: Trace, passage: TracedPassage, known: set[str]) -> _Place:
    """Where a passage stands, whatever ids its library gives away."""
    document = trace.document(passage.document)
    if document is None:
        return "", passage.start, passage.end
    own = document.sha256 if document.sha256 in known else PurePath(document.path).name
    return own, passage.start, passage.end


def _prompts(trace: Trace, known: set[str]) -> dict[tuple[_Place, ...] | str, Prompt]:
    """The prompts by what was read; what was written from several passages is one, whatever they are."""
    places = {passage.id: _place(trace, passage, known) for passage in trace.passages}
    return {
        "written"
        if prompt.wrote is not None
        else tuple(places[ident] for ident in prompt.passages if ident in places): prompt
        for prompt in trace.prompts
    }


def _first_words(trace: Trace, prompt: Prompt | None) -> str:
    if prompt is None or prompt.wrote is not None:
        return "all passages together"
    return "the passage " + _words(trace.passage(prompt.passages[0]) if prompt.passages else None)


def _words(passage: TracedPassage | None) -> str:
    words = " ".join(passage.text.split()) if passage else ""
    return f"“{words[:60]}{'…' if len(words) > 60 else ''}”"


def _around_first_difference(old: str, new: str) -> Sequence[str]:
    """Both texts from a little before the place where they part."""
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    at = max(0, (min(len(old), len(new)) if same is None else same) - 20)
    return [f"…{' '.join(text[at : at + 80].split())}…" for text in (old, new)]
