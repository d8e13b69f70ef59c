"""Two runs over the same questions: what differs, and whether it is more than chance.

Questions are paired: both runs are resampled alike, so that what makes a question hard for both
cancels out. Questions that only one run has, or that read differently, are left out and counted.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from eval.causes import cause_of
from eval.errors import RunError
from eval.intervals import PERCENTILES, RATIOS, Metric, bootstrap, interval, table_of, values
from eval.scoring import METRICS
from eval.types import Question, Record, Run


@dataclass(frozen=True, slots=True)
class Difference:
    """A metric in both runs.

    Attributes:
        before: value in the first run, on the common questions.
        after: value in the second.
        change: `after - before` with its paired 95 % interval.
    """

    name: str
    before: float | None
    after: float | None
    change: Metric

    @property
    def verdict(self) -> str:
        """One of "better", "worse", "no clear change", "not measured"."""
        low, high = self.change.low, self.change.high
        if low is None or high is None:
            return "not measured"
        if low <= 0 <= high:
            return "no clear change"
        return "better" if (high < 0) == METRICS[self.name].lower_is_better else "worse"

    def as_json(self) -> dict[str, Any]:
        """Values, change with interval, verdict."""
        return {
            "before": self.before,
            "after": self.after,
            "change": self.change.as_json(),
            "verdict": self.verdict,
        }


@dataclass(frozen=True, slots=True)
class Change:
    """A question that ended otherwise.

    Attributes:
        kind: for example "right -> wrong", "wrong -> refused".
    """

    question: Question
    kind: str
    before: Record
    after: Record

    @property
    def direction(self) -> Literal["gained", "lost", "other"]:
        """Whether it ends well now and did not before, or the reverse.

        Refusing what the documents do not say is to end well, too.
        """
        was_well = cause_of(self.question, self.before) is None
        is_well = cause_of(self.question, self.after) is None
        if was_well == is_well:
            return "other"
        return "gained" if is_well else "lost"

    def as_json(self) -> dict[str, Any]:
        """The question with both short answers."""
        return {
            "id": self.question.id,
            "question": self.question.question,
            "kind": self.question.kind,
            "change": self.kind,
            "before": short_answer(self.before),
            "after": short_answer(self.after),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs.

    Attributes:
        n_common: questions compared.
        n_left_out: questions that only one run has.
        settings: settings that differ, name to (before, after).
    """

    before: Run
    after: Run
    n_common: int
    n_left_out: int
    metrics: tuple[Difference, ...]
    changes: tuple[Change, ...]
    settings: Mapping[str, tuple[object, object]]

    def as_json(self) -> dict[str, Any]:
        """For scripts: metrics by name, then the questions that changed."""
        return {
            "version": 1,
            "before": self.before.name,
            "after": self.after.name,
            "common": self.n_common,
            "left_out": self.n_left_out,
            "settings": {name: list(pair) for name, pair in self.settings.items()},
            "metrics": {difference.name: difference.as_json() for difference in self.metrics},
            "changes": [change.as_json() for change in self.changes],
        }

    def by_change(self) -> dict[str, list[Change]]:
        """Changed questions by kind of change, the most frequent first."""
        groups: dict[str, list[Change]] = {}
        for change in self.changes:
            groups.setdefault(change.kind, []).append(change)
        return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))


def compare(before: Run, after: Run) -> Comparison:
    """What changed from one run to another.

    Raises:
        RunError: the runs have no question in common.
    """
    pairs = _common(before, after)
    if not pairs:
        raise RunError("the two runs have no question in common; they are of different sets")
    total = len({*(q.id for q in before.questions), *(q.id for q in after.questions)})
    names = before.settings.keys() | after.settings.keys()
    return Comparison(
        before=before,
        after=after,
        n_common=len(pairs),
        n_left_out=total - len(pairs),
        metrics=_differences([b for _, b, _ in pairs], [a for _, _, a in pairs]),
        changes=tuple(
            Change(question, _kind_of_change(b, a), b, a)
            for question, b, a in pairs
            if b.outcome != a.outcome
        ),
        settings={
            name: (before.settings.get(name), after.settings.get(name))
            for name in sorted(names)
            if before.settings.get(name) != after.settings.get(name)
        },
    )


def short_answer(record: Record) -> str:
    """The short answer of a record in a few words, for lists."""
    if record.error is not None:
        return f"error: {record.error}"
    if record.answer is None or not record.answered:
        return "the documents do not say"
    text = record.answer.short_answer
    if text is None:
        text = " ".join(sentence.text for sentence in record.answer.sentences)
    return text


def _common(before: Run, after: Run) -> list[tuple[Question, Record, Record]]:
    old = {
        question.id: (question.question, question.history, record)
        for question, record in zip(before.questions, before.records, strict=True)
    }
    pairs = []
    for question, record in zip(after.questions, after.records, strict=True):
        if question.id in old and old[question.id][:2] == (question.question, question.history):
            pairs.append((question, old[question.id][2], record))
    return pairs


def _differences(before: Sequence[Record], after: Sequence[Record]) -> tuple[Difference, ...]:
    old, new = table_of(before), table_of(after)
    old_values, new_values = values(old), values(new)
    # The same seed and the same number of rows: question i is drawn equally often in both.
    change = bootstrap(new) - bootstrap(old)
    names = [*RATIOS, *PERCENTILES]
    return tuple(
        Difference(
            name=name,
            before=_number(old_values[column]),
            after=_number(new_values[column]),
            change=interval(float(new_values[column] - old_values[column]), change[:, column]),
        )
        for column, name in enumerate(names)
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _kind_of_change(before: Record, after: Record) -> str:
    return f"{before.outcome} -> {after.outcome}"
