"""Every state of the page under axe-core, light, dark and at phone width: nothing serious or critical."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index.library import Library
from models.fake import FakeEmbedder
from rag.pipeline import build_pipeline
from rag.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

ROOT = Path(__file__).resolve().parents[2]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
# Gradio's own frame, which is not ours to change: none is left out at present.
_RULES = {"resultTypes": ["violations"]}


def _states() -> Any:
    name = "page_states"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ROOT / "scripts" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


states = _states()
QUESTIONS = states.Questions(
    answered="When did the tide come in?",
    from_pdf="source:report-compute How much private investment came in the United States?",
    refused="nothing of this?",
    disputed="disagree: when did the tide come in?",
    slow="slowly: when did the tide come in?",
    failed="fail, please",
    topic="private investment",
)
# These need more of a pipeline than the script has.
_REAL = ("brief", "pdf", "why")


@pytest.fixture(scope="module")
def addresses(
    tmp_path_factory: pytest.TempPathFactory, scripted: Any, served: Any
) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("axe")
    (folder / "tides.txt").write_text(
        "Tides of the northern shore\n\nThe tide came in at noon and covered the beach.\n\n"
        "It left the harbour at dusk. Nobody measured how high it stood.\n"
    )
    report = ROOT / "samples" / "documents" / "report-compute-ledger-2025.pdf"
    library = Library(folder / "library", FakeEmbedder())
    library.add([folder / "tides.txt", report])
    empty = Library(folder / "empty", FakeEmbedder())
    real = build_pipeline(
        Settings(library=folder / "real", embedder="fake", generator="fake", min_confidence=0.0)
    )
    real.library.add([folder / "tides.txt", report])
    with (
        served(scripted(library)) as filled,
        served(scripted(empty)) as bare,
        served(real) as whole,
    ):
        yield {"filled": filled, "empty": bare, "real": whole}
    for opened in (library, empty):
        opened.close()
    real.close()


@pytest.mark.parametrize("look", LOOKS)
def test_no_state_has_a_serious_violation(
    browser: Any, addresses: dict[str, str], look: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = []
    for state in states.STATES:
        which = "empty" if state.empty else "real" if state.name in _REAL else "filled"
        context = browser.new_context(**LOOKS[look])
        page = context.new_page()
        page.goto(addresses[which])
        page.get_by_label("Your question").wait_for(timeout=20_000)
        state.show(page, QUESTIONS)
        page.wait_for_timeout(300)
        for violation in axe.run(page, options=_RULES).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                nodes = [node["html"][:160] for node in violation["nodes"][:3]]
                found.append((state.name, violation["id"], violation["help"], nodes))
        if page.locator("#stop").is_visible():
            page.locator("#stop").click()
        context.close()
    assert found == []
