import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.weblink import at_words, cited_at, web_address

WORDS = "The tide came in at noon"


def address_of(tmp_path: Path, head: str, name: str = "page.html") -> str | None:
    file = tmp_path / name
    file.write_text(head, encoding="utf-8")
    return web_address(str(file), head)


@pytest.mark.parametrize(
    "head",
    [
        "<!-- saved from url=(0031)https://tides.example/report?a=1 -->\n<html>",
        "<head><link href='https://tides.example/report?a=1' rel=canonical></head>",
        '<META property="og:url" content="https://tides.example/report?a=1">',
        '<link rel="canonical" href="/report"><meta name="og:url" content="https://tides.example/report?a=1">',
    ],
)
def test_a_saved_page_says_where_it_came_from(tmp_path: Path, head: str) -> None:
    assert address_of(tmp_path, head) == "https://tides.example/report?a=1"


def test_markdown_says_it_in_its_front_matter(tmp_path: Path) -> None:
    text = "---\ntitle: Tides\nsource: https://tides.example/x\n---\n\nThe tide.\n"
    assert address_of(tmp_path, text, "clip.md") == "https://tides.example/x"
    assert address_of(tmp_path, "The source: https://a.example/\n", "plain.md") is None


@pytest.mark.parametrize(
    "stated",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://user:secret@tides.example/",
        "https://",
        "https://tides.example/" + "x" * 3_000,
        "https://tides.example/a b",
        "https://tides.example/&quot;&gt;&lt;script&gt;",
        "https://tides.example/${1}",
        "https://[tides",
        "",
    ],
)
def test_what_is_no_plain_address_is_no_link(tmp_path: Path, stated: str) -> None:
    assert address_of(tmp_path, f'<link rel="canonical" href="{stated}">') is None
    assert cited_at({"url": stated}, WORDS) is None


def test_a_file_that_is_gone_or_no_page_has_none(tmp_path: Path) -> None:
    assert web_address(str(tmp_path / "gone.html"), "1") is None
    assert address_of(tmp_path, '<link rel="canonical" href="https://a.example/">', "a.pdf") is None
    for place in (None, {}, {"url": 3}, {"line": 2}):
        assert cited_at(place, WORDS) is None


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece",
    [
        "<link canonical " + "a" * 1_980 + ">",
        "<link canonical " + "a = " * 490 + ">",
        "<!-- saved from url=(",
    ],
)
def test_no_page_takes_long_to_look_at(tmp_path: Path, piece: str) -> None:
    began = time.perf_counter()
    assert address_of(tmp_path, piece * (200_000 // len(piece))) is None
    assert time.perf_counter() - began < 2


def test_the_link_opens_at_the_words() -> None:
    link = cited_at({"url": "https://tides.example/report#top"}, "well-known, at noon & dusk\n")
    assert link == ("https://tides.example/report#:~:text=well%2Dknown%2C%20at%20noon%20%26%20dusk")
    long = " ".join(f"w{n}" for n in range(60))
    assert at_words("https://a.example/", long).endswith(
        "#:~:text=w0%20w1%20w2%20w3%20w4%20w5,w54%20w55%20w56%20w57%20w58%20w59"
    )


@given(st.text(max_size=300))
def test_no_words_leave_the_fragment(words: str) -> None:
    link = at_words("https://a.example/", words)
    base, _, fragment = link.partition("#:~:text=")
    assert base == "https://a.example/"
    assert not set(fragment) & set(" <>\"'`&-\\{}#")
    assert fragment.count(",") <= 1
    if fragment and "," not in fragment and not any("\ud800" <= c <= "\udfff" for c in words):
        assert unquote(fragment) == " ".join(words.split())
