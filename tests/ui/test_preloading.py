import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

from ui.preloading import Preload, default_memory


async def _app(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def links(preload: Preload, path: str) -> str:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(preload({"type": "http", "path": path}, None, send))
    return ", ".join(value.decode() for name, value in sent[0]["headers"] if name == b"link")


def test_what_the_first_opening_asked_for_is_named_to_the_next(tmp_path: Path) -> None:
    memory = tmp_path / "cache" / "page.json"
    preload = Preload(_app, memory)
    assert links(preload, "/") == ""
    for path in ("/assets/a-1.js", "/assets/b.css", "/assets/a-1.js", "/gradio_api/run", "/x.js"):
        assert links(preload, path) == ""
    named = (
        "</assets/a-1.js>; rel=modulepreload, </assets/b.css>; rel=preload; as=style; crossorigin"
    )
    assert links(preload, "/") == named
    assert links(Preload(_app, memory), "/") == named


def test_what_is_asked_for_later_is_not_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("ui.preloading.time.monotonic", lambda: now[0])
    preload = Preload(_app, tmp_path / "page.json")
    links(preload, "/")
    now[0] += 60
    links(preload, "/assets/late.js")
    assert links(preload, "/") == ""


@pytest.mark.parametrize(
    "kept",
    ["", "{}", "[1, null]", '["/assets/x.js>; rel=x, <http://evil.example/y.js"]', '["/x.js"]'],
)
def test_a_damaged_memory_is_passed_over(tmp_path: Path, kept: str) -> None:
    memory = tmp_path / "page.json"
    memory.write_text(kept)
    assert links(Preload(_app, memory), "/") == ""


def test_odd_paths_never_reach_the_header(tmp_path: Path) -> None:
    preload = Preload(_app, tmp_path / "page.json")
    links(preload, "/")
    for path in ("/assets/a>b.js", "/assets/../x.js", "/assets/a\r\nb.js", "/assets/é.js"):
        links(preload, path)
    assert links(preload, "/") == ""


def test_a_memory_that_cannot_be_written_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    preload = Preload(_app, tmp_path / "cache" / "page.json")
    links(preload, "/")
    links(preload, "/assets/a.js")
    assert "/assets/a.js" in links(preload, "/")


def test_each_choice_of_parts_has_a_memory_of_its_own() -> None:
    names = [default_memory(kinds).name for kinds in (["html", "tab"], ["tab", "html"], ["html"])]
    assert names[0] == names[1] != names[2]
    assert all(re.fullmatch(r"page-files-\d[\w.]*-[0-9a-f]{8}\.json", name) for name in names)
