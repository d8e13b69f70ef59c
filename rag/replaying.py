"""Asks the question of a trace again, and compares what comes with what came."""

from dataclasses import dataclass

from index.filters import EVERYTHING, take_filters
from models.errors import FootnoteError
from rag.errors import TraceFileError
from rag.pipeline import Pipeline
from rag.trace import Trace
from rag.trace_differences import Difference, Step, differences


@dataclass(frozen=True, slots=True)
class Replay:
    """What came of asking again.

    Attributes:
        trace: of the new answer.
        differences: in the order of the steps.
    """

    trace: Trace
    differences: tuple[Difference, ...]

    @property
    def same_answer(self) -> bool:
        """Whether the answer says the same with the same footnotes."""
        return all(difference.step != "answer" for difference in self.differences)

    @property
    def first(self) -> Step | None:
        """The first step that differs."""
        return self.differences[0].step if self.differences else None


def replay(pipeline: Pipeline, before: Trace) -> Replay:
    """Ask again with the same question, history and filters, and compare.

    Raises:
        FootnoteError: the question cannot be asked of this library any more.
    """
    try:
        within = take_filters(before.filters)[1] if before.filters else EVERYTHING
    except FootnoteError as error:
        raise TraceFileError(
            f"The trace holds a filter that cannot be read: {before.filters!r} ({error})."
        ) from error
    after = pipeline.ask_traced(before.question, before.history, within)
    return Replay(after, tuple(differences(before, after, pipeline.library.store)))
