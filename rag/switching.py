"""Another model for a pipeline that is running: loaded first, then put in place, or not at all."""

import dataclasses

from rag.fitting import check_fits
from rag.modelling import Used, find_choice, keep_choice
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


def use_now(pipeline: Pipeline, name: str, *, anyway: bool = False) -> Used:
    """Answer with another model from the next question on, and after a restart too.

    A generator is put in place first and written into the settings file when it answers. A reranker is
    used from the next start on; a note says so.

    Args:
        pipeline: is running.
        name: as for `rag.modelling.use_model`.
        anyway: do not look whether it fits into the memory.

    Raises:
        FootnoteError: it cannot be used; the old one is in place, and the settings file as before.
    """
    before = pipeline.settings
    choice = find_choice(name, before, anyway=anyway, running=True)
    wanted = choice.applied(before)
    if wanted.generator != before.generator:
        switch_generator(pipeline, wanted, anyway=anyway)
    if wanted.prover != before.prover:
        later = f"{wanted.prover} orders passages from the next start of Footnote on."
        choice = dataclasses.replace(choice, notes=(*choice.notes, later))
    return keep_choice(choice, pipeline.settings)
