"""What a person can choose before a run, as HTML: how many questions, and sets that lie elsewhere."""

from ui.markup import Markup, el
from ui.pieces import field


def choices_html() -> Markup:
    """How many questions are asked, and where another set is."""
    return el(
        "div",
        field(
            "evaluate-count",
            "How many questions, from the first on",
            "input",
            type="text",
            placeholder="all",
            autocomplete="off",
        ),
        el(
            "details",
            el("summary", "Another question set"),
            _path_form(),
            el(
                "div",
                el(
                    "label",
                    "Choose a file",
                    el("input", type="file", accept=".jsonl", id="evaluate-file"),
                    class_="button",
                ),
                el("span", "or drop one here; it is kept with your library", class_="note"),
                class_="drop",
                id="evaluate-drop",
            ),
            el("p", class_="note handing", role="status"),
            id="evaluate-other",
        ),
        class_="choices",
    )


def _path_form() -> Markup:
    return el(
        "form",
        field(
            "evaluate-path",
            "Path of a question set on this machine (.jsonl)",
            "input",
            type="text",
            # Gradio takes what has a “path” for an uploaded file.
            name="where",
            autocomplete="off",
            spellcheck="false",
        ),
        el("button", "Add to the list", type="submit", id="evaluate-offer"),
        class_="fill-in",
        data_do="name",
    )
