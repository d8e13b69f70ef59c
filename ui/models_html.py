"""The list of the models as HTML, in its groups."""

from collections.abc import Sequence
from dataclasses import dataclass

from models.measured import Speed
from rag.model_rows import ModelRow
from ui.markup import Attribute, Markup, el, isolate
from ui.model_table import gigabytes, memory_needed, quality_words, state
from ui.pieces import act, asking, deed

_GROUPS = {
    "generator": ("Answering", "These read the passages that were found, and answer."),
    "embedder": (
        "Finding",
        "These find passages, and need an index of their own. To try another one, let a terminal build "
        "an index beside the one in use and compare: ",
    ),
    "reranker": (
        "Ordering",
        "These put the passages that were found in order. One that is chosen is used from the next "
        "start of Footnote on.",
    ),
}
_TIERS = {
    "tiny": "for small and old machines",
    "small": "for an ordinary laptop",
    "laptop": "for a good laptop",
    "desktop": "for a desktop with much memory",
    "station": "for a workstation",
}
_READERS = {
    "extract": "points at words; your documents are quoted, nothing is written",
    "compose": "writes sentences, each checked against its passage",
}


@dataclass(frozen=True, slots=True)
class ListView:
    """What the list shows beside the models.

    Attributes:
        can_use: whether the pipeline can change its model while it runs.
        prover: what the settings say of ordering.
        later: what orders from the next start on; empty where that does not change.
        number: of the list, which rises when something changes; the page sends it back.
    """

    can_use: bool = True
    prover: str = "starter"
    later: str = ""
    number: int = 0


# -- the list -----------------------------------------------------------------------------------


def list_html(rows: Sequence[ModelRow], free: int | None, view: ListView) -> Markup:
    """All models in their groups.

    Args:
        rows: in use first, then here, then the catalogue.
        free: bytes of memory.
        view: what else is to be known.
    """
    memory = f"{gigabytes(free)} of memory are free now. " if free is not None else ""
    unusable = None
    if not view.can_use:
        unusable = el("p", "This page cannot change the model it answers with.", class_="note")
    groups = [_group(kind, [row for row in rows if row.kind == kind], view) for kind in _GROUPS]
    return el(
        "div",
        el("p", memory, "A ~ is an estimate from the size.", class_="note"),
        unusable,
        *groups,
        class_="models",
        # A bare 0 would be left out.
        data_seen=str(view.number),
    )


def _group(kind: str, rows: Sequence[ModelRow], view: ListView) -> Markup:
    title, sentence = _GROUPS[kind]
    near = [row for row in rows if row.here or row.in_use or row.source == "file" or row.bytes_here]
    far = [row for row in rows if row not in near]
    command = el("code", "footnote embedder try NAME") if kind == "embedder" else None
    return el(
        "section",
        el("h2", title, tabindex=-1, id=f"models-{kind}"),
        el("p", sentence, command, "." if command else None, class_="about-group"),
        *(_packaged_order(view) if kind == "reranker" else ()),
        el("ul", *(_item(row, view) for row in near), class_="model-list") if near else None,
        el(
            "details",
            el("summary", f"{len(far)} more in the catalogue"),
            el("ul", *(_item(row, view) for row in far), class_="model-list"),
            data_keep=kind,
        )
        if far
        else None,
        aria_labelledby=f"models-{kind}",
    )


def _packaged_order(view: ListView) -> tuple[Markup | None, ...]:
    """Whether what comes with Footnote orders, which is no row of the list, and how to go back to it."""
    if view.prover == "none":
        return (el("p", "None is in use: the settings say prover = none.", class_="note"),)
    if (view.later or view.prover) in ("starter", "fake"):
        when = "From the next start on" if view.later else "In use"
        return (el("p", f"{when}: the one that comes with Footnote.", class_="note"),)
    back = button(
        "Go back to the one that comes with Footnote", "order", "", disabled=not view.can_use
    )
    return (el("div", back, class_="acts"),)


