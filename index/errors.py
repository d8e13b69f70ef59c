"""Errors of the library, each with what happened, the values seen and what to do next.

Tree::

    FootnoteError
    +-- LoadError              a file cannot be read; the message names it
    |   +-- UnsupportedError   its kind is not one that Footnote reads
    |   +-- EmptyFileError     nothing in it
    |   +-- EncryptedError     a password is needed
    |   +-- DamagedFileError   it is not what its name says, or is broken
    |   +-- NoTextError        readable, but without any text (a scan)
    |   +-- VanishedError      removed or changed while it was being read
    +-- FilterError            a filter cannot be understood, or leaves nothing
    +-- LabelError             a tag or a title of one's own cannot be kept
    +-- LibraryError           the library itself cannot be opened or written
"""

from models.errors import FootnoteError


class LoadError(FootnoteError):
    """A file cannot be read."""


class UnsupportedError(LoadError):
    """The kind of file is not one that Footnote reads."""


class EmptyFileError(LoadError):
    """The file holds nothing, or white space only."""


class EncryptedError(LoadError):
    """The file opens only with a password."""


class DamagedFileError(LoadError):
    """The file is broken, or not what its name says."""


class NoTextError(LoadError):
    """The file can be opened but holds no text."""


class VanishedError(LoadError):
    """The file was removed or changed while it was being read."""


class LibraryError(FootnoteError):
    """The library cannot be opened, read or written."""


class FilterError(FootnoteError):
    """A filter cannot be understood, or nothing in the library matches it."""


class LabelError(FootnoteError):
    """A tag or a title of one's own cannot be kept."""
