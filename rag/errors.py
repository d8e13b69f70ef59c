"""Errors of asking.

Tree::

    FootnoteError
    +-- QuestionError    the question cannot be asked as it is
    +-- SettingsError    a setting is unknown or has no sense
    +-- AnswerFileError  a saved answer cannot be read
    +-- TraceFileError   a saved trace cannot be read
"""

from models.errors import FootnoteError


class QuestionError(FootnoteError):
    """The question is empty, or too long to be read."""


class SettingsError(FootnoteError):
    """A setting is unknown, or its value is out of range."""


class AnswerFileError(FootnoteError):
    """A file holds no saved answer."""


class TraceFileError(FootnoteError):
    """A file holds no trace of an answer, or was changed."""
