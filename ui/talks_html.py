"""The list of kept conversations as HTML."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rag.kept_turns import Kept
from ui.markup import Markup, el, isolate, join

SHOWN = 40


def talks_html(
    talks: Sequence[Kept],
    *,
    current: int | None,
    words: str = "",
    more: bool = False,
    now: datetime | None = None,
) -> Markup:
    """The conversations, newest first; the one that is open is marked.

    Args:
        talks: those to show.
        current: the id of the one that is open.
        words: what was searched for.
        more: whether there are older ones.
        now: the present, for tests.
    """
    if not talks:
        none = f"No conversation holds “{words.strip()}”." if words.strip() else "None yet."
        return el("p", none, class_="placeholder")
    today = now or datetime.now(UTC)
    items = (_item(talk, talk.id == current, today) for talk in talks)
    older = el("p", "Older ones are found by searching.", class_="placeholder") if more else None
    return join((el("ul", *items, class_="talks"), older))


def _item(talk: Kept, is_current: bool, today: datetime) -> Markup:
    n = "one question" if talk.n_turns == 1 else f"{talk.n_turns} questions"
    return el(
        "li",
        el(
            "button",
            el("span", isolate(talk.title), class_="title"),
            el("span", f"{_when(talk.changed_at, today)} · {n}", class_="details"),
            type="button",
            class_="talk",
            data_act="talk",
            data_talk=talk.id,
            aria_current="true" if is_current else None,
        ),
        _tools(talk),
        _renaming(talk),
        data_talk=talk.id,
    )


def _tools(talk: Kept) -> Markup:
    confirm = el(
        "span",
        el("span", "Delete it for good? "),
        el(
            "button",
            "Delete",
            type="button",
            class_="danger",
            data_act="delete-talk",
            data_talk=talk.id,
        ),
        el("button", "Keep", type="button", data_act="keep-talk"),
        class_="confirm",
        hidden=True,
    )
    return el(
        "span",
        el(
            "button",
            "Rename",
            type="button",
            data_act="rename-talk",
            aria_label=f"Rename {talk.title}",
        ),
        el(
            "button",
            "Delete",
            type="button",
            data_act="ask-delete-talk",
            aria_label=f"Delete {talk.title}",
        ),
        confirm,
        class_="tools",
    )


def _renaming(talk: Kept) -> Markup:
    return el(
        "span",
        el("input", type="text", value=talk.title, aria_label="New name", maxlength=120),
        el("button", "Save", type="button", data_act="save-talk", data_talk=talk.id),
        el("button", "Cancel", type="button", data_act="cancel-talk"),
        class_="renaming",
        hidden=True,
    )


def _when(moment: str, today: datetime) -> str:
    """A day in plain words, by the clock of this machine."""
    try:
        then = datetime.fromisoformat(moment).astimezone()
    except ValueError:
        return moment
    here = today.astimezone()
    days = (here.date() - then.date()).days
    if days == 0:
        return then.strftime("%H:%M")
    return "yesterday" if days == 1 else then.strftime("%Y-%m-%d")
