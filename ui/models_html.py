"""The tab of the models as HTML: the list, what is going on, and what came of it."""

from collections.abc import Sequence

from models.measured import Speed
from rag.model_rows import ModelRow
from ui.markup import Markup, el, isolate, join
from ui.model_table import gigabytes, memory_needed, quality_words, state
from ui.models_work import Job

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
_DOING = {"download": "Downloading", "use": "Loading", "measure": "Measuring"}


# -- the list -----------------------------------------------------------------------------------


def list_html(
    rows: Sequence[ModelRow], free: int | None, *, can_use: bool, later: str = ""
) -> Markup:
    """All models in their groups.

    Args:
        rows: in use first, then here, then the catalogue.
        free: bytes of memory.
        can_use: whether the pipeline can change its model while it runs.
        later: a reranker that is used from the next start on.
    """
    memory = f"{gigabytes(free)} of memory are free now. " if free is not None else ""
    unusable = None
    if not can_use:
        unusable = el("p", "This page cannot change the model it answers with.", class_="note")
    groups = [
        _group(kind, [row for row in rows if row.kind == kind], can_use, later) for kind in _GROUPS
    ]
    return el(
        "div",
        el("p", memory, "A ~ is an estimate from the size.", class_="note"),
        unusable,
        *groups,
        class_="models",
    )


def _group(kind: str, rows: Sequence[ModelRow], can_use: bool, later: str) -> Markup:
    title, sentence = _GROUPS[kind]
    near = [row for row in rows if row.here or row.in_use or row.source == "file" or row.bytes_here]
    far = [row for row in rows if row not in near]
    command = el("code", "footnote embedder try NAME") if kind == "embedder" else None
    return el(
        "section",
        el("h3", title, tabindex=-1, id=f"models-{kind}"),
        el("p", sentence, command, "." if command else None, class_="about-group"),
        _default(kind, near),
        el("ul", *(_item(row, can_use, later) for row in near), class_="model-list")
        if near
        else None,
        el(
            "details",
            el("summary", f"{len(far)} more in the catalogue"),
            el("ul", *(_item(row, can_use, later) for row in far), class_="model-list"),
            data_kind=kind,
        )
        if far
        else None,
        aria_labelledby=f"models-{kind}",
    )


def _default(kind: str, near: Sequence[ModelRow]) -> Markup | None:
    """Rerankers and fakes that are used are not all in the list."""
    if kind == "reranker" and not any(row.in_use for row in near):
        return el("p", "In use: the one that comes with Footnote.", class_="note")
    return None


def _item(row: ModelRow, can_use: bool, later: str) -> Markup:
    waits = row.name == later and row.kind == "reranker"
    where = "used from the next start on" if waits else state(row)
    return el(
        "li",
        el(
            "h4",
            isolate(row.name),
            el("span", where, class_="state in-use" if row.in_use else "state"),
        ),
        el("p", isolate(_about(row)), class_="about") if _about(row) else None,
        el("dl", *_facts(row), class_="facts"),
        el("div", *_buttons(row, can_use and not waits), class_="acts"),
        class_="model",
        data_name=row.name,
    )


def _about(row: ModelRow) -> str:
    size = f"{row.params_b:.2g} billion parameters" if row.params_b else ""
    parts = [part for part in (size, _TIERS.get(row.tier or "", "")) if part]
    first = f"{', '.join(parts)}." if parts and row.source != "starter" else ""
    return " ".join(part for part in (first[:1].upper() + first[1:], row.notes) if part)


