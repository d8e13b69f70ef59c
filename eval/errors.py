"""Errors of the evaluation room.

Tree::

    FootnoteError
    +-- EvalError
        +-- QuestionSetError   a question set cannot be read; names file, line and reason
        +-- EvidenceError      gold evidence does not stand in the documents of the library
        +-- RunError           a saved run cannot be read, resumed or compared
        +-- GateError          a `--fail-under` that names no metric or no number
"""

from models.errors import FootnoteError


class EvalError(FootnoteError):
    """Root of the errors of the evaluation room."""


class QuestionSetError(EvalError):
    """A question set cannot be read; the message names file, line and what is wrong."""


class EvidenceError(EvalError):
    """Gold evidence does not stand where the question set says."""


class RunError(EvalError):
    """A saved run is damaged, of another format, or does not belong to this question set."""


class GateError(EvalError):
    """A gate names an unknown metric or an impossible number."""
