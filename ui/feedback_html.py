"""What a person can say about an answer, as HTML: a rating, its reason, a test case, asking again."""

from rag.types import Answer
from ui.markup import Markup, el, isolate
from ui.turns import Turn

REASONS = {
    "wrong": "The answer is wrong",
    "passage": "The footnote does not prove it",
    "incomplete": "Something is missing",
    "unsaid": "The documents do not say this",
    "said": "The documents do say it",
}
_LONGEST_GIVEN = 200
_OF_ANSWERS = ("wrong", "passage", "incomplete", "unsaid")
_OF_REFUSALS = ("said",)


def feedback_html(turn: Turn) -> Markup | None:
    """The row under a finished answer; None where there is nothing to say something about."""
    if turn.answer is None:
        return None
    row = el(
        "div",
        _rate(turn, "up", "Helpful"),
        _rate(turn, "down", "Not right"),
        _case_button(turn),
        el("button", "Why this answer", type="button", data_act="why", data_turn=turn.number),
        class_="acts",
        role="group",
        aria_label="About this answer",
    )
    return el(
        "div", row, _reasons(turn, turn.answer), _case_form(turn, turn.answer), class_="feedback"
    )


def stale_html(turn: Turn) -> Markup | None:
    """What has become of the documents since an older answer was given; None where nothing has."""
    if turn.answer is None:
        return None
    words = {
        "changed": " was changed: the words that are quoted no longer stand there.",
        "edited": " was changed; the words that are quoted still stand there.",
        "gone": " is no longer in the library.",
    }
    lines = [el("li", isolate(one.title), words[one.change]) for one in turn.stale]
    if not lines and turn.outdated and turn.answer.status == "refused":
        lines = [el("li", "Documents were added or changed; they may say it now.")]
    if not lines:
        return None
    return el(
        "div",
        el("p", "Since this was answered:"),
        el("ul", *lines),
        el("button", "Ask again", type="button", data_act="again", data_question=turn.question),
        class_="since",
        role="note",
    )


def _rate(turn: Turn, rating: str, label: str) -> Markup:
    return el(
        "button",
        label,
        type="button",
        class_=f"rate {rating}",
        data_act="rate",
        data_turn=turn.number,
        data_rating=rating,
        aria_pressed="true" if turn.rating == rating else "false",
    )


def _reasons(turn: Turn, answer: Answer) -> Markup | None:
    if turn.rating != "down":
        return None
    offered = _OF_REFUSALS if answer.status == "refused" else _OF_ANSWERS
    buttons = (
        el(
            "button",
            REASONS[reason],
            type="button",
            data_act="reason",
            data_turn=turn.number,
            data_reason=reason,
            aria_pressed="true" if turn.reason == reason else "false",
        )
        for reason in offered
    )
    return el(
        "div", el("span", "Why?"), *buttons, class_="reasons", role="group", aria_label="Why not"
    )


def _case_button(turn: Turn) -> Markup:
    return el(
        "button",
        "Kept as a test case" if turn.case_id else "Keep as a test case",
        type="button",
        data_act="case-form",
        aria_expanded="false",
        aria_pressed="true" if turn.case_id else "false",
    )


def _case_form(turn: Turn, answer: Answer) -> Markup:
    """Filled in with what was answered where that was right, and left to the person where it was not."""
    right = turn.rating != "down"
    name = f"case-{turn.number}"
    short = answer.short_answer or ""
    given = short if right and len(short) <= _LONGEST_GIVEN else ""
    refused = answer.status == "refused" and right
    proven = None
    if answer.sentences:
        proven = el(
            "label",
            el("input", type="checkbox", name="proven", checked=right),
            " The footnotes above prove it",
        )
    return el(
        "div",
        el("label", "The right answer, in the shortest words", for_=name),
        el("textarea", given, id=name, rows=2, dir="auto"),
        el(
            "label",
            el("input", type="checkbox", name="unsaid", checked=refused),
            " The documents do not say",
        ),
        proven,
        el(
            "div",
            el(
                "button",
                "Keep",
                type="button",
                class_="primary",
                data_act="keep-case",
                data_turn=turn.number,
            ),
            el("button", "Cancel", type="button", data_act="close-form"),
            class_="acts",
        ),
        el("p", "", class_="note", role="status"),
        class_="case-form",
        hidden=True,
    )
