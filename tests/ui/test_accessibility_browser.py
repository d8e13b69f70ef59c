"""Every state of the page under axe-core, light, dark and at phone width: nothing serious or critical."""

import importlib.util
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.background import Evaluations
from eval.types import Question
from index.library import Library
from models.fake import FakeEmbedder
from rag.pipeline import build_pipeline
from rag.settings import Settings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

ROOT = Path(__file__).resolve().parents[2]
LOOKS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
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
    listed="Which documents mention the tide?",
    folder=Path(),
)
# These need more of a pipeline than the script has.
_REAL = ("brief", "long", "pdf", "why", "models", "offline", "own-model")
_TIDES = (
    "Tides of the northern shore\n\nThe tide came in at noon and covered the beach.\n\n"
    "It left the harbour at dusk. Nobody measured how high it stood.\n"
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tides")


@pytest.fixture(scope="module")
def address(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    files: Path,
    scripted: Any,
    served: Any,
) -> Iterator[str]:
    """The page over a library; one at a time, since where uploads lie belongs to the whole process."""
    name = request.param
    (files / "tides.txt").write_text(_TIDES)
    folder = tmp_path_factory.mktemp(name)
    if name == "real":
        pipeline = build_pipeline(
            Settings(library=folder, embedder="fake", generator="fake", min_confidence=0.0)
        )
    else:
        pipeline = scripted(Library(folder, FakeEmbedder()))
    if name in ("real", "filled"):
        report = ROOT / "samples" / "documents" / "report-compute-ledger-2025.pdf"
        pipeline.library.add([files, report])
    if name == "filled":
        _measure(scripted, pipeline.library)
    with pytest.MonkeyPatch.context() as changed:
        changed.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        with served(pipeline) as address:
            yield address
    pipeline.library.close()


def _measure(scripted: Any, library: Library) -> None:
    """Two runs of one question set, between which an answer has changed."""

    class Other(scripted):
        """Answers one question less."""

        def __init__(self) -> None:
            super().__init__(library)
            self.settings = replace(self.settings, top_k=3)

        def _events(self, question: str) -> Any:
            return super()._events(question + " nothing" * (question == QUESTIONS.answered))

    questions = (
        Question("1", QUESTIONS.answered, "fact", ("at noon",), must_include=("noon",)),
        Question("2", "What did it leave at dusk?", "fact", (), must_include=("harbour",)),
        Question("3", "nothing of this?", "absent", (), unanswerable=True),
    )
    for pipeline in (Other(), scripted(library)):
        evaluations = Evaluations(pipeline)
        evaluations.start("kept.jsonl", questions)
        assert evaluations.wait(60).state == "finished"


def _violations(axe: Any, page: Any) -> list[tuple[str, ...]]:
    found = axe.run(page, options=_RULES).response["violations"]
    return [
        (violation["id"], violation["help"], *(n["html"][:160] for n in violation["nodes"][:3]))
        for violation in found
        if violation["impact"] in ("serious", "critical")
    ]


@pytest.fixture
def axe() -> Any:
    return pytest.importorskip("axe_playwright_python.sync_playwright").Axe()


@pytest.mark.parametrize("width", LOOKS)
@pytest.mark.parametrize(
    ("address", "state"),
    [("real" if s.name in _REAL else s.library, s) for s in states.STATES],
    indirect=["address"],
    ids=[s.name for s in states.STATES],
)
def test_no_state_has_a_serious_violation(
    browser: Any, axe: Any, address: str, files: Path, state: Any, width: str
) -> None:
    context = browser.new_context(**LOOKS[width])
    page = context.new_page()
    try:
        page.goto(address)
        page.get_by_label("Your question").wait_for(timeout=20_000)
        state.show(page, replace(QUESTIONS, folder=files))
        page.wait_for_timeout(300)
        assert _violations(axe, page) == []
        if width == "wide":
            # As the page does it itself where the system is dark.
            page.evaluate("document.body.classList.add('dark')")
            page.wait_for_timeout(300)
            assert _violations(axe, page) == []
        states.leave(page)
    finally:
        context.close()
