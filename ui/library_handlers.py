"""What the library's tab does when something is clicked; plain values in, HTML out, no Gradio.

A click comes from the browser: nothing in it is believed before it is looked up.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from index.errors import LibraryError
from index.listing import Wanted
from index.watching import watchable
from ui import incoming, pieces, uploads
from ui.clicks import guarded
from ui.finder import SORTS, STATUSES
from ui.keeper import keeper_of
from ui.library_view import NOTHING, Shown, View, changed_parts, outrun_parts, state_of
from ui.markup import Markup
from ui.protocols import Pipeline

_UNEXPECTED = (
    "Something went wrong inside Footnote; the terminal it runs in shows what. "
    "What was in the library before is kept."
)
_LONGEST_SEARCH = 200

Click = Mapping[str, Any]


class LibraryHandlers:
    """Answers the events of the library's tab, for all browsers.

    Args:
        pipeline: with the library.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._keeper = keeper_of(pipeline.library)
        self.acts: dict[str, Callable[[View, Click], Shown]] = {
            "dropped": self._act(self._dropped),
            "pasted": self._act(self._pasted),
            "again": self._act(self._again),
            "dismiss": self._act(self._dismiss),
            "watch": self._act(self._watch),
            "unwatch": self._act(self._unwatch),
            "look": self._act(self._look),
            "find": self._act(self._find),
            "turn": self._act(self._turn),
            "remove": self._act(self._remove),
            "tag": self._act(self._tag),
            "untag": self._act(self._untag),
            "rename": self._act(self._rename),
            "details": self._act(self._details),
            "seen": self._act(self._seen),
        }
        """What is done when the browser says so, by event."""

    @property
    def _store(self) -> Any:
        return self._pipeline.library.store

    def opened(self, view: View) -> Shown:
        """The tab is opened: what is other than it was, and what changed since the last visit."""
        with view.lock:
            if view.news is None:
                view.run_number = view.first_run = self._keeper.run.number
                view.news = self._store.visit()
            return changed_parts(view, self._store, self._keeper)

    def tick(self, view: View, click: Click) -> Shown:
        """Time has passed: what is other than it was, or nothing.

        While the person is asked something, all stays as it is.
        """
        click = click if isinstance(click, Mapping) else {}
        with view.lock:
            if view.news is None or click.get("asking") is True:
                return NOTHING
            if state_of(self._store, self._keeper) == view.seen:
                return outrun_parts(view, click.get("drawn"))
            return changed_parts(view, self._store, self._keeper)

    def _act(self, work: Callable[[View, Click], Markup | None]) -> Callable[[View, Click], Shown]:
        """What is done at a click, then the parts that have changed; nothing is thrown."""

        def done(view: View, click: Click) -> Shown:
            with view.lock:
                view.said = guarded(
                    lambda: work(view, click if isinstance(click, Mapping) else {}),
                    pieces.failure_html,
                    _UNEXPECTED,
                )
                view.just_said = view.said is not None
                return changed_parts(view, self._store, self._keeper)

        return done

    # -- adding ---------------------------------------------------------------------------------

    def _dropped(self, view: View, click: Click) -> Markup | None:
        library = self._pipeline.library
        paths, names = uploads.handed_over(click, library.folder)
        self._keeper.take(uploads.keep(paths, library.folder, names))
        left_out = click.get("left_out")
        if type(left_out) is int and left_out > 0:
            words = f"{pieces.counted(left_out, 'file')} of kinds that are not read were left out."
            return pieces.message_html(words)
        return None if paths else pieces.message_html("There was nothing to add in it.")

    def _pasted(self, view: View, click: Click) -> Markup | None:
        title, text = str(click.get("title") or ""), str(click.get("text") or "")
        kept = uploads.keep_text(title, text, self._pipeline.library.folder)
        self._keeper.take([kept], [" ".join(title.split())])
        view.pasted += 1
        return pieces.message_html("Kept as ", kept.name, " in your library's folder.")

    def _again(self, view: View, click: Click) -> Markup | None:
        n = self._keeper.again(self._failed(click))
        return pieces.message_html(f"Trying {pieces.counted(n, 'file')} again.")

    def _dismiss(self, view: View, click: Click) -> Markup | None:
        dismissed = self._keeper.dismiss(self._failed(click))
        for path in dismissed:
            if self._store.document_at(path) is None:
                uploads.drop(Path(path), self._pipeline.library.folder)
        return pieces.message_html(f"{pieces.counted(len(dismissed), 'file')} dismissed.")

    def _failed(self, click: Click) -> list[str]:
        key = click.get("key")
        failures, _ = self._store.failures(-1)
        return [f.path for f in failures if key in ("all", incoming.key_of(f.path))]

    # -- watched folders ------------------------------------------------------------------------

    def _watch(self, view: View, click: Click) -> Markup | None:
        words = str(click.get("folder") or "").strip()
        if not words:
            return pieces.failure_html("Name a folder to watch, such as ~/Documents/notes.")
        folder = watchable(Path(words), self._pipeline.library.folder)
        if not self._store.watch(folder):
            return pieces.message_html("", folder, " is watched already.")
        n = self._keeper.look([folder])
        return pieces.message_html("Watching ", folder, f": {pieces.counted(n, 'file')} to add.")

    def _unwatch(self, view: View, click: Click) -> Markup | None:
        for watched in self._store.watched():
            if incoming.key_of(watched.path) == click.get("key"):
                self._keeper.unwatch(watched.path)
                return pieces.message_html(
                    "", watched.path, " is watched no more. Its documents stay."
                )
        return pieces.failure_html("This folder is not watched.")

    def _look(self, view: View, click: Click) -> Markup | None:
        n = self._keeper.look()
        words = f"{pieces.counted(n, 'file')} to add." if n else "Nothing new in the folders."
        return pieces.message_html(words)

    def _seen(self, view: View, click: Click) -> Markup | None:
        self._store.seen()
        view.news = self._store.visit()
        return None

    # -- the list -------------------------------------------------------------------------------

    def _find(self, view: View, click: Click) -> Markup | None:
        view.wanted = _wanted(click)
        view.page = 1
        return view.said

    def _turn(self, view: View, click: Click) -> Markup | None:
        page = click.get("page")
        view.page = page if type(page) is int else 1
        return view.said

    def _chosen(self, view: View, click: Click) -> list[int]:
        """Ids of the documents that a click is about: named ones, or all that are found.

        Raises:
            LibraryError: all are meant, but not as many are found as the person was shown.
        """
        if click.get("all") is True:
            return self._all_found(view, click)
        named = click.get("documents")
        ids = named if isinstance(named, list) else [click.get("document")]
        return [ident for ident in ids if type(ident) is int and self._store.document(ident)]

    def _all_found(self, view: View, click: Click) -> list[int]:
        # A tab outlives the server; after a new start only the browser knows what it has searched for.
        find = click.get("find")
        if isinstance(find, Mapping):
            if (wanted := _wanted(find)) != view.wanted:
                view.wanted, view.page = wanted, 1
            found = list(self._store.list_ids(wanted))
            if len(found) == click.get("n_shown"):
                return found
        raise LibraryError(
            "The list has changed since you selected all of it. Nothing was done; look at the list "
            "and select again."
        )

    def _remove(self, view: View, click: Click) -> Markup | None:
        removed = []
        for ident in self._chosen(view, click):
            document = uploads.forget(self._pipeline.library, ident)
            if document is not None:
                removed.append(document)
        if view.document in [document.id for document in removed]:
            view.document = None
        if not removed:
            return pieces.failure_html("Nothing was removed: it is not in the library any more.")
        if len(removed) == 1:
            return pieces.message_html("", removed[0].title, " is no longer in the library.")
        return pieces.message_html(f"{len(removed):,} documents are no longer in the library.")

    def _tag(self, view: View, click: Click) -> Markup | None:
        documents = self._chosen(view, click)
        tag = str(click.get("tag") or "")
        self._store.tag_documents(documents, tag)
        return self._tagged(documents, tag, "has", "have", "now")

    def _untag(self, view: View, click: Click) -> Markup | None:
        documents = self._chosen(view, click)
        tag = str(click.get("tag") or "")
        self._store.untag_documents(documents, tag)
        return self._tagged(documents, tag, "has no longer", "have no longer", "")

    def _tagged(self, documents: list[int], tag: str, one: str, many: str, end: str) -> Markup:
        if not documents:
            return pieces.failure_html("Select documents first.")
        verb = one if len(documents) == 1 else many
        before = f"{pieces.counted(len(documents), 'document')} {verb} the tag "
        return pieces.message_html(before, " ".join(tag.split()), f" {end}.".replace(" .", "."))

    # -- one document ---------------------------------------------------------------------------

    def _details(self, view: View, click: Click) -> Markup | None:
        """Open a document's page or its text, or go back to the list."""
        document, part = click.get("document"), click.get("part")
        view.document = document if type(document) is int else None
        view.part = part if type(part) is int else None
        return None

    def _rename(self, view: View, click: Click) -> Markup | None:
        document = self._chosen(view, click)
        title = click.get("title")
        if not document:
            return pieces.failure_html("This document is not in the library any more.")
        named = self._store.set_title(document[0], None if title is None else str(title))
        return pieces.message_html("Now called ", named or "", ".")


def _wanted(find: Mapping[str, Any]) -> Wanted:
    """Which documents a browser asks for."""
    status = find.get("status")
    _, sort, backwards = SORTS.get(str(find.get("sort")), SORTS["title"])
    return Wanted(
        words=str(find.get("words") or "")[:_LONGEST_SEARCH],
        kind=str(find.get("kind") or ""),
        tag=str(find.get("tag") or ""),
        status=status if isinstance(status, str) and status in STATUSES else "",
        sort=sort,
        backwards=backwards,
    )
