"""Another model for a pipeline that is running: loaded first, then put in place, or not at all."""

import dataclasses

from rag.fitting import check_fits
from rag.pipeline import Pipeline
from rag.readers import build_reader
from rag.settings import Settings

_OF_READING = (
    "generator",
    "reader",
    "quantisation",
    "threads",
    "n_read",
    "context_tokens",
    "answer_tokens",
    "promise",
    "min_confidence",
)


def switch_generator(pipeline: Pipeline, settings: Settings, *, anyway: bool = False) -> str:
    """Answer with the generator that the settings name, from the next question on.

    Questions that are being answered end with the model they began with, which is closed then. While the
    new one is loaded the old one is in memory too. Only what concerns reading is taken from the
    settings; library, embedder and prover stay.

    Args:
        pipeline: is running.
        settings: with the new `generator`, and `reader`, `context_tokens` and so on.
        anyway: do not look whether it fits into the memory that is free.

    Returns:
        The new generator's name, as answers show it.

    Raises:
        FootnoteError: the new model cannot be used; the old one is in place as before.
    """
    taken = {name: getattr(settings, name) for name in _OF_READING}
    with pipeline.readers.exchanging():
        if not anyway:
            check_fits(settings, running=True)
        new = build_reader(settings, pipeline.library, pipeline.judge)
        try:
            new.open()
        except BaseException:
            new.close()
            raise
        pipeline.settings = dataclasses.replace(pipeline.settings, **taken)
        pipeline.readers.put(new)
    return new.generator
