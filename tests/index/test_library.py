import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from index import library as library_module
from index import writer as writer_module
from index.coverage import coverage
from index.errors import LibraryError
from index.library import AddProgress, AddReport, Library
from index.loaders import plain
from index.types import Passage
from models.errors import ModelError
from models.fake import FakeEmbedder
from models.protocols import FloatMatrix

OpenLibrary = Callable[..., Library]

LARGE = "".join(
    f"Section {i}\n\nAnn: The harbour froze in {1900 + i}.\n\nIt was cold. {'More of it. ' * 9}\n\n"
    for i in range(60)
)


def outcomes(report: AddReport) -> dict[str, str]:
    return {Path(file.path).name: file.outcome for file in report.files}


def names(library: Library) -> list[str]:
    return [Path(document.path).name for document in library.store.documents()]


def content(library: Library) -> list[tuple[str, str, list[tuple[object, ...]]]]:
    """Everything of each document that a reader sees, without ids."""
    found = []
    for document in library.store.documents():
        passages = [
            (p.start, p.end, p.text, p.breadcrumb, p.role, p.section, p.speaker, p.speaker_span)
            for p in library.store.document_passages(document.id)
        ]
        blocks = library.store.blocks(document.id)
        text = library.store.text(document.id)
        found.append((document.title, text, [*passages, *blocks, (document.status,)]))
    return found


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "LARGE_BYTES", 2_000)
    monkeypatch.setattr(plain, "PIECE_CHARACTERS", 1_500)


class BreakingEmbedder(FakeEmbedder):
    """Fails at the n-th batch from `fuse` on."""

    def __init__(self, error: BaseException | None = None) -> None:
        super().__init__()
        self.fuse: int | None = None
        self.error = error or ModelError("The embedder broke.")

    def embed_passages(self, texts: list[str]) -> FloatMatrix:  # type: ignore[override]
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse < 0:
                raise self.error
        return super().embed_passages(texts)


# -- adding ---------------------------------------------------------------------------------------


def test_add_then_again_then_changed(library: Library, docs: Path) -> None:
    report = library.add([docs])
    assert outcomes(report) == {"bridge.txt": "added", "harbour.txt": "added"}
    assert report.n_passages == library.store.count("passages") > 0
    generation = library.store.generation
    assert set(outcomes(library.add([docs])).values()) == {"unchanged"}
    assert library.store.generation == generation, "nothing was written"
    before = {d.path: d.id for d in library.store.documents()}
    (docs / "bridge.txt").write_text("The bridge was closed in June.")
    assert outcomes(library.add([docs])) == {"bridge.txt": "replaced", "harbour.txt": "unchanged"}
    assert {d.path: d.id for d in library.store.documents()} == before
    assert library.lexical.search("opened", 5) == []
    assert len(library.lexical.search("closed", 5)) == 1
    vector = library.embedder.embed_queries(["closed in June"])
    assert library.store.passages([library.vectors.search(vector, 1)[0][0]])[0].text.endswith(
        "June."
    )


def test_touching_a_file_changes_nothing(library: Library, docs: Path) -> None:
    library.add([docs])
    os.utime(docs / "bridge.txt", (1, 1))
    assert outcomes(library.add([docs]))["bridge.txt"] == "unchanged"


def test_a_renamed_file_is_not_embedded_again(open_library: OpenLibrary, docs: Path) -> None:
    embedder = BreakingEmbedder()
    library = open_library(embedder=embedder)
    (docs / "untitled.txt").write_text(
        "only words in lower case, again and again, and no title. " * 9
    )
    library.add([docs])
    before = content(library)
    embedder.fuse = 0
    (docs / "bridge.txt").rename(docs / "aaa.txt")
    (docs / "untitled.txt").rename(docs / "named.txt")
    report = library.add([docs], sync=True)
    assert outcomes(report) == {
        "aaa.txt": "renamed",
        "harbour.txt": "unchanged",
        "named.txt": "renamed",
    }
    assert [text for _, text, _ in content(library)] == [text for _, text, _ in before]
    assert "untitled" not in {document.title for document in library.store.documents()}


def test_another_ending_is_read_anew(library: Library, docs: Path) -> None:
    page = docs / "page.txt"
    page.write_text("<html><body><p>Some visible words stand here.</p></body></html>")
    library.add([page])
    page.rename(docs / "page.html")
    assert outcomes(library.add([docs / "page.html"])) == {"page.html": "added"}
    page_document = library.store.document_at(str(docs / "page.html"))
    assert page_document is not None
    assert "<p>" not in library.store.text(page_document.id)


