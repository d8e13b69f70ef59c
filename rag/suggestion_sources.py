"""Questions that a library surely has an answer to somewhere, each with the place that answers it.

Read from the documents by rules: sentences (`rag.asking`), headings that ask or name a topic, terms of a
glossary, what people in a conversation talk about, names that several documents share. Whether Footnote
finds the answer is another matter, which `rag.suggesting` looks into.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.lexical import terms
from index.library import Library
from index.names import find_names
from index.sentences import sentence_spans
from index.types import Document, Passage, Role
from index.words import stems
from rag.asking import asked_by
from rag.statements import Kind, is_well_formed
from rag.suggestion_headings import Suggestible, from_headings
from rag.suggestion_names import Names, bare, is_topic

_MOST_DOCUMENTS, _MOST_PASSAGES = 40, 80
_TOPICS = 2
_SHARED = 4
_READ = (Role.BODY, Role.SUMMARY, Role.SPEAKER, Role.CORRECTION)
# What a person would rather ask; what is left is settled by how much of a library a question is about.
_WORTH: dict[Kind, float] = {
    "amount": 1.2,
    "heading": 1.1,
    "date": 1.0,
    "place": 1.0,
    "definition": 1.0,
    "speaker": 0.9,
    "topic": 0.7,
    "who": 0.5,
    "census": 0.5,
    "published": -1.0,
}
_AGAIN = 0.8


def suggestible(library: Library) -> list[Suggestible]:
    """Questions in the order in which they are worth trying, documents and kinds in turn."""
    documents = _some(library.store.documents())
    passages = {d.id: _passages(library, d) for d in documents}
    names = Names(passage for own in passages.values() for passage in own)
    found: list[Suggestible] = []
    for document in documents:
        own = passages[document.id]
        found += from_sentences(own, names)
        found += from_headings(library, document, names)
        found += _from_speakers(library, document, own, names)
        found += _from_date(document)
    found += _from_names(names)
    weighed = [replace(one, worth=_WORTH[one.kind] + names.weight(one.question)) for one in found]
    return _in_turn(_merged(weighed))


def from_sentences(passages: Sequence[Passage], names: Names) -> Iterator[Suggestible]:
    """What the sentences of passages answer."""
    for passage in passages:
        if passage.role not in _READ:
            continue
        for start, end in sentence_spans(passage.text):
            place = (passage.document_id, passage.start + start, passage.start + end)
            for asked in asked_by(passage.text[start:end], names.is_name):
                yield Suggestible(asked.question, asked.kind, asked.words, (place,))


def same_question(one: str, other: str) -> bool:
    """Whether two questions ask nearly the same, by their words."""
    first, second = (set(stems(" ".join(terms(question)))) for question in (one, other))
    return len(first & second) >= 0.75 * max(1, min(len(first), len(second)))


# -- documents ------------------------------------------------------------------------------------


def _some(documents: Sequence[Document]) -> list[Document]:
    """At most so many documents, spread over all of them."""
    whole = [document for document in documents if document.status == "complete"]
    step = max(1, math.ceil(len(whole) / _MOST_DOCUMENTS))
    return whole[::step]


def _passages(library: Library, document: Document) -> list[Passage]:
    return library.store.document_passages(document.id)[:_MOST_PASSAGES]


def _from_speakers(
    library: Library, document: Document, passages: Sequence[Passage], names: Names
) -> Iterator[Suggestible]:
    """What the people of a conversation say about what they name most."""
    for full, _, _ in library.store.speakers(document.id):
        own = [p for p in passages if p.speaker and _is_speaker(full, p.speaker)]
        if " " not in full.strip() or not own or own[0].role is Role.COMMENT:
            continue
        people = {
            word for name, _, _ in library.store.speakers(document.id) for word in name.split()
        }
        named = Counter(
            word
            for passage in own
            for name in find_names(passage.text)
            if name.certain
            for word in {bare(passage.text[name.start : name.end])}
            if not people & set(word.split()) and is_topic(word)
        )
        worth = {word: n * names.telling(word) for word, n in named.items()}
        for topic in sorted(worth, key=lambda word: (-worth[word], word))[:_TOPICS]:
            places = tuple((p.document_id, p.start, p.end) for p in own if topic in p.text)
            question = f"What does {full} say about {names.in_words(topic)}?"
            if is_well_formed(question):
                yield Suggestible(question, "speaker", "", places)


def _is_speaker(full: str, speaker: str) -> bool:
    return full == speaker or full.split()[-1] == speaker


def _from_date(document: Document) -> Iterator[Suggestible]:
    if document.date_span is not None and document.title_span is not None:
        title = document.title.strip("# ")
        if len(title) <= 60 and not re.search(r"[“”\"?]", title):
            place = (document.id, *document.date_span)
            yield Suggestible(f"When was “{title}” published?", "published", "", (place,))


def _from_names(names: Names) -> Iterator[Suggestible]:
    """How many documents mention what several share, if not all do."""
    for i, name in enumerate(names.shared()[:_SHARED]):
        asks = ("How many", "Which")[i % 2]
        yield Suggestible(f"{asks} documents mention {name}?", "census", "", ())


# -- order ----------------------------------------------------------------------------------------


def _merged(found: Sequence[Suggestible]) -> list[Suggestible]:
    """Each question once, with all places that answer it (a text may stand in several documents)."""
    merged: dict[str, Suggestible] = {}
    for one in found:
        known = merged.get(one.question)
        if known is None:
            merged[one.question] = one
        elif known.kind == one.kind or (known.kind, one.kind) in (("who", "definition"),):
            places = tuple(dict.fromkeys((*known.places, *one.places)))
            merged[one.question] = replace(known, places=places, words="")
    return list(merged.values())


def _in_turn(found: Sequence[Suggestible]) -> list[Suggestible]:
    """The most worth first, less so where its kind or its document has had its turn."""
    left = sorted(found, key=lambda one: (-one.worth, one.question))
    kinds: Counter[str] = Counter()
    documents: Counter[int] = Counter()
    ordered: list[Suggestible] = []

    def now(one: Suggestible) -> float:
        document = one.places[0][0] if one.places else -1
        return one.worth - _AGAIN * (kinds[one.kind] + documents[document])

    while left:
        best = max(left, key=now)
        left.remove(best)
        ordered.append(best)
        kinds[best.kind] += 1
        documents[best.places[0][0] if best.places else -1] += 1
    return ordered