def _item(row: ModelRow, view: ListView) -> Markup:
    waits = row.name == view.later and row.kind == "reranker"
    where = "used from the next start on" if waits else state(row)
    return el(
        "li",
        el(
            "h3",
            isolate(row.name),
            el("span", where, class_="state in-use" if row.in_use else "state"),
            data_name=row.name,
            tabindex=-1,
        ),
        el("p", isolate(_about(row)), class_="about") if _about(row) else None,
        el("dl", *_facts(row), class_="facts"),
        el("div", *_buttons(row, view), class_="acts"),
        class_="model",
        data_name=row.name,
    )


def _about(row: ModelRow) -> str:
    size = f"{row.params_b:.2g} billion parameters" if row.params_b else ""
    parts = [part for part in (size, _TIERS.get(row.tier or "", "")) if part]
    first = f"{', '.join(parts)}." if parts and row.source != "starter" else ""
    by_hand = row.kind == "generator" and row.source == "catalogue" and not row.can_download
    last = "Fetch its GGUF file by hand, and add that below." if by_hand and not row.here else ""
    parts = [first[:1].upper() + first[1:], row.notes, last]
    return " ".join(part for part in parts if part)


def _facts(row: ModelRow) -> list[Markup]:
    fits = {True: "fits now", False: "does not fit now", None: ""}[row.fits]
    facts = {
        "Size": gigabytes(row.size_bytes),
        "Memory": ", ".join(part for part in (memory_needed(row), fits) if part not in ("-", "")),
        "Licence": row.licence or "",
        "How it is used": _READERS.get(row.reader or "", ""),
        "Measured here": measured_words(row.speed) if row.speed else "",
        "On your questions": quality_words(row),
        "Where": row.where or "" if row.source == "file" else "",
    }
    return [
        el(
            "div",
            el("dt", name),
            el(
                "dd",
                isolate(value),
                class_="problem" if fits in value and row.fits is False else None,
            )
            if name == "Memory"
            else el("dd", isolate(value)),
        )
        for name, value in facts.items()
        if value not in ("", "-")
    ]


def measured_words(speed: Speed) -> str:
    """How fast a model was here."""
    written = speed.generated_tokens_per_s
    writes = "" if written is None else f" and writes {written:.0f}"
    return f"reads {speed.prompt_tokens_per_s:.0f}{writes} tokens a second, {speed.measured}"


def _buttons(row: ModelRow, view: ListView) -> list[Markup]:
    buttons: list[Markup] = []
    if row.here and row.kind != "embedder" and _can_be_chosen(row, view):
        buttons.append(button("Use", "use", row.name, disabled=not view.can_use))
    if row.can_download and not row.here:
        label = "Go on with the download" if row.bytes_here else "Download"
        buttons.append(button(label, "download", row.name))
    if row.here and row.kind == "generator":
        buttons.append(button("Measure", "measure", row.name))
    removable = row.source != "starter" and (row.here or row.bytes_here or row.source == "file")
    if removable and not row.in_use:
        buttons.append(_removal(row))
    return buttons


def _can_be_chosen(row: ModelRow, view: ListView) -> bool:
    """Whether it is not what is used from now or from the next start on."""
    if row.kind == "reranker" and view.later:
        return row.name != view.later
    return not row.in_use


def _removal(row: ModelRow) -> Markup:
    label = "Remove" if row.source == "catalogue" else "Take off the list"
    question = "Delete its files? " if row.source == "catalogue" else "Nothing is deleted. Sure? "
    return asking(
        act(label, "ask-remove", data_name=row.name, aria_label=f"{label}: {row.name}"),
        question,
        button(label, "remove", row.name, class_="danger"),
        act("Keep", "keep", data_name=row.name),
    )


def button(label: str, do: str, name: str, **attributes: Attribute) -> Markup:
    """A button whose click the handlers know by `do`, for the model of that name."""
    spoken = f"{label}: {name}" if name else None
    return deed(label, do, data_name=name, aria_label=spoken, **attributes)
