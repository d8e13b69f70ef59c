"""Filters: only some documents, kinds of files, speakers, dates or roles.

Typed as `source:interview* from:2025-01 role:comment`; `typed` and `take_filters` are each other's inverse.
Several values of one key are alternatives, different keys must all hold.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePath

import numpy as np

from index.dates import find_dates
from index.errors import FilterError
from index.store import Store
from index.types import Document, Role
from index.words import fold

Ids = np.ndarray[tuple[int], np.dtype[np.int64]]

_KEYS = ("source", "kind", "tag", "speaker", "role", "from", "to")
# Keys whose values stand as they are typed, and where they are kept.
_LISTED = {"source": "sources", "kind": "kinds", "tag": "tags", "speaker": "speakers"}
_TYPED = re.compile(
    rf"(?<!\S)({'|'.join(_KEYS)}):(?:\"([^\"]+)\"|“([^“”]+)”|([^\s\"“”]+))", re.IGNORECASE
)
_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_ROLES = {str(role): role for role in Role} | {"speaker": Role.SPEAKER}
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Filter:
    """What a passage must be to be found; an empty one lets everything through.

    Attributes:
        sources: parts of a document's path or title, or patterns with `*` and `?`, whatever the case.
        kinds: endings of file names, without a dot, lower case.
        speakers: names, or parts of them.
        roles: labels of blocks.
        first: the earliest date, YYYY, YYYY-MM or YYYY-MM-DD; what has no date is left out.
        last: the latest.
        tags: of documents, whatever the case (`index.labels`).
    """

    sources: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    first: str | None = None
    last: str | None = None
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it leaves anything out."""
        return self != Filter()

    def typed(self) -> str:
        """As it is typed in front of a question."""
        parts = [
            *(("source", source) for source in self.sources),
            *(("kind", kind) for kind in self.kinds),
            *(("tag", tag) for tag in self.tags),
            *(("speaker", name) for name in self.speakers),
            *(("role", str(role)) for role in self.roles),
            *(("from", date) for date in (self.first,) if date),
            *(("to", date) for date in (self.last,) if date),
        ]
        return " ".join(f'{k}:"{v}"' if re.search(r"\s", v) else f"{k}:{v}" for k, v in parts)

    def joined(self, other: "Filter") -> "Filter":
        """Both: values of one key become alternatives; the other's dates replace these."""
        return Filter(
            self.sources + other.sources,
            self.kinds + other.kinds,
            self.speakers + other.speakers,
            self.roles + other.roles,
            other.first or self.first,
            other.last or self.last,
            self.tags + other.tags,
        )


EVERYTHING = Filter()


def make_filter(values: Iterable[tuple[str, str]]) -> Filter:
    """A filter of (key, value) pairs; the keys are those that can be typed.

    Raises:
        FilterError: a date, a role or a key that is none.
    """
    made = Filter()
    for key, value in values:
        made = _with(made, key.lower(), " ".join(value.split()))
    return made


def _with(made: Filter, key: str, value: str) -> Filter:
    if key == "kind":
        value = value.lower().lstrip("*.")
    if not value:
        raise FilterError(f"{key}: has no value. For example: source:interview*")
    if any(mark in value for mark in '"“”'):
        raise FilterError(f"{key}: holds a quotation mark, which no filter can: {value}")
    if key in _LISTED:
        return made.joined(Filter(**{_LISTED[key]: (value,)}))  # type: ignore[arg-type]
    if key == "role":
        return replace(made, roles=(*made.roles, _role(value)))
    if key == "from":
        return replace(made, first=_iso(value, key))
    if key == "to":
        return replace(made, last=_iso(value, key))
    raise FilterError(f"{key!r} is no filter; known are {', '.join(_KEYS)}.")


def _role(value: str) -> Role:
    role = _ROLES.get(value.lower()) or _ROLES.get(value.lower().removesuffix("s"))
    if role is None:
        raise FilterError(f"{value!r} is no role; known are {', '.join(_ROLES)}.")
    return role


def _iso(value: str, key: str) -> str:
    iso = date_of(value)
    if iso is None:
        raise FilterError(
            f"{key}:{value} is no date. Write it as 2025-01-16, 2025-01 or 2025, or in words."
        )
    return iso


