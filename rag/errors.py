"""Errors of asking.

Tree::

    FootnoteError
    +-- QuestionError    the question cannot be asked as it is
    +-- SettingsError    a setting is unknown or has no sense
    +-- AnswerFileError  a saved answer cannot be read
    +-- ConversationError  the kept conversations cannot be read or written
    +-- BriefError       there is nothing to make a brief of, or it is not clear of what
    +-- TraceFileError   a saved trace cannot be read
    +-- ModelError
        +-- DoesNotFitError  a model needs more memory than is free
"""

from models.errors import FootnoteError, ModelError


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


class DoesNotFitError(ModelError):
    """A model needs more memory than is free; whoever asks may use it nevertheless.

    Args:
        what: the numbers and what to do, without how to insist.
    """

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} To use it nevertheless, add --anyway.")
        self.what = what
