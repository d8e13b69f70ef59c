"""The root of every error meant for a person.

Tree::

    FootnoteError            what happened, the values seen, what to do next
    +-- ModelError           a model file is missing, damaged or does not fit
    +-- index.errors...      LoadError, LibraryError and their kin, beside the code that raises them
    +-- rag.errors...        QuestionError, SettingsError

The command line and the page turn a `FootnoteError` into one sentence; everything else is a defect
and keeps its traceback.
"""


class FootnoteError(Exception):
    """Root of all errors whose message is written for the user."""


class ModelError(FootnoteError):
    """A model file is missing, damaged, unknown, or does not fit the task."""