def date_of(words: str) -> str | None:
    """The first date in some words as YYYY, YYYY-MM or YYYY-MM-DD; None where there is none with a year."""
    if _ISO.fullmatch(words.strip()):
        words = words.strip()
    for date in find_dates(words):
        if date.year is None or date.year < 0 or date.last_year is not None:
            continue
        parts = [f"{date.year:04}", *(f"{part:02}" for part in (date.month, date.day) if part)]
        return "-".join(parts if date.month else parts[:1])
    return None


def take_filters(text: str) -> tuple[str, Filter]:
    """A question without the filters typed into it, and these.

    Raises:
        FilterError: a date or a role that is none.
    """
    pairs = [(m[1], m[2] or m[3] or m[4]) for m in _TYPED.finditer(text)]
    return (" ".join(_TYPED.sub(" ", text).split()) if pairs else text), make_filter(pairs)


def passages_within(store: Store, within: Filter) -> Ids:
    """Ids of the passages that a filter lets through, ascending, shape (n,), at least one.

    Raises:
        FilterError: there are none; says what there is instead.
    """
    documents = store.documents()
    tagged = store.tagged(within.tags)
    chosen = [
        d.id
        for d in documents
        if _holds_document(within, d) and (not within.tags or d.id in tagged)
    ]
    speakers = [
        name
        for name in store.distinct("speaker")
        if any(_is_name(w, name) for w in within.speakers)
    ]
    dates = [date for date in store.distinct("date") if _holds_date(within, date)]
    found = store.select_passages(
        documents=chosen if within.sources or within.kinds or within.tags else None,
        speakers=speakers if within.speakers else None,
        dates=dates if within.first or within.last else None,
        roles=[str(role) for role in within.roles] or None,
    )
    if not found.size:
        raise FilterError(_nothing(store, within, documents, chosen, speakers))
    return found


def _holds_document(within: Filter, document: Document) -> bool:
    named = not within.sources or any(_is_source(source, document) for source in within.sources)
    ending = PurePath(document.path).suffix.lower().lstrip(".")
    return named and (not within.kinds or ending in within.kinds)


def _is_source(wanted: str, document: Document) -> bool:
    wanted = fold(wanted)
    places = [fold(document.path), fold(PurePath(document.path).name), fold(document.title)]
    if any(mark in wanted for mark in "*?"):
        pattern = wanted.replace("[", "[[]")
        return any(fnmatchcase(place, pattern) for place in places)
    return any(wanted in place for place in places)


def _is_name(wanted: str, name: str) -> bool:
    return _name_words(wanted) <= _name_words(name)


def _name_words(name: str) -> set[str]:
    return set(re.findall(r"[\w'-]+", fold(name).replace("’", "'")))


def _holds_date(within: Filter, words: str) -> bool:
    """A date known in part holds where it may lie inside: 2025 is not before 2025-06."""
    date = date_of(words)
    if date is None:
        return False
    first, last = within.first, within.last
    return (first is None or date >= first[: len(date)]) and (
        last is None or date[: len(last)] <= last[: len(date)]
    )


def _nothing(
    store: Store,
    within: Filter,
    documents: Sequence[Document],
    chosen: Sequence[int],
    speakers: Sequence[str],
) -> str:
    """Why nothing is left, and what there is."""
    if within.tags and not store.tagged(within.tags):
        wanted = replace(Filter(), tags=within.tags).typed()
        return f"No document matches {wanted}. {_there_are('tags', [t for t, _ in store.tags()])}"
    if (within.sources or within.kinds) and not (within.tags or chosen):
        wanted = replace(Filter(), sources=within.sources, kinds=within.kinds).typed()
        names = [PurePath(document.path).name for document in documents]
        return f"No document matches {wanted}. {_there_are('documents', names)}"
    if within.speakers and not speakers:
        wanted = replace(Filter(), speakers=within.speakers).typed()
        return f"No speaker matches {wanted}. {_there_are('speakers', store.distinct('speaker'))}"
    dates = sorted({d for d in map(date_of, store.distinct("date")) if d})
    if (within.first or within.last) and dates:
        return (
            f"Nothing matches {within.typed()}. The documents with a date are from {dates[0]} to "
            f"{dates[-1]}."
        )
    several = len(list(_TYPED.finditer(within.typed()))) > 1
    advice = " all at once. Leave one of them out." if several else "."
    return f"Nothing in the library matches {within.typed()}{advice}"


def _there_are(what: str, names: Sequence[str]) -> str:
    if not names:
        return f"The library has no {what}."
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"The library's {what}: {', '.join(names[:_NAMED])}{more}."
