"""Takes pictures of the page: an answer with an open citation, in light, dark and phone width.

    python scripts/screenshot.py --library DIR --question "…" --out FOLDER [--fake]

Needs Playwright's Python package and a Chromium on this machine; neither is needed to run Footnote.
"""

import argparse
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from rag.pipeline import build_pipeline
from rag.settings import Settings
from ui.chat import serve
from ui.serving import choose_port

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2},
}
_ANSWER_TIMEOUT_MS = 120_000


def main() -> int:
    """Serve the page, take the pictures, stop."""
    arguments = _arguments()
    models = {"embedder": "fake", "generator": "fake"} if arguments.fake else {}
    pipeline = build_pipeline(Settings(library=arguments.library, **models))
    port = choose_port("127.0.0.1", None)
    ready, ended = threading.Event(), threading.Event()
    options = {"port": port, "open_browser": False, "ready": ready, "ended": ended}
    server = threading.Thread(target=serve, args=(pipeline,), kwargs=options)
    server.start()
    try:
        if not ready.wait(60):
            print("The page did not start within a minute.", file=sys.stderr)
            return 1
        arguments.out.mkdir(parents=True, exist_ok=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_chromium(), args=_FLAGS)
            for name in arguments.looks:
                _picture(browser, f"http://127.0.0.1:{port}", name, arguments)
            browser.close()
    finally:
        ended.set()
        server.join()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--library", type=Path, required=True, help="the library's folder")
    parser.add_argument("--question", action="append", required=True, help="may be repeated")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--fake", action="store_true", help="answer with the fake models")
    parser.add_argument("--looks", nargs="+", choices=_LOOKS, default=list(_LOOKS))
    return parser.parse_args()


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome")
    on_path = (path for name in names if (path := shutil.which(name)))
    found = os.environ.get("FOOTNOTE_CHROMIUM") or next(on_path, None)
    if found is None:
        raise SystemExit(f"No browser found; looked for {', '.join(names)}.")
    return found


def _picture(browser: Browser, address: str, name: str, arguments: argparse.Namespace) -> None:
    context = browser.new_context(**_LOOKS[name])
    page = context.new_page()
    page.goto(address)
    page.get_by_label("Your question").wait_for()
    _shoot(page, arguments.out / f"{name}-welcome.png")
    for number, question in enumerate(arguments.question, start=1):
        page.get_by_label("Your question").fill(question)
        page.keyboard.press("Enter")
        turn = page.locator(f"#turn-{number}:is([data-state='done'], [data-state='failed'])")
        turn.wait_for(timeout=_ANSWER_TIMEOUT_MS)
        if name == "phone":
            _shoot(page, arguments.out / f"{name}-answer-{number}.png")
        notes = turn.locator("button[data-act='footnote'], button[data-act='passage']")
        if notes.count():
            notes.first.click()
            page.locator("#reading mark").first.wait_for()
        _shoot(page, arguments.out / f"{name}-open-{number}.png")
    page.get_by_role("tab", name="Library").click()
    page.locator("#shelf table").wait_for()
    _shoot(page, arguments.out / f"{name}-library.png")
    context.close()


def _shoot(page: Page, path: Path) -> None:
    page.wait_for_timeout(700)
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    raise SystemExit(main())
