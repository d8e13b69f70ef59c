"""Every state of the page that is drawn on purpose, each reached as a person reaches it.

Used to take pictures of them (scripts/screenshots.py) and to test them for accessibility.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Page = Any
_ANSWER_MS = 180_000


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
    """

    answered: str
    from_pdf: str
    refused: str
    disputed: str
    slow: str
    failed: str
    topic: str


@dataclass(frozen=True, slots=True)
class State:
    """A state of the page.

    Attributes:
        show: brings a page that was just opened into it.
        empty: whether it needs an empty library.
    """

    name: str
    show: Callable[[Page, Questions], None]
    empty: bool = False


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


def _evaluate(page: Page, questions: Questions) -> None:
    page.get_by_role("tab", name="Evaluate").click()
    page.wait_for_timeout(1_000)


def _models(page: Page, questions: Questions) -> None:
    page.get_by_role("tab", name="Models").click()
    page.wait_for_timeout(1_500)


STATES: tuple[State, ...] = (
    State("loading", _loading),
    State("empty", _welcome, empty=True),
    State("empty-library", _library, empty=True),
    State("welcome", _welcome),
    State("working", _working),
    State("stopped", _stopped),
    State("answered", _answered),
    State("footnote", _hover),
    State("opened", _opened),
    State("pdf", _pdf),
    State("refused", _refused),
    State("disputed", _disputed),
    State("failed", _failed),
    State("feedback", _feedback),
    State("conversations", _talks),
    State("why", _why),
    State("brief", _brief),
    State("library", _library),
    State("document", _document),
    State("pasting", _pasting),
    State("evaluate", _evaluate),
    State("models", _models),
)