def _facts(row: ModelRow) -> list[Markup]:
    fits = {True: "fits now", False: "does not fit now", None: ""}[row.fits]
    facts = {
        "Size": gigabytes(row.size_bytes),
        "Memory": ", ".join(part for part in (memory_needed(row), fits) if part not in ("-", "")),
        "Licence": row.licence or "",
        "How it is used": _READERS.get(row.reader or "", ""),
        "Measured here": measured_words(row.speed) if row.speed else "",
        "On your questions": quality_words(row),
        "Where": row.where or "" if row.source in ("file", "address") else "",
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


def _buttons(row: ModelRow, can_use: bool) -> list[Markup | None]:
    buttons: list[Markup | None] = []
    if row.here and not row.in_use and row.kind != "embedder":
        buttons.append(button("Use", "use", row.name, disabled=not can_use))
    if row.can_download and not row.here:
        label = "Go on with the download" if row.bytes_here else "Download"
        buttons.append(button(label, "download", row.name))
    if row.here and row.kind == "generator":
        buttons.append(button("Measure", "measure", row.name))
    removable = row.source != "starter" and (row.here or row.bytes_here or row.source == "file")
    if removable and not row.in_use:
        buttons += _removal(row)
    return buttons


def _removal(row: ModelRow) -> list[Markup]:
    label = "Remove" if row.source == "catalogue" else "Take off the list"
    question = "Delete its files? " if row.source == "catalogue" else "Nothing is deleted. Sure? "
    ask = el(
        "button", label, type="button", data_act="ask-remove", aria_label=f"{label}: {row.name}"
    )
    sure = button(label, "remove", row.name, class_="danger")
    keep = el("button", "Keep", type="button", data_act="keep")
    return [ask, el("span", el("span", question), sure, keep, class_="confirm", hidden=True)]


def button(
    label: str,
    do: str,
    name: str,
    *,
    anyway: bool = False,
    disabled: bool = False,
    class_: str | None = None,
) -> Markup:
    """A button whose click the handlers know by `do`, for the model of that name."""
    return el(
        "button",
        label,
        type="button",
        class_=class_,
        disabled=disabled,
        data_act="models",
        data_do=do,
        data_name=name,
        data_anyway="yes" if anyway else None,
        aria_label=f"{label}: {name}",
    )


# -- what is going on ---------------------------------------------------------------------------


def progress_html(jobs: Sequence[Job]) -> Markup:
    """How far a download is, and what else is going on."""
    return join(_running(job) for job in jobs if job.state == "running")


def _running(job: Job) -> Markup:
    if job.what == "download":
        place = "Asking the hub" if not job.total else f"{size_words(job.done, job.total)}"
        place = "Stopping" if job.stopping else place
    else:
        place = {
            "use": "It answers from the next question on; questions being answered end with the "
            "model they began with.",
            "measure": "It reads and writes some hundred tokens, which may take a minute.",
        }[job.what]
    known = job.what == "download" and job.total > 0
    return el(
        "section",
        el("h3", f"{_DOING[job.what]} ", isolate(job.name)),
        el(
            "progress",
            max=job.total if known else None,
            value=job.done if known else None,
            aria_label=f"{_DOING[job.what]} {job.name}",
        ),
        el("p", place, class_="place"),
        class_="adding running",
        data_state="running",
        data_what=job.what,
    )


def size_words(done: int, total: int) -> str:
    """How much of a download is here."""
    return f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB, {100 * done // max(total, 1)} %"


# -- what is said -------------------------------------------------------------------------------


def told_html(jobs: Sequence[Job]) -> Markup:
    """What came of what was begun; what goes on is read aloud now and then."""
    return join(_told(job) for job in jobs)


def _told(job: Job) -> Markup:
    if job.state == "running":
        tenth = 10 * (10 * job.done // job.total) if job.total else 0
        far = f", {tenth} percent" if job.what == "download" else ""
        return el("p", f"{_DOING[job.what]} {job.name}{far}", class_="unseen")
    if job.state == "failed":
        anyway = None
        if job.too_large:
            anyway = button(f"{job.what.capitalize()} anyway", job.what, job.name, anyway=True)
        return failure_html(" ".join(job.said), anyway)
    return said_html(job.said)


def failure_html(message: str, more: Markup | None = None) -> Markup:
    """What went wrong, and perhaps a button."""
    return el("div", el("p", isolate(message)), more, class_="failure")


def said_html(sentences: Sequence[str]) -> Markup:
    """Sentences one below the other."""
    return el("div", *(el("p", isolate(one)) for one in sentences), class_="said")
