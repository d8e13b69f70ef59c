"""Every state of the page that is drawn on purpose, each reached as a person reaches it.

Used to take pictures of them (scripts/screenshots.py) and to test them for accessibility.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Page = Any
_ANSWER_MS = 60_000
_WORDS = (
    "harbour tide vessel ledger canal meadow winter copper engine letter market orchard paper quarry river "
    "signal timber valley window yard beacon cellar drum ember"
).split()


@dataclass(frozen=True, slots=True)
class Questions:
    """What to ask to reach a state.

    Attributes:
        answered: has an answer.
        from_pdf: has an answer in a PDF.
        refused: the documents do not say.
        disputed: the documents disagree.
        slow: takes until it is stopped.
        failed: ends in an error.
        topic: to brief on.
        listed: has as long an answer as there is.
        folder: to watch.
    """

    answered: str
    from_pdf: str
    refused: str
    disputed: str
    slow: str
    failed: str
    topic: str
    listed: str
    folder: Path


@dataclass(frozen=True, slots=True)
class State:
    """A state of the page.

    Attributes:
        show: brings a page that was just opened into it.
        library: "filled" has documents, and two finished runs of one question set; "empty" has none; "new" is
            one to which documents may be added.
    """

    name: str
    show: Callable[[Page, Questions], None]
    library: Literal["filled", "empty", "new"] = "filled"


def leave(page: Page) -> None:
    """Stop what a state has begun and others would have to wait for, or wait for its end."""
    for stop in ("#stop", "#evaluate-stop", "#models-stop"):
        if page.locator(stop).is_visible():
            page.locator(stop).click()
            page.locator(stop).wait_for(state="hidden", timeout=_ANSWER_MS)
    page.locator("#library-status progress").wait_for(state="hidden", timeout=2 * _ANSWER_MS)


def ask(page: Page, question: str, state: str = "done") -> Any:
    """Ask, and wait until the newest turn is in a state."""
    number = page.locator(".turn").count() + 1
    box = page.get_by_label("Your question")
    box.fill(question)
    box.press("Enter")
    turn = page.locator(f"#turn-{number}[data-state='{state}']")
    turn.wait_for(timeout=_ANSWER_MS)
    return turn


def _loading(page: Page, questions: Questions) -> None:
    # The frame's scripts never come: what the server has drawn stays.
    page.route("**/assets/*.js", lambda route: None)
    page.reload(wait_until="commit")
    page.locator("#opening .welcome").wait_for()


def _welcome(page: Page, questions: Questions) -> None:
    page.locator(".welcome").wait_for()


def _working(page: Page, questions: Questions) -> None:
    turn = ask(page, questions.slow, "working")
    turn.get_by_text("Reading passage").wait_for(timeout=_ANSWER_MS)


def _stopped(page: Page, questions: Questions) -> None:
    _working(page, questions)
    page.locator("#stop").click()
    page.get_by_text("not the whole answer").wait_for()


def _answered(page: Page, questions: Questions) -> None:
    ask(page, questions.answered)


def _hover(page: Page, questions: Questions) -> None:
    turn = ask(page, questions.answered)
    turn.locator("button.mark").first.hover()
    page.locator("#hover-card").wait_for(state="visible")


def _opened(page: Page, questions: Questions) -> None:
    turn = ask(page, questions.answered)
    turn.locator("button.note-button").first.click()
    page.locator("#reading mark").first.wait_for()


def _pdf(page: Page, questions: Questions) -> None:
    turn = ask(page, questions.from_pdf)
    turn.locator("button.note-button").first.click()
    page.locator("#reading .cited").first.wait_for()


def _refused(page: Page, questions: Questions) -> None:
    ask(page, questions.refused)


def _disputed(page: Page, questions: Questions) -> None:
    ask(page, questions.disputed)


def _failed(page: Page, questions: Questions) -> None:
    ask(page, questions.failed, "failed")


def _feedback(page: Page, questions: Questions) -> None:
    turn = ask(page, questions.answered)
    turn.locator("[data-rating='down']").click()
    page.locator(".reasons").wait_for()
    page.locator("[data-act='case-form']").click()
    page.locator(".case-form").wait_for()


def _talks(page: Page, questions: Questions) -> None:
    ask(page, questions.answered)
    if not page.locator("#rail").is_visible():
        page.locator("#rail-toggle").click()
    item = page.locator(".talks li").first
    item.hover()
    item.locator("[data-act='rename-talk']").click()
    item.locator(".renaming input").wait_for()


def _why(page: Page, questions: Questions) -> None:
    turn = ask(page, questions.answered)
    turn.locator("[data-act='why']").click()
    page.locator(".drawer").wait_for()


def _brief(page: Page, questions: Questions) -> None:
    page.get_by_label("Your question").fill(questions.topic)
    page.locator("#brief").click()
    page.locator("#turn-1[data-state='done'] .brief").wait_for(timeout=_ANSWER_MS)
    page.evaluate("document.querySelector('#turn-1').scrollIntoView()")


def _long(page: Page, questions: Questions) -> None:
    ask(page, questions.listed)
    page.evaluate("document.querySelector('#turn-1').scrollIntoView()")


def _ended(page: Page, questions: Questions) -> None:
    # The server cannot be reached any more.
    ask(page, questions.answered)
    page.route("**/favicon.ico*", lambda route: route.abort())
    page.locator("#gone").wait_for(timeout=10_000)


def _library(page: Page, questions: Questions) -> None:
    page.get_by_role("tab", name="Library").click()
    page.locator("#shelf").wait_for()
    page.wait_for_timeout(500)


def _document(page: Page, questions: Questions) -> None:
    _library(page, questions)
    page.locator("#shelf tbody [data-act='details']").first.click()
    page.locator("#library-document h2").first.wait_for()


def _pasting(page: Page, questions: Questions) -> None:
    _library(page, questions)
    page.locator("#paste summary").first.click()
    page.wait_for_timeout(300)


def _selected(page: Page, questions: Questions) -> None:
    _library(page, questions)
    page.get_by_label("Select all on this page").check()
    page.locator(".bulk [data-act='ask-remove']").click()
    page.locator(".bulk .danger").wait_for()


def _adding(page: Page, questions: Questions) -> None:
    page.get_by_role("tab", name="Library").click()
    # Long enough to be seen on the way, and new each time.
    chance = random.Random()
    files = [
        {"name": f"notes-{name}.txt", "mimeType": "text/plain", "buffer": _prose(chance).encode()}
        for name in ("april", "july", "june", "march", "may")
    ]
    page.locator("#drop input[type=file]").set_input_files(files)
    page.locator("#library-status progress").wait_for()


def _prose(chance: random.Random) -> str:
    sentences = (" ".join(chance.choices(_WORDS, k=12)).capitalize() for _ in range(2_500))
    return ".\n\n".join(sentences)


def _not_added(page: Page, questions: Questions) -> None:
    page.get_by_role("tab", name="Library").click()
    files = [
        {"name": name, "mimeType": "application/pdf", "buffer": content}
        for name, content in (("scan.pdf", b"%PDF-1.7 no more than this"), ("empty.txt", b""))
    ]
    page.locator("#drop input[type=file]").set_input_files(files)
    page.locator(".failures li").nth(1).wait_for(timeout=_ANSWER_MS)


def _watched(page: Page, questions: Questions) -> None:
    page.get_by_role("tab", name="Library").click()
    page.locator("#watched summary").first.click()
    if not page.locator("#watched [data-act='unwatch']").count():
        page.get_by_label("Folder", exact=True).fill(str(questions.folder))
        page.get_by_role("button", name="Watch this folder").click()
        page.get_by_text("Watched folders (1)").wait_for()
    page.locator("#shelf table").wait_for(timeout=_ANSWER_MS)


def _evaluate(page: Page, questions: Questions) -> None:
    page.get_by_role("tab", name="Evaluate").click()
    page.locator("#evaluate-runs tbody tr").first.wait_for()


def _evaluating(page: Page, questions: Questions) -> None:
    _evaluate(page, questions)
    lines = (
        json.dumps({"id": str(n), "kind": "fact", "question": question, "answers": ["noon"]})
        for n, question in enumerate((questions.answered, questions.slow), start=1)
    )
    asked = {"name": "mine.jsonl", "mimeType": "text/plain", "buffer": "\n".join(lines).encode()}
    page.get_by_text("Another question set").click()
    page.locator("#evaluate-drop input[type=file]").set_input_files([asked])
    page.get_by_role("button", name="Run mine").last.click()
    page.get_by_text("Question 2 of 2").wait_for(timeout=_ANSWER_MS)


def _evaluated(page: Page, questions: Questions) -> None:
    _evaluate(page, questions)
    page.locator("#evaluate-runs [data-do='open']").first.click()
    page.locator("#evaluate-result figure").first.wait_for()
    page.evaluate("document.querySelector('#evaluate-result').scrollIntoView()")


def _plots(page: Page, questions: Questions) -> None:
    _evaluated(page, questions)
    figure = "document.querySelector('#evaluate-result figure')"
    page.evaluate(f"scrollBy(0, {figure}.getBoundingClientRect().top - 20)")


def _compared(page: Page, questions: Questions) -> None:
    _evaluated(page, questions)
    page.get_by_text("Compare with another run").click()
    page.get_by_role("button", name="Compare with").first.click()
    page.get_by_role("heading", name="Two runs of").wait_for()
    page.locator("#evaluate-result details.case summary").first.click()
    page.evaluate("document.querySelector('#evaluate-result').scrollIntoView()")


def _models(page: Page, questions: Questions) -> None:
    page.get_by_role("tab", name="Models").click()
    page.locator("#models-list .model").first.wait_for()


def _offline(page: Page, questions: Questions) -> None:
    _models(page, questions)
    page.get_by_text("more in the catalogue").first.click()
    page.get_by_role("button", name="Download").first.click()
    page.locator("#models-told .failure").wait_for(timeout=_ANSWER_MS)


def _own_model(page: Page, questions: Questions) -> None:
    _models(page, questions)
    summary = page.get_by_text("Add a model of your own")
    summary.click()
    summary.scroll_into_view_if_needed()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")


STATES: tuple[State, ...] = (
    State("loading", _loading),
    State("empty", _welcome, "empty"),
    State("empty-library", _library, "empty"),
    State("welcome", _welcome),
    State("working", _working),
    State("stopped", _stopped),
    State("answered", _answered),
    State("footnote", _hover),
    State("opened", _opened),
    State("pdf", _pdf),
    State("long", _long),
    State("refused", _refused),
    State("disputed", _disputed),
    State("failed", _failed),
    State("ended", _ended),
    State("feedback", _feedback),
    State("conversations", _talks),
    State("why", _why),
    State("brief", _brief),
    State("library", _library),
    State("document", _document),
    State("selected", _selected),
    State("pasting", _pasting),
    State("not-added", _not_added, "new"),
    State("watched", _watched, "new"),
    State("adding", _adding, "new"),
    State("evaluate", _evaluate),
    State("evaluating", _evaluating),
    State("evaluated", _evaluated),
    State("plots", _plots),
    State("compared", _compared),
    State("models", _models),
    State("offline", _offline),
    State("own-model", _own_model),
)
