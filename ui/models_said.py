"""What is going on in the tab of the models, and what came of it, as HTML."""

from collections.abc import Sequence

from ui.markup import Attribute, Markup, el, isolate, join
from ui.models_html import button
from ui.models_words import for_the_page
from ui.models_work import Job
from ui.pieces import deed, failure_html

_DOING = {"download": "Downloading", "use": "Loading", "measure": "Measuring"}


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
        deed("Stop the download", "stop", id="models-stop") if job.what == "download" else None,
        class_="adding running",
        data_what=job.what,
    )


def size_words(done: int, total: int) -> str:
    """How much of a download is here."""
    return f"{done / 1e6:,.1f} of {total / 1e6:,.1f} MB, {100 * done // max(total, 1)} %"


# -- what is said -------------------------------------------------------------------------------


def told_html(jobs: Sequence[Job], *, arriving: bool = False) -> Markup:
    """What came of what was begun; what goes on is read aloud now and then.

    Args:
        jobs: going on, or ended.
        arriving: whether the tab was opened just now; what ended well was told when it did.
    """
    told = [job for job in jobs if not arriving or job.state in ("running", "failed")]
    return el("div", *(_told(job) for job in told), data_heard=heard(jobs))


def heard(jobs: Sequence[Job]) -> str:
    """What is told of the jobs in short; the page sends it back."""
    return ", ".join(f"{job.n} {job.state} {_tenth(job)}" for job in jobs)


def _tenth(job: Job) -> int:
    """How far a download is; 0 of other jobs."""
    return 10 * job.done // job.total if job.total else 0


def _told(job: Job) -> Markup:
    if job.state == "running":
        far = f", {_tenth(job) * 10} percent" if job.what == "download" else ""
        return el("p", f"{_DOING[job.what]} {job.name}{far}", class_="unseen")
    if job.state == "failed":
        anyway = None
        if job.too_large:
            anyway = button(
                f"{job.what.capitalize()} anyway", job.what, job.name, data_anyway="yes"
            )
        return failure_html(for_the_page(" ".join(job.said)), anyway, role=None)
    return said_html(job.said)


def said_html(sentences: Sequence[str], **attributes: Attribute) -> Markup:
    """Sentences one below the other."""
    return el("div", *(el("p", isolate(one)) for one in sentences), class_="said", **attributes)
