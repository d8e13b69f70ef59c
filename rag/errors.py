"""Errors of asking.

Tree::

    FootnoteError
    +-- QuestionError    the question cannot be asked as it is
    +-- SettingsError    a setting is unknown or has no sense
    +-- AnswerFileError  a saved answer cannot be read
    +-- ConversationError  the kept conversations cannot be read or written
    +-- BriefError       there is nothing to make a brief of, or it is not clear of what
    +-- TraceFileError   a saved trace cannot be read
"""

from models.errors import FootnoteError


class QuestionError(FootnoteError):
    """The question is empty, or too long to be read."""


class SettingsError(FootnoteError):
    """A setting is unknown, or its value is out of range."""


class AnswerFileError(FootnoteError):
    """A file holds no saved answer."""


class ConversationError(FootnoteError):
    """The file with the conversations cannot be read or written."""


class BriefError(FootnoteError):
    """No document, several documents, or a document without words is named for a brief."""


class TraceFileError(FootnoteError):
    """A file holds no trace of an answer, or was changed."""
