"""What the server puts into Gradio's page, without a browser."""

from typing import Any

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, StreamingResponse
from starlette.testclient import TestClient

from ui import looks
from ui.html import welcome_html
from ui.markup import Markup, el
from ui.opening import Opening, opening_html

_PAGE = "<html><head><title>x</title></head><body><gradio-app></gradio-app></body></html>"


def opened(app: Any, body: str = "<p>first</p>", path: str = "/") -> Any:
    return TestClient(Opening(app, lambda: Markup(body))).get(path)


@pytest.mark.parametrize(
    "app", [HTMLResponse(_PAGE), StreamingResponse(iter([_PAGE[:40], _PAGE[40:]]))]
)
def test_it_stands_before_the_page_of_gradio(app: Any) -> None:
    response = opened(app)
    head, _, body = response.text.partition("</head>")
    assert looks.style() in head
    assert body.startswith("<body><p>first</p><script>")
    assert body.endswith('<gradio-app inert aria-hidden="true"></gradio-app></body></html>')
    assert int(response.headers["content-length"]) == len(response.content)


@pytest.mark.parametrize(
    ("app", "path"),
    [(PlainTextResponse("no page"), "/"), (HTMLResponse(_PAGE), "/other")],
)
def test_everything_else_goes_through_as_it_is(app: Any, path: str) -> None:
    response = opened(app, path=path)
    assert response.text == app.body.decode()
    assert response.headers["content-length"] == str(len(app.body))


def test_questions_of_the_library_stay_text() -> None:
    hostile = "</script><script>alert(1)</script> ${1} {{2}} </gradio-app>"
    shown = opening_html(welcome_html(2, [hostile]), el("p"))
    assert "<script" not in shown
    assert "&#60;script&#62;alert(1)" in shown


def test_scripts_do_not_end_where_they_name_markup() -> None:
    for script in (looks.head(), looks.opening_script()):
        assert script.count("</script>") == 1


def test_the_frame_comes_before_what_is_nested() -> None:
    frame, _, nested = looks.style().partition(
        ".gradio-container.gradio-container.gradio-container {"
    )
    assert "@font-face" in frame
    assert "#opening" in frame
    # What may not be nested, and what would then mean something else.
    for word in ("@font-face", "@keyframes", ":root", "\nbody", "\n.gradio-container"):
        assert word not in nested
    assert nested.count("{") + 1 == nested.count("}")


def test_gradios_page_comes_where_the_opening_cannot_be_drawn() -> None:
    def broken() -> Markup:
        raise OSError("disk")

    response = TestClient(Opening(HTMLResponse(_PAGE), broken)).get("/")
    assert response.status_code == 200
    assert looks.style() in response.text
    assert response.text.endswith("<body><gradio-app></gradio-app></body></html>")
