"""What stands around a conversation: the question box, what can be done, and the head of the list."""

from ui.markup import Markup, el, join


def composer_html() -> Markup:
    """The question box with its buttons."""
    box = el(
        "textarea",
        rows=1,
        placeholder="Ask your documents…",
        aria_label="Your question",
        autocomplete="off",
        autofocus=True,
        data_box="question",
    )
    return join(
        (
            el("div", box, id="question-box"),
            el("button", "Ask", type="button", id="send", data_act="ask"),
            el("button", "Stop", type="button", id="stop", data_act="stop"),
        )
    )


def under_composer_html() -> Markup:
    """What else can be done with what was typed and with the conversation."""
    return join(
        (
            el("button", "Conversations", type="button", id="rail-toggle", data_act="rail"),
            el("button", "Brief on this topic", type="button", id="brief", data_act="topic"),
            el("button", "Save with proof", type="button", id="save", data_act="proof"),
        )
    )


def rail_html() -> Markup:
    """What stands above the list of conversations."""
    search = el(
        "input",
        type="search",
        id="talk-words",
        placeholder="Search conversations",
        aria_label="Search conversations",
        autocomplete="off",
    )
    new = el("button", "New conversation", type="button", id="clear", data_act="anew")
    return join((new, search))
