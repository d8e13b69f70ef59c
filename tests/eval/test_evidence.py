import hashlib

import pytest

from eval.errors import EvidenceError
from eval.evidence import Gold, GoldSpan, PathDocuments, resolve, resolve_all, words_of
from eval.types import Evidence, Question

TEXT = "Heading\n\nThe first words.\nMore of   the\nsame, and the first words."


def documents(**texts):
    paths = {name: f"docs/{name}.txt" for name in texts}
    return PathDocuments(paths, texts.__getitem__)


def by_offsets(start, end, words=None, source="a.txt"):
    digest = hashlib.sha256((words or TEXT[start:end]).encode()).hexdigest()
    return Evidence(source, start=start, end=end, sha256=digest)


def test_offsets():
    gold = resolve(by_offsets(9, 25), documents(a=TEXT))
    assert gold == Gold((GoldSpan("a", 9, 25),), words="the first words.")


def test_words_that_moved_are_found_again():
    gold = resolve(by_offsets(9, 25), documents(a="A new line.\n" + TEXT))
    assert gold.spans == (GoldSpan("a", 21, 37),)


def test_few_words_are_not_looked_for_elsewhere():
    with pytest.raises(EvidenceError, match="another version"):
        resolve(by_offsets(9, 18), documents(a="A new line.\n" + TEXT))


def test_another_version_is_a_clear_error():
    with pytest.raises(EvidenceError, match=r"docs/a\.txt.*the document is another version"):
        resolve(by_offsets(9, 25), documents(a=TEXT.replace("first", "second")))
    with pytest.raises(EvidenceError, match="another version"):
        resolve(by_offsets(9, 25), documents(a="short"))


def test_quotes_are_found_across_line_ends_and_everywhere():
    gold = resolve(Evidence("a.txt", quote="of the  same,"), documents(a=TEXT))
    (span,) = gold.spans
    assert TEXT[span.start : span.end] == "of   the\nsame,"
    assert len(resolve(Evidence("a", quote="first words."), documents(a=TEXT)).spans) == 2
    with pytest.raises(EvidenceError, match=r"'third words' do not stand in docs/a\.txt"):
        resolve(Evidence("a", quote="third words"), documents(a=TEXT))


def test_unknown_source():
    with pytest.raises(EvidenceError, match=r"no document of the library has 'b\.txt'"):
        resolve(Evidence("b.txt", quote="x"), documents(a=TEXT))


def test_a_whole_name_beats_a_part_of_one():
    both = documents(a=TEXT, xa=TEXT)
    assert [s.document for s in resolve(Evidence("a.txt", quote="Heading"), both).spans] == ["a"]
    found = resolve(Evidence("docs/a.txt", quote="Heading"), both)
    assert [s.document for s in found.spans] == ["a"]
    paths = {"a": "docs/a.txt", "b": "olddocs/a.txt"}
    folders = PathDocuments(paths, lambda _: TEXT)
    found = resolve(Evidence("docs/a.txt", quote="Heading"), folders)
    assert [s.document for s in found.spans] == ["a"]
    several = resolve(Evidence("docs", quote="Heading"), both)
    assert [s.document for s in several.spans] == ["a", "xa"]


def test_whole_documents():
    gold = resolve(Evidence("a.txt", grade=2.0), documents(a=TEXT))
    assert gold == Gold((GoldSpan("a", 0, len(TEXT)),), whole=True, grade=2.0)


def test_the_same_words_in_two_documents_are_one_piece():
    asked = Question(
        "1",
        "?",
        "fact",
        ("x",),
        evidence=(
            Evidence("a.txt", quote="of the same"),
            Evidence("b.txt", quote="of the  same"),
            Evidence("b.txt", quote="Heading"),
        ),
    )
    first, second = resolve_all([asked], documents(a=TEXT, b="New. " + TEXT))["1"]
    assert [span.document for span in first.spans] == ["a", "b"]
    assert [span.document for span in second.spans] == ["b"]


def test_whole_documents_are_never_merged():
    asked = Question("1", "?", "x", (), evidence=(Evidence("a.txt"), Evidence("b.txt")))
    assert len(resolve_all([asked], documents(a=TEXT, b=TEXT))["1"]) == 2


def test_overlap_needs_a_shared_character():
    gold = Gold((GoldSpan("a", 10, 20),))
    assert gold.overlaps("a", 19, 30)
    assert gold.overlaps("a", 0, 11)
    assert not gold.overlaps("a", 20, 30)
    assert not gold.overlaps("a", 0, 10)
    assert not gold.overlaps("b", 10, 20)


def test_all_problems_are_told_at_once():
    bad = [
        Question(str(n), "?", "fact", ("x",), evidence=(Evidence("b.txt", quote="x"),))
        for n in range(8)
    ]
    with pytest.raises(EvidenceError) as error:
        resolve_all(bad, documents(a=TEXT))
    assert "question 0, evidence 1" in str(error.value)
    assert "and 3 more" in str(error.value)


def test_texts_are_read_once():
    reads = []

    def read(name):
        reads.append(name)
        return TEXT

    paths = PathDocuments({"a": "docs/a.txt", "b": "docs/b.txt"}, read)
    resolve_all(
        [Question(str(n), "?", "fact", (), evidence=(by_offsets(9, 25),)) for n in range(3)], paths
    )
    assert reads == ["a"]


def test_words_of_a_piece_are_those_of_the_library():
    documents = PathDocuments({"1": "docs/a.txt"}, lambda _: "The tide came in at noon.")
    digest = hashlib.sha256(b"tide").hexdigest()
    assert words_of(Evidence("a.txt", 4, 8, digest), documents) == "tide"
    assert words_of(Evidence("a.txt", quote="at  noon"), documents) == "at  noon"
    assert words_of(Evidence("a.txt"), documents) is None
    assert words_of(Evidence("a.txt", 5, 9, digest), documents) is None
    assert words_of(Evidence("b.txt", 4, 8, digest), documents) is None
