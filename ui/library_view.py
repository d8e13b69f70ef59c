"""What one browser tab shows of the library, and how its parts come to be as HTML."""

import threading
from collections.abc import Mapping, Sequence

from index.listing import Wanted
from index.store import Store
from ui import following, incoming, pieces, shelf, uploads
from ui.document_page import document_html
from ui.finder import finder_html
from ui.keeper import Keeper, Run
from ui.markup import Markup, el, join

# In the order in which the page lists them.
PARTS = ("paste", "watched", "said", "status", "news", "document", "finder", "shelf")

# HTML for each of `PARTS`; None where it stays as it is.
Shown = tuple[str | None, ...]
NOTHING: Shown = (None,) * len(PARTS)


class View:
    """What a tab looks at.

    Attributes:
        wanted: which documents are listed.
        page: of the list.
        document: whose page is open.
        part: which stretch of its text is shown; None for none.
        said: what came of the last click.
        just_said: whether that was not drawn yet.
        news: the changes that are new to the person, after the first number up to the second; None before
            the first look.
        pasted: texts handed in so far; the form is emptied with each.
        sent: what the browser was given last, by part.
        numbers: of these; the browser says which it shows, since answers may overtake each other.
        seen: the state of the library that it shows.
        run_number: of the last run whose end was told.
        first_run: of the last run before the tab was opened; what came of it is old.
        lock: held while it is changed; clicks come in several threads.
    """

    def __init__(self) -> None:
        self.wanted = Wanted()
        self.page = 1
        self.document: int | None = None
        self.part: int | None = None
        self.said: Markup | None = None
        self.just_said = False
        self.news: tuple[int, int] | None = None
        self.pasted = 0
        self.sent: dict[str, Markup] = {}
        self.numbers: dict[str, int] = {}
        self.seen: tuple[object, ...] = ()
        self.run_number = self.first_run = 0
        self.lock = threading.RLock()

    def __deepcopy__(self, memo: object) -> "View":
        # Gradio makes each tab's state by copying the first one; no tab may begin with another's.
        return View()


def state_of(store: Store, keeper: Keeper) -> tuple[object, ...]:
    """What a look at the library depends on, quick to be asked for."""
    failures, n_failures = store.failures(1)
    watched = tuple(store.watched())
    return store.generation, keeper.run, n_failures, tuple(failures), watched, store.n_missing()


def changed_parts(view: View, store: Store, keeper: Keeper) -> Shown:
    """The parts that are other than what the browser shows."""
    view.seen = state_of(store, keeper)
    made = _made(view, store, keeper)
    changed = [part for part in PARTS if view.sent.get(part) != made[part]]
    view.sent = made
    for part in changed:
        view.numbers[part] = sum(view.numbers.values()) + 1
    return _numbered(view, changed)


def outrun_parts(view: View, drawn: object) -> Shown:
    """The parts of which the browser shows an older state than it was given last.

    Args:
        view: of the tab.
        drawn: numbers of what it shows, by part.
    """
    if not isinstance(drawn, Mapping):
        return NOTHING
    return _numbered(
        view, [part for part in view.sent if drawn.get(part, 0) != view.numbers.get(part)]
    )


def _numbered(view: View, parts: Sequence[str]) -> Shown:
    return tuple(
        el("div", view.sent[part], data_part=part, data_draw=view.numbers[part])
        if part in parts
        else None
        for part in PARTS
    )


def _made(view: View, store: Store, keeper: Keeper) -> dict[str, Markup]:
    run = keeper.run
    if _announce(view, run):
        # What comes while somebody looks is no news the next time.
        store.visit()
    view.just_said = False
    own = keeper.folder.absolute() / uploads.FOLDER
    failures = incoming.failures_html(*store.failures(incoming.FAILURES_SHOWN), own)
    counts, changes = store.changes(*(view.news or (0, 0)), following.NEWS_SHOWN)
    return {
        "said": view.said or incoming.NOTHING,
        "status": _status(
            incoming.run_html(run if run.busy or run.number > view.first_run else Run()), failures
        ),
        "news": following.news_html(counts, changes),
        "watched": following.watched_html(store.watched(), store.n_missing(), store.folder),
        "paste": incoming.paste_html(view.pasted),
        "document": incoming.NOTHING
        if view.document is None
        else document_html(store, view.document, part=view.part),
        "finder": finder_html(store),
        "shelf": shelf.table_html(store, view.page, view.wanted),
    }


def _status(run: Markup, failures: Markup) -> Markup:
    both = [part for part in (run, failures) if part != incoming.NOTHING]
    return join(both) or incoming.NOTHING


def _announce(view: View, run: Run) -> bool:
    """Say what came of the files once they are through; False where nothing came to its end."""
    if run.number == view.run_number or run.busy:
        return False
    view.run_number = run.number
    if run.n_done:
        told = pieces.message_html(incoming.run_words(run))
        # What came of a click a moment ago is not lost over it.
        view.said = join((told, view.said)) if view.just_said else told
    return True
