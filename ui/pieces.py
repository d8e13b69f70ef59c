"""Small pieces of HTML that several tabs are made of: buttons, fields, questions, sentences.

What a button does is known by its `data-act`, in the script of its tab (`assets/`).
"""

from ui.markup import Attribute, Markup, el, isolate


def act(label: str, name: str, **attributes: Attribute) -> Markup:
    """A button that does something when it is clicked."""
    return el("button", label, type="button", data_act=name, **attributes)


def deed(label: str, do: str, **attributes: Attribute) -> Markup:
    """A button of a tab whose work goes on in the background (`jobs.js`).

    Args:
        label: what it says.
        do: what it does, by which the tab's handlers know it.
        **attributes: its data goes to the handlers with it.
    """
    return act(label, "act", data_do=do, **attributes)


def asking(ask: Markup, question: str, *answers: Markup) -> Markup:
    """A button that asks first, and its question, which is shown in place of it."""
    confirm = el("span", el("span", question), *answers, class_="confirm", hidden=True)
    return el("span", ask, confirm, class_="removal")


def field(ident: str, label: str, tag: str, **attributes: Attribute) -> Markup:
    """Something to fill in, under its label."""
    return el(
        "span",
        el("label", label, for_=ident),
        el(tag, id=ident, **attributes),
        class_="field",
    )


def failure_html(
    message: str,
    more: Markup | None = None,
    *,
    role: str | None = "alert",
    **attributes: Attribute,
) -> Markup:
    """What went wrong, and perhaps a button.

    Args:
        message: one sentence.
        more: stands below it.
        role: None in a part of the page that is read aloud anyway.
        **attributes: more of the element.
    """
    attributes |= {"class_": "failure", "role": role}
    if more is None:
        return el("p", isolate(message), **attributes)
    return el("div", el("p", isolate(message)), more, **attributes)


def message_html(before: str, name: str = "", after: str = "", **attributes: Attribute) -> Markup:
    """One sentence around a name from outside."""
    return el("p", before, isolate(name) if name else None, after, class_="note", **attributes)


def counted(n: int, noun: str) -> str:
    """A number with what it counts, such as "2 files"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
