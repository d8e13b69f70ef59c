"""Which reader answers: extract for small models, compose for capable ones."""

import threading
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

from index.library import Library
from models.cache import model_cache_dir
from models.catalog import profile_for
from models.embedder import SentenceTransformerEmbedder
from models.fake import FakeGenerator, FakeProver, FakeSpanReader
from models.generator import LlamaGenerator
from models.locate import Located, locate_folder, locate_generator
from models.packaged import STARTER_EMBEDDER, STARTER_GENERATOR, starter_gguf
from models.protocols import (
    Generator,
    Prover,
    Reading,
    ReadingTask,
    ShowsPrompt,
    SpanReader,
)
from models.prover import MiniLMProver, Reranker
from models.quantize import Kind, quantized
from models.spans import LlamaSpanReader
from rag.compose import ComposeReader
from rag.drafts import Reader
from rag.errors import SettingsError
from rag.evidence import EvidenceFinder, sentence_features
from rag.extract import ExtractReader
from rag.promise import point_for, points_of_library, shipped_points
from rag.prompts import EXTRACT_PROMPT, FEW_SHOT_PROMPT
from rag.settings import Settings
from rag.support import SupportJudge

FAKE_ANSWER = ("The documents answer this in the passage shown [1].",)


class LazySpanReader:
    """Opens the model at the first question, so that starting and adding stay fast."""

    def __init__(self, name: str, make: Callable[[], SpanReader]) -> None:
        self._name = name
        self._make = make
        self._made: SpanReader | None = None
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Name shown with the answer."""
        return self._name

    def read(self, tasks: Sequence[ReadingTask]) -> list[Reading]:
        """See `models.protocols.SpanReader`."""
        return self._opened().read(tasks)

    def open(self) -> None:
        """Open the model now, so that what is wrong with it is known."""
        self._opened()

    def _opened(self) -> SpanReader:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def prompt(self, task: ReadingTask) -> str:
        """What the model is given for a task; "" where it cannot say, or has not been opened yet."""
        made = self._made
        return made.prompt(task) if isinstance(made, ShowsPrompt) else ""

    def close(self) -> None:
        """Give the model's memory back; it is opened again when needed."""
        with self._lock:
            made, self._made = self._made, None
        if isinstance(made, LlamaSpanReader):
            made.close()


def build_reader(settings: Settings, library: Library, judge: SupportJudge | None = None) -> Reader:
    """The reader the settings name; "auto" follows the generator's profile.

    Args:
        settings: see there.
        library: is answered from.
        judge: of the sentences that a model writes.
    """
    if reader_kind(settings) == "compose":
        return ComposeReader(
            build_generator(settings),
            library,
            answer_tokens=settings.answer_tokens,
            judge=judge,
        )
    finder = EvidenceFinder(sentence_features(library))
    return ExtractReader(
        build_span_reader(settings),
        finder,
        library.store,
        n_read=settings.n_read,
        min_confidence=_threshold(settings, library.folder),
    )


def reader_kind(settings: Settings) -> str:
    """Extract or compose: as the settings say, or as the model is used best."""
    if settings.reader != "auto":
        return settings.reader
    if settings.generator == "fake":
        return "extract"
    return _located(settings).profile.reader


def _threshold(settings: Settings, library: Path) -> float | None:
    """The confidence from which on an answer is given; None for the fitted values of each way.

    Raises:
        SettingsError: so strict a promise cannot be made.
    """
    if settings.min_confidence >= 0:
        return settings.min_confidence
    if settings.promise == 0:
        return None
    points = points_of_library(library) or shipped_points()
    point = point_for(settings.promise, points)
    if point is None:
        least = f"{100 * points[0].limit:.3g} %" if points else "none"
        raise SettingsError(
            f"At most {100 * settings.promise:.3g} % wrong answers cannot be promised; the strictest "
            f"promise here is {least}. Set promise to that or more, or 0 for no promise; a question set "
            "of your own may prove more: footnote eval SET --calibrate"
        )
    return point.threshold


def build_prover(settings: Settings) -> Prover | None:
    """What reads question and passage together; None where the settings do without."""
    if settings.prover == "none":
        return None
    if "fake" in (settings.prover, settings.generator):
        return FakeProver()
    if settings.prover == "starter":
        return MiniLMProver()
    folder = locate_folder(settings.prover, "reranker")
    model = settings.prover if folder is None else str(folder)
    return Reranker(MiniLMProver(), model, allow_download=settings.allow_download)


def build_judge(prover: Prover | None, library: Library) -> SupportJudge | None:
    """What judges written sentences; None without a trained prover.

    It was fitted on the project's prover and the packaged embedder, so these are used whatever else
    finds and orders the passages.
    """
    if isinstance(prover, Reranker):
        prover = prover.prover
    if not isinstance(prover, MiniLMProver):
        return None
    if library.embedder.name == STARTER_EMBEDDER:
        return SupportJudge(prover, library.embedder)
    return SupportJudge(prover, SentenceTransformerEmbedder.starter())


def build_span_reader(settings: Settings) -> SpanReader:
    """The model that marks the words that answer.

    Raises:
        SettingsError: the model is behind an address, which writes and marks nothing.
    """
    if settings.generator == "fake":
        return FakeSpanReader()
    located = _located(settings)
    where = located.where
    if not isinstance(where, Path):
        raise SettingsError(
            f"{located.name} is behind an address, and can be used with reader compose only, not with "
            f"{settings.reader}. Set reader to auto or compose."
        )

    def make() -> SpanReader:
        # The adapter fits the starter's weights and no others.
        adapter = reader_adapter() if is_starter(settings) else None
        return LlamaSpanReader(
            _file(settings, where),
            prompt=FEW_SHOT_PROMPT if adapter is None else EXTRACT_PROMPT,
            name=located.name,
            adapter=adapter,
            n_threads=settings.threads or None,
        )

    return LazySpanReader(located.name, make)


def reader_adapter() -> Path | None:
    """The trained adapter that ships with Footnote, for the starter's weights."""
    path = Path(str(files("models") / "weights" / "reader.gguf"))
    return path if path.exists() else None


def starter_file(kind: Kind) -> Path:
    """The starter's weights in a form that llama.cpp computes fast; made once, then cached."""
    return quantized(starter_gguf(), kind, model_cache_dir())


def build_generator(settings: Settings) -> Generator:
    """The model that writes."""
    if settings.generator == "fake":
        return FakeGenerator(FAKE_ANSWER)
    located = _located(settings)
    if not isinstance(located.where, Path):
        from models.remote import RemoteGenerator

        return RemoteGenerator(
            located.where, context_tokens=settings.context_tokens, profile=located.profile
        )
    return LlamaGenerator(
        _file(settings, located.where),
        name=located.name,
        profile=located.profile,
        context_tokens=settings.context_tokens,
        n_threads=settings.threads or None,
    )


def is_starter(settings: Settings) -> bool:
    """Whether the generator is the packaged one, by either of its names."""
    return settings.generator.lower() in ("starter", STARTER_GENERATOR.lower())


def _located(settings: Settings) -> Located:
    """The file or address of the generator, and how to use it."""
    if is_starter(settings):
        return Located(STARTER_GENERATOR, starter_gguf(), profile_for(STARTER_GENERATOR))
    return locate_generator(settings.generator)


def _file(settings: Settings, found: Path) -> Path:
    """The file llama.cpp loads; the starter is converted once into a form it computes fast."""
    if not is_starter(settings):
        return found
    return starter_file("Q4_0" if settings.quantisation == "Q4_0" else "Q8_0")