def test_a_copy_is_a_document_of_its_own(library: Library, docs: Path) -> None:
    library.add([docs])
    shutil.copy(docs / "bridge.txt", docs / "copy.txt")
    assert outcomes(library.add([docs]))["copy.txt"] == "added"
    assert names(library) == ["bridge.txt", "copy.txt", "harbour.txt"]


def test_sync_forgets_what_is_gone_and_nothing_else(
    library: Library, docs: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "docs-old"
    shutil.copytree(docs, elsewhere)
    library.add([docs, elsewhere])
    for folder in (docs, elsewhere):
        (folder / "bridge.txt").unlink()
    assert "removed" not in outcomes(library.add([docs])).values()
    report = library.add([docs], sync=True)
    assert outcomes(report) == {"harbour.txt": "unchanged", "bridge.txt": "removed"}
    assert sorted(names(library)) == ["bridge.txt", "harbour.txt", "harbour.txt"]
    with pytest.raises(LibraryError, match="nothing at"):
        library.add([elsewhere / "bridge.txt"], sync=True)


def test_nothing_is_forgotten_when_a_named_root_is_missing(
    library: Library, docs: Path, tmp_path: Path
) -> None:
    library.add([docs])
    moved = docs.rename(tmp_path / "moved")
    other = tmp_path / "other"
    other.mkdir()
    for paths in ([docs], [other, docs]):
        with pytest.raises(LibraryError, match=r"nothing at .*docs\. Nothing was changed"):
            library.add(paths, sync=True)
    assert names(library) == ["bridge.txt", "harbour.txt"]
    assert moved.exists()


def test_nothing_is_forgotten_when_a_folder_may_not_be_entered(
    library: Library, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add([docs])
    real = os.lstat

    def refuse(path: os.PathLike[str], **options: object) -> os.stat_result:
        if str(path).endswith("bridge.txt"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    (docs / "bridge.txt").unlink()
    monkeypatch.setattr(library_module.os, "lstat", refuse)
    library.add([docs], sync=True)
    assert names(library) == ["bridge.txt", "harbour.txt"]


def test_removal(library: Library, docs: Path) -> None:
    library.add([docs])
    library.remove(library.store.documents()[0].id)
    assert names(library) == ["harbour.txt"]
    assert (docs / "bridge.txt").exists()
    assert outcomes(library.add([docs]))["bridge.txt"] == "added"


def test_the_library_itself_and_hidden_files_are_not_added(
    open_library: OpenLibrary, docs: Path
) -> None:
    library = open_library(docs / "library")
    (docs / ".hidden.txt").write_text("hidden")
    (docs / ".git").mkdir()
    (docs / ".git" / "a.txt").write_text("hidden")
    (docs / "library" / "notes.txt").write_text("inside")
    assert set(outcomes(library.add([docs]))) == {"bridge.txt", "harbour.txt"}
    assert outcomes(library.add([docs / ".hidden.txt"])) == {".hidden.txt": "added"}


# -- broken off -----------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ModelError("The embedder broke."), KeyboardInterrupt()])
def test_an_exception_while_embedding_leaves_the_old_content(
    open_library: OpenLibrary, docs: Path, error: BaseException
) -> None:
    embedder = BreakingEmbedder(error)
    library = open_library(embedder=embedder)
    library.add([docs])
    before = content(library)
    (docs / "bridge.txt").write_text("The bridge was closed in June.")
    embedder.fuse = 0
    with pytest.raises(type(error)):
        library.add([docs])
    assert content(library) == before
    embedder.fuse = None
    assert outcomes(library.add([docs]))["bridge.txt"] == "replaced"


def test_ctrl_c_keeps_finished_documents(open_library: OpenLibrary, docs: Path) -> None:
    embedder = BreakingEmbedder(KeyboardInterrupt())
    library = open_library(embedder=embedder)
    embedder.fuse = 1
    with pytest.raises(KeyboardInterrupt):
        library.add([docs])
    assert names(library) == ["bridge.txt"]
    embedder.fuse = None
    assert outcomes(library.add([docs])) == {"bridge.txt": "unchanged", "harbour.txt": "added"}


def test_an_exception_while_writing_leaves_the_old_content(
    library: Library, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add([docs])
    before = content(library)
    (docs / "bridge.txt").write_text("The bridge was closed in June.")
    with monkeypatch.context() as patch:
        patch.setattr(library.store, "finish_document", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            library.add([docs])
    assert content(library) == before


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("fuse", [1, 2, 5])
def test_a_large_text_goes_on_where_it_stopped(
    open_library: OpenLibrary, tmp_path: Path, fuse: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "large.txt"
    path.write_text("The harbour book\n\n14 May 2024\n\n" + LARGE)
    whole = open_library(tmp_path / "whole")
    whole.add([path])
    assert len(whole.store.pieces(1)) > 6

    embedder = BreakingEmbedder()
    library = open_library(tmp_path / "broken", embedder)
    embedder.fuse = fuse
    with pytest.raises(ModelError):
        library.add([path])
    (partial,) = library.store.documents()
    assert partial.status == "partial"
    assert len(library.store.pieces(partial.id)) == fuse
    embedder.fuse = None
    started: list[int] = []
    analyse = writer_module.analyse
    monkeypatch.setattr(
        writer_module, "analyse", lambda p, **k: started.append(p.start) or analyse(p, **k)
    )
    assert outcomes(library.add([path])) == {"large.txt": "added"}
    assert started[0] == partial.n_chars, "what was read is not read in again"
    assert content(library) == content(whole)
    assert library.store.noted(partial.id) is None
    assert coverage(library.store, library.store.documents()[0]).complete


@pytest.mark.usefixtures("small_pieces")
def test_sections_and_speakers_go_on_over_pieces(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_text("# The book\n\n## One section\n\n" + "It was cold that year. " * 400)
    library.add([path])
    passages = library.store.document_passages(1)
    assert len(library.store.pieces(1)) > 3
    assert {passage.section for passage in passages[1:]} == {"One section"}
    assert all("The book › One section" in passage.breadcrumb for passage in passages[1:])


@pytest.mark.usefixtures("small_pieces")
def test_a_large_text_that_changed_meanwhile_is_read_anew(
    open_library: OpenLibrary, tmp_path: Path
) -> None:
    path = tmp_path / "large.txt"
    path.write_text(LARGE)
    embedder = BreakingEmbedder()
    library = open_library(embedder=embedder)
    embedder.fuse = 2
    with pytest.raises(ModelError):
        library.add([path])
    embedder.fuse = None
    path.write_text("Now it is short.")
    assert outcomes(library.add([path])) == {"large.txt": "replaced"}
    assert [text for _, text, _ in content(library)] == ["Now it is short."]
    assert library.store.noted(1) is None


@pytest.mark.usefixtures("small_pieces")
def test_removed_while_it_is_added(open_library: OpenLibrary, tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_text(LARGE)
    library = open_library()

    def remove(progress: AddProgress) -> None:
        for document in library.store.documents():
            library.remove(document.id)

    report = library.add([path], on_progress=remove)
    assert "removed from the library while" in (report.files[0].reason or "")
    assert library.store.count("passages") == 0


def test_pieces_of_white_space(library: Library, tmp_path: Path, small_pieces: None) -> None:
    path = tmp_path / "large.txt"
    path.write_text("Some words.\n" + "\n" * 9_000 + "The end.\n" + " " * 9_000)
    library.add([path])
    assert [p.text for p in library.store.document_passages(1)] == ["Some words.", "The end."]
    assert library.store.documents()[0].status == "complete"


KILLED = """
import os, signal, sys
from pathlib import Path
from index.library import Library
from index.loaders import plain
from models.fake import FakeEmbedder

plain.LARGE_BYTES, plain.PIECE_CHARACTERS = 2_000, 1_500

class Killer(FakeEmbedder):
    left = int(sys.argv[3])
    def embed_passages(self, texts):
        self.left -= 1
        if self.left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed_passages(texts)

library = Library(Path(sys.argv[1]), Killer())
if sys.argv[4] == "in transaction":
    finish = library.store.append
    def append(*args):
        finish(*args)
        if library.embedder.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
    library.store.append = append
library.add([Path(sys.argv[2])])
"""


@pytest.mark.slow
@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize(("moment", "after"), [("embedding", 1), ("in transaction", 4)])
def test_a_killed_add_leaves_a_readable_library(
    open_library: OpenLibrary, tmp_path: Path, moment: str, after: int
) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "a.txt").write_text("The first one is short.")
    (folder / "b.txt").write_text(LARGE)
    run = [sys.executable, "-c", KILLED, str(tmp_path / "library"), str(folder), str(after), moment]
    killed = subprocess.run(run, capture_output=True, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    library = open_library()
    done = names(library)
    assert done in ([], ["a.txt"], ["a.txt", "b.txt"])
    for document in library.store.documents():
        if document.status == "complete":
            assert coverage(library.store, document).complete
    library.vectors.search(library.embedder.embed_queries(["short"]), 5)
    library.add([folder])
    whole = open_library(tmp_path / "whole")
    whole.add([folder])
    assert content(library) == content(whole)
    n_vectors = library.store.count("vectors")
    assert n_vectors == library.store.count("passages") == whole.store.count("passages")


# -- together -------------------------------------------------------------------------------------


def test_two_adds_in_two_threads_take_turns(open_library: OpenLibrary, docs: Path) -> None:
    library = open_library()
    reports: list[AddReport] = []
    waiting = threading.Event()
    inside = threading.Event()

    def first(progress: AddProgress) -> None:
        inside.set()
        waiting.wait(10)

    def second(progress: AddProgress) -> None:
        if "waiting for it" in progress.message:
            waiting.set()

    def add(callback: object) -> None:
        reports.append(library.add([docs], on_progress=callback))  # type: ignore[arg-type]
        library.store.close()

    one = threading.Thread(target=add, args=(first,))
    one.start()
    assert inside.wait(10)
    two = threading.Thread(target=add, args=(second,))
    two.start()
    one.join()
    two.join()
    # Which of the two reports first is left to the threads.
    assert {frozenset(outcomes(report).values()) for report in reports} == {
        frozenset({"added"}),
        frozenset({"unchanged"}),
    }
    assert names(library) == ["bridge.txt", "harbour.txt"]


def test_two_embedders_on_a_new_library(open_library: OpenLibrary, docs: Path) -> None:
    """Both may open it while it is empty; the one that adds first decides."""
    one = open_library()
    two = open_library(embedder=FakeEmbedder(name="other", dim=8))
    one.add([docs])
    with pytest.raises(LibraryError, match="made with embedder fake"):
        two.add([docs])
    assert {len(v) for v in one.store.vectors(one.store.vector_ids().tolist())} == {64}


# -- progress -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small_pieces")
def test_progress_moves_and_ends_full(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(10_000))
    monkeypatch.setattr("index.progress.time.monotonic", lambda: float(next(clock)))
    path = tmp_path / "large.txt"
    path.write_text(LARGE)
    (tmp_path / "small.txt").write_text("Short.")
    seen: list[AddProgress] = []
    library.add([path, tmp_path / "small.txt"], on_progress=seen.append)
    done = [progress.bytes_done for progress in seen]
    assert done == sorted(done)
    assert len(set(done)) > 6
    assert done[-1] == seen[-1].n_bytes == path.stat().st_size + 6
    passages = [progress.n_passages for progress in seen]
    assert passages[-1] == library.store.count("passages")
    left = [progress.eta_s for progress in seen if progress.eta_s is not None]
    assert len(left) > 6
    assert left[-1] == 0
    assert seen[-1].file == seen[-1].n_files == 2
    assert max(p.passages_per_s for p in seen) > 0


def test_what_is_unchanged_says_nothing_about_the_pace(library: Library, docs: Path) -> None:
    library.add([docs])
    seen: list[AddProgress] = []
    library.add([docs], on_progress=seen.append)
    assert {progress.eta_s for progress in seen} == {None}


def test_batches_are_small_enough_to_be_stopped(open_library: OpenLibrary, tmp_path: Path) -> None:
    sizes: list[int] = []

    class Watching(FakeEmbedder):
        def embed_passages(self, texts: list[str]) -> FloatMatrix:  # type: ignore[override]
            sizes.append(len(texts))
            return super().embed_passages(texts)

    library = open_library(embedder=Watching(max_tokens=32))
    (tmp_path / "a.txt").write_text("Every sentence has a few words in it. " * 3000)
    library.add([tmp_path / "a.txt"])
    assert max(sizes) == 256
    assert sum(sizes) == library.store.count("passages")
    first: Passage = library.store.document_passages(1)[0]
    alone = library.embedder.embed_passages([f"{first.breadcrumb}\n{first.text}"])
    assert (library.store.vectors([first.id]) == alone).all()
