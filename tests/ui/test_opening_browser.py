"""The page before Gradio has drawn it, in real headless Chromium: usable, and nothing is lost or moved."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from index.library import Library
from models.fake import FakeEmbedder

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

_EXAMPLE = "When did the tide come in?"
_PLACES = """(root) => Object.fromEntries(
  ["h1", ".brand p", "#live h2", ".welcome p", ".examples button", "#question-box textarea", "#send",
   "#rail-toggle", "#brief", "#clear", "#talk-words", "#reading", "#reading .placeholder", "[data-tab]"]
  .map((selector) => {
    const found = selector === "[data-tab]"
      ? ["ask", "library", "evaluate", "models"].map((tab) =>
          document.querySelector(`${root} [data-tab="${tab}"], ${root} #${tab}-tab-button`))
      : [document.querySelector(`${root} ${selector}`)];
    return [selector, found.map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return [x, y, width, height].map(Math.round);
    })];
  }))"""


@pytest.fixture(scope="module")
def address(
    tmp_path_factory: pytest.TempPathFactory, scripted: Any, served: Any, tides: str
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("opening")
    (folder / "tides.txt").write_text(tides)
    library = Library(folder / "library", FakeEmbedder())
    library.add([folder / "tides.txt"])
    with served(scripted(library), examples=[_EXAMPLE]) as address:
        yield address


@pytest.fixture
def held(browser: Any, address: str) -> Iterator[Any]:
    """A page whose Gradio scripts come only once `let` is called."""
    pages = []

    def make(**options: Any) -> Any:
        context = browser.new_context(**options)
        pages.append(context)
        page = context.new_page()
        waiting: list[Any] = []
        free = threading.Event()
        page.route(
            "**/assets/*.js",
            lambda route: route.continue_() if free.is_set() else waiting.append(route),
        )

        def let() -> None:
            free.set()
            while waiting:
                waiting.pop().continue_()

        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(address, wait_until="commit")
        page.locator("#opening").wait_for()
        page.let = let
        return page

    yield make
    for context in pages:
        context.close()


def drawn(page: Any) -> None:
    """Gradio's scripts come, and its page takes over."""
    page.let()
    page.locator("#opening").wait_for(state="detached", timeout=20_000)
    assert page.get_by_role("tab", name="Library").count() == 1


@pytest.mark.parametrize(
    ("width", "height", "scheme"),
    [
        (1280, 800, "light"),
        (1500, 900, "dark"),
        (820, 1180, "light"),
        (390, 844, "light"),
        (360, 640, "dark"),
    ],
)
def test_nothing_moves_when_gradio_takes_over(
    held: Any, width: int, height: int, scheme: str
) -> None:
    page = held(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.wait_for_function("document.fonts.status === 'loaded'")
    before = page.evaluate(_PLACES, "#opening")
    paper = "getComputedStyle(document.body).backgroundColor"
    colour = page.evaluate(paper)
    assert colour == ("rgb(21, 24, 26)" if scheme == "dark" else "rgb(250, 248, 244)")
    drawn(page)
    page.wait_for_timeout(500)
    assert page.evaluate(_PLACES, "gradio-app") == before
    assert page.evaluate(paper) == colour


def test_what_is_typed_meanwhile_goes_on_in_the_page(held: Any) -> None:
    page = held()
    page.keyboard.type("When did the come in?")
    for _ in range(len("come in?")):
        page.keyboard.press("ArrowLeft")
    drawn(page)
    page.keyboard.type("tide ")
    box = page.get_by_label("Your question")
    assert box.input_value() == "When did the tide come in?"
    assert box.evaluate("box => box === document.activeElement")
    page.keyboard.press("Enter")
    page.locator("#turn-1[data-state='done']").wait_for()
    assert box.input_value() == ""
    assert page.errors == []


def test_a_question_asked_meanwhile_is_asked_once(held: Any) -> None:
    page = held()
    page.keyboard.type("When did the tide come in?")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator("#send[aria-busy='true']").is_visible()
    drawn(page)
    page.locator("#turn-1[data-state='done']").wait_for()
    page.wait_for_timeout(300)
    assert page.locator(".turn").count() == 1
    assert page.locator("[aria-busy='true']").count() == 0


@pytest.mark.parametrize(
    ("name", "then"),
    [
        (_EXAMPLE, "#turn-1[data-state='done']"),
        ("Conversations", "#desk[data-rail]"),
    ],
)
def test_a_click_meanwhile_is_done_then(held: Any, name: str, then: str) -> None:
    page = held(viewport={"width": 1000, "height": 800})
    page.get_by_role("button", name=name, exact=True).click()
    drawn(page)
    page.locator(then).wait_for()
    assert page.errors == []


def test_another_tab_chosen_meanwhile_is_opened(held: Any) -> None:
    page = held()
    page.get_by_role("tab", name="Library").click()
    drawn(page)
    page.locator("#shelf table").wait_for()
    assert page.locator("#library-tab-button").evaluate("tab => tab === document.activeElement")


def test_the_keyboard_reaches_all_of_it_in_order(held: Any) -> None:
    page = held()
    names = []
    page.locator("#opening [data-tab]").first.focus()
    for _ in range(11):
        names.append(
            page.evaluate(
                "document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"
            )
        )
        page.keyboard.press("Tab")
    assert names[:4] == ["Ask", "Library", "Evaluate", "Models"]
    assert names[4:] == [
        "New conversation",
        "Search conversations",
        _EXAMPLE,
        "Your question",
        "Ask",
        "Conversations",
        "Brief on this topic",
    ]


def test_a_page_that_does_not_come_says_so_and_keeps_what_was_typed(held: Any) -> None:
    page = held()
    page.clock.install()
    page.reload(wait_until="commit")
    page.locator("#opening").wait_for()
    page.keyboard.type("When?")
    page.clock.fast_forward(21_000)
    page.get_by_role("alert").get_by_text("The page takes long to load").wait_for()
    page.reload(wait_until="commit")
    page.locator("#opening").wait_for()
    assert page.get_by_label("Your question").input_value() == "When?"
