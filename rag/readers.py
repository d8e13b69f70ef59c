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
from models.packaged import STARTER_EMBEDDER, STARTER_GENERATOR, check_gguf, starter_gguf
from models.protocols import (
    Generator,
    GeneratorProfile,
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

# Of the usual quantisations, 4 to 8 bits; a file of 16 bits counts as larger than it is.
_BITS_PER_WEIGHT = 5.5
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
        with self._lock:
            if self._made is None:
                self._made = self._make()
        return self._made.read(tasks)

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
    kind = settings.reader
    if kind == "auto":
        kind = "extract" if settings.generator == "fake" else _profile(settings).reader
    if kind == "compose":
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
    return Reranker(MiniLMProver(), settings.prover, allow_download=settings.allow_download)


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
    """The model that marks the words that answer."""
    if settings.generator == "fake":
        return FakeSpanReader()
    name = _generator_name(settings)

    def make() -> SpanReader:
        # The adapter fits the starter's weights and no others.
        adapter = reader_adapter() if settings.generator == "starter" else None
        return LlamaSpanReader(
            _generator_file(settings),
            prompt=FEW_SHOT_PROMPT if adapter is None else EXTRACT_PROMPT,
            name=name,
            adapter=adapter,
            n_threads=settings.threads or None,
        )

    return LazySpanReader(name, make)


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
    name = _generator_name(settings)
    return LlamaGenerator(
        _generator_file(settings),
        name=name,
        profile=_profile(settings),
        context_tokens=settings.context_tokens,
        n_threads=settings.threads or None,
    )


def _profile(settings: Settings) -> GeneratorProfile:
    """How to use the generator; one that is not in the catalogue is judged by its size."""
    name = _generator_name(settings)
    if settings.generator == "starter":
        return profile_for(name)
    path = Path(settings.generator).expanduser()
    check_gguf(path)
    return profile_for(name, params_b=path.stat().st_size * 8 / _BITS_PER_WEIGHT / 1e9)


def _generator_name(settings: Settings) -> str:
    return STARTER_GENERATOR if settings.generator == "starter" else Path(settings.generator).stem


def _generator_file(settings: Settings) -> Path:
    """The file llama.cpp loads; the starter is converted once into a form it computes fast."""
    if settings.generator != "starter":
        path = Path(settings.generator).expanduser()
        check_gguf(path)
        return path
    return starter_file("Q4_0" if settings.quantisation == "Q4_0" else "Q8_0")
