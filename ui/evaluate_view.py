"""What the tab for measuring has open, and what changes in it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """What one browser tab has open.

    Attributes:
        run: name of the run; empty where none is open.
        other: the run it is compared with; empty where it is shown alone.
    """

    run: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """New content for the parts of the tab; None for what stays.

    Attributes:
        told: read aloud, too.
    """

    told: str | None = None
    progress: str | None = None
    sets: str | None = None
    runs: str | None = None
    result: str | None = None
    questions: str | None = None
    view: View | None = None
