from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.splitter import Splitter, breadcrumb, embedded_text
from index.structure import analyse
from index.types import Analysis, Block, Document, LoadedText, Passage, Role, Span
from models.fake import FakeEmbedder

DOCUMENT = Document(id=7, path="/d/a.txt", title="A title", sha256="", n_chars=0)
WORDS = st.one_of(
    st.sampled_from(["The harbour froze.", "Smith:", "# Head", "中国举办第三届会议。", "😀👩‍👩‍👧"]),
    st.sampled_from(["\n", "\n\n", "\r\n", " ", "\t", "\x85", "\u2028"]),
    st.text(max_size=30),
    st.integers(1, 900).map(lambda n: "x" * n),
    st.integers(1, 300).map(lambda n: "字" * n),
    st.integers(1, 200).map(lambda n: "!?" * n),
)
TEXTS = st.lists(WORDS, max_size=40).map("".join)


def check(text: str, passages: list[Passage], embedder: FakeEmbedder, offset: int = 0) -> None:
    """What the splitter promises for any text."""
    seen: set[int] = set()
    for passage in passages:
        assert passage.text == text[passage.start - offset : passage.end - offset]
        assert passage.text == passage.text.strip() != ""
        own = range(passage.start - offset, passage.end - offset)
        assert not seen.intersection(own)
        seen.update(own)
        whole = embedded_text(passage.breadcrumb, passage.text)
        assert embedder.count_tokens([whole]) == [passage.n_tokens]
        assert passage.n_tokens <= embedder.max_tokens
    assert {i for i, char in enumerate(text) if not char.isspace()} <= seen
    assert all(a.end <= b.start for a, b in pairwise(passages))


@settings(max_examples=150, deadline=None)
@given(TEXTS, st.sampled_from([16, 40, 256]), st.integers(0, 1000))
def test_any_text(text: str, max_tokens: int, offset: int) -> None:
    embedder = FakeEmbedder(max_tokens=max_tokens)
    splitter = Splitter(embedder.count_tokens, max_tokens=max_tokens)
    analysis = analyse(LoadedText(text, start=offset))
    check(text, splitter.split(text, analysis, DOCUMENT, offset=offset), embedder, offset)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=2000), st.text(max_size=2000))
def test_a_huge_breadcrumb_leaves_room(title: str, section: str) -> None:
    embedder = FakeEmbedder(max_tokens=32)
    document = Document(id=1, path="", title=title, sha256="", n_chars=0, date="2024-05-14")
    text = "Some words of the text. " * 20
    block = Block(0, len(text), Role.BODY, section=Span(0, 1, section), speaker=Span(0, 1, title))
    splitter = Splitter(embedder.count_tokens, max_tokens=32)
    check(text, splitter.split(text, Analysis((block,)), document), embedder)


class PairEmbedder(FakeEmbedder):
    """Counts more for the whole than for its parts, as tokenizers may at the seams."""

    def count_tokens(self, texts: list[str]) -> list[int]:  # type: ignore[override]
        counts = super().count_tokens(texts)
        return [n + text.count(". ") * 4 for n, text in zip(counts, texts, strict=True)]


def test_the_whole_may_count_more_than_its_parts() -> None:
    embedder = PairEmbedder(max_tokens=48)
    text = "Ice came. Snow fell. " * 60
    splitter = Splitter(embedder.count_tokens, max_tokens=48)
    block = Block(0, len(text), Role.BODY)
    check(text, splitter.split(text, Analysis((block,)), DOCUMENT), embedder)


@pytest.mark.parametrize(
    "text",
    ["x" * 200_000, "字" * 50_000, "😀" * 50_000, "word " * 50_000, "a.b" * 50_000],
)
def test_megabytes_without_a_sentence(text: str) -> None:
    embedder = FakeEmbedder()
    splitter = Splitter(embedder.count_tokens, max_tokens=256)
    block = Block(0, len(text), Role.BODY)
    check(text, splitter.split(text, Analysis((block,)), DOCUMENT), embedder)


def test_sentences_stay_whole_where_they_fit() -> None:
    embedder = FakeEmbedder(max_tokens=64)
    sentence = "The harbour froze early that year and nobody minded. "
    text = (sentence * 30).strip()
    splitter = Splitter(embedder.count_tokens, max_tokens=64, target_tokens=40)
    passages = splitter.split(text, Analysis((Block(0, len(text), Role.BODY),)), DOCUMENT)
    assert all(p.text.startswith("The") and p.text.endswith("minded.") for p in passages)


def test_speakers_sections_and_roles_do_not_share_a_passage() -> None:
    text = "Intro words.\nHead\nAnn: yes.\nBob: no.\nBuy now!"
    names = {"Ann": Span(18, 21, "Ann"), "Bob": Span(28, 31, "Bob")}
    head = Span(13, 17, "Head")
    blocks = (
        Block(0, 12, Role.BODY),
        Block(13, 17, Role.HEADING, level=2),
        Block(18, 27, Role.SPEAKER, speaker=names["Ann"], section=head),
        Block(28, 36, Role.SPEAKER, speaker=names["Bob"], section=head),
        Block(37, 45, Role.FURNITURE, section=head),
    )
    splitter = Splitter(FakeEmbedder().count_tokens, max_tokens=256)
    passages = splitter.split(text, Analysis(blocks), DOCUMENT)
    assert [(p.text, p.speaker, p.role) for p in passages] == [
        ("Intro words.", None, Role.BODY),
        ("Head\nAnn: yes.", "Ann", Role.SPEAKER),
        ("Bob: no.", "Bob", Role.SPEAKER),
        ("Buy now!", None, Role.FURNITURE),
    ]
    assert passages[1].breadcrumb == "A title › Head › Ann"
    assert passages[1].speaker_span == (18, 21)
    assert passages[3].breadcrumb.endswith("furniture")


def test_breadcrumb_says_nothing_twice_and_is_one_line() -> None:
    document = Document(id=1, path="", title="A\n title", sha256="", n_chars=0, date="2024")
    block = Block(0, 1, Role.CORRECTION, section=Span(0, 1, "A\n title"))
    assert breadcrumb(document, block) == "A title › 2024 › correction"
