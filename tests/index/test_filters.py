"""Filters: how they are typed, and which passages they let through."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from index.errors import FilterError
from index.filters import Filter, date_of, make_filter, passages_within, take_filters
from index.library import Library
from index.types import Role
from models.fake import FakeEmbedder

FILES = {
    "interview-chen.md": "# A talk with Chen\n\nPublished 16 January 2025\n\n"
    "Host: What does a lock cost?\n\nChen: A lock costs nine crowns.\n\n"
    "Host: And a gate?\n\nChen: A gate costs four crowns.\n",
    "reports/locks.txt": "Locks of the canal\n\n3 May 2023\n\nThe canal has twelve locks of stone.\n",
    "reports/gates.html": "<html><body><h1>Gates</h1><p>2024-02-11</p>"
    "<p>The gates are of oak and open twice a day.</p>"
    "<h2>Comments</h2><ol class='comments'><li class='comment'><p>Anna, 12 February 2024</p>"
    "<p>Oak rots, use steel.</p></li><li class='comment'><p>Bert, 13 February 2024</p>"
    "<p>Steel rusts.</p></li></ol></body></html>",
    "undated.txt": "A note on ferries\n\nThe ferry leaves at noon.\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("filters")
    for name, text in FILES.items():
        path = folder / "files" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    made = Library(folder / "library", FakeEmbedder())
    made.add([folder / "files"])
    yield made
    made.close()


def found(library: Library, within: Filter) -> set[str]:
    """Names of the files that passages are found in."""
    passages = library.store.passages(passages_within(library.store, within).tolist())
    documents = {passage.document_id for passage in passages}
    return {Path(d.path).name for d in library.store.documents() if d.id in documents}


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("source:interview*", {"interview-chen.md"}),
        ("source:INTERVIEW", {"interview-chen.md"}),
        ("source:reports/", {"locks.txt", "gates.html"}),
        ("source:*.txt", {"locks.txt", "undated.txt"}),
        ("source:*.txt source:gates.*", {"locks.txt", "undated.txt", "gates.html"}),
        ("source:“locks of the canal”", {"locks.txt"}),
        ("kind:html", {"gates.html"}),
        ("kind:.MD kind:html", {"interview-chen.md", "gates.html"}),
        ("from:2024", {"interview-chen.md", "gates.html"}),
        ("from:2024-03-01", {"interview-chen.md"}),
        ("to:2023-05-03", {"locks.txt"}),
        ("to:2024", {"locks.txt", "gates.html"}),
        ('from:"3 May 2023" to:"February 2024"', {"locks.txt", "gates.html"}),
        ("speaker:chen", {"interview-chen.md"}),
        ("source:reports kind:txt", {"locks.txt"}),
    ],
)
def test_a_filter_lets_through(library: Library, typed: str, names: set[str]) -> None:
    words, within = take_filters(f"{typed} How many?")
    assert words == "How many?"
    assert found(library, within) == names


def test_only_passages_of_a_speaker_or_a_role_are_let_through(library: Library) -> None:
    ids = passages_within(library.store, Filter(speakers=("Chen",)))
    assert {p.speaker for p in library.store.passages(ids.tolist())} == {"Chen"}
    ids = passages_within(library.store, Filter(roles=(Role.COMMENT,)))
    assert {p.role for p in library.store.passages(ids.tolist())} == {Role.COMMENT}


def test_a_filter_reads_back_as_it_is_typed() -> None:
    pairs = [
        ("source", "the minutes"),
        ("source", "a*"),
        ("kind", "pdf"),
        ("speaker", "Mara Odum"),
        ("role", "speaker turn"),
        ("role", "comment"),
        ("from", "16 January 2025"),
        ("to", "2026"),
    ]
    made = make_filter(pairs)
    assert made.first == "2025-01-16"
    assert made.roles == (Role.SPEAKER, Role.COMMENT)
    assert take_filters(made.typed()) == ("", made)
    assert take_filters(f"Who? {made.typed()} Why?") == ("Who? Why?", made)


@pytest.mark.parametrize(
    "text",
    [
        "What does it say about roles: who decides?",
        "Is the ratio 3:4?",
        "see https://example.org/source:x",
        "What was shipped from: Rotterdam?",
        "",
    ],
)
def test_ordinary_questions_have_no_filters(text: str) -> None:
    assert take_filters(text) == (text, Filter())


def test_names_are_compared_by_their_words(tmp_path: Path) -> None:
    files = {
        "report [final].txt": "Dr. O’Brien: Yes.\n\nJ. Smith: No.\n\nDr. O’Brien: Well.\n\n"
        "J. Smith: No.\n",
        "other.txt": "Nothing here.\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / name for name in files])
    for typed in ('source:"report [final].txt"', 'source:"report [f*"'):
        assert found(library, take_filters(typed)[1]) == {"report [final].txt"}
    names = library.store.distinct("speaker")
    for name in names:
        ids = passages_within(library.store, Filter(speakers=(name.replace("’", "'"),)))
        assert {p.speaker for p in library.store.passages(ids.tolist())} == {name}
    library.close()


def test_a_quotation_mark_is_refused() -> None:
    with pytest.raises(FilterError, match="holds a quotation mark"):
        make_filter([("source", 'my "quoted" file')])


def test_filters_add_up() -> None:
    one = Filter(sources=("a",), first="2024")
    two = Filter(sources=("b",), last="2025", first="2023")
    assert one.joined(two) == Filter(sources=("a", "b"), first="2023", last="2025")
    assert not Filter()
    assert one
    assert replace(one).joined(Filter()) == one


@pytest.mark.parametrize(
    ("words", "iso"),
    [
        ("2025", "2025"),
        ("2025-03", "2025-03"),
        ("on 3 March 2025, a Monday", "2025-03-03"),
        ("March 2025", "2025-03"),
        ("March", None),
        ("the 1990s", None),
        ("yesterday", None),
    ],
)
def test_dates_are_read_as_they_are_written(words: str, iso: str | None) -> None:
    assert date_of(words) == iso


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("from:soon", r"from:soon is no date\. Write it as 2025-01-16"),
        ("role:poet", r"'poet' is no role; known are body, heading"),
        ('source:" "', r"source: has no value"),
        ("kind:.", r"kind: has no value"),
        ("source:memo*", r"No document matches source:memo\*\. The library's documents: "),
        ("speaker:Odum", r"No speaker matches speaker:Odum\. The library's speakers: "),
        (
            "from:2030",
            r"Nothing matches from:2030\. The documents with a date are from 2023-05-03 to 2025-01-16",
        ),
        ("kind:txt role:comment", r"matches kind:txt role:comment all at once"),
    ],
)
def test_what_cannot_be_is_said(library: Library, typed: str, message: str) -> None:
    with pytest.raises(FilterError, match=message):
        passages_within(library.store, take_filters(typed)[1])


def test_searches_keep_to_the_passages_allowed(library: Library) -> None:
    only = passages_within(library.store, Filter(sources=("reports/",))).tolist()
    vector = library.embedder.embed_queries(["What does a lock cost?"])
    assert {i for i, _ in library.vectors.search(vector, 50, only)} == set(only)
    assert {i for i, _ in library.lexical.search("lock locks gates", 50, only)} <= set(only)
    assert library.lexical.search("lock locks gates", 50, only)
    everything = dict(library.vectors.search(vector, 50))
    # Cosines do not depend on the filter.
    for ident, cosine in library.vectors.search(vector, 50, only):
        assert everything[ident] == pytest.approx(cosine)
    assert len(library.vectors.search(vector, 1, only)) == 1
    assert library.vectors.search(vector, 5, [10**9]) == []
