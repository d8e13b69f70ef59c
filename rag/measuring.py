"""How fast a model that is here reads and writes on this machine."""

import dataclasses
from collections.abc import Callable

from models.measured import Speed, keep_measured, measure_speed
from rag.drafts import close_model
from rag.fitting import check_fits
from rag.model_rows import canonical_name
from rag.readers import build_generator
from rag.settings import Settings


def measure_model(
    name: str,
    settings: Settings,
    *,
    anyway: bool = False,
    running: bool = False,
    on_start: Callable[[], None] = lambda: None,
) -> Speed:
    """Load a generator beside everything else, measure it, keep the result and close it.

    Args:
        name: of the list, the path of a GGUF file, or "starter".
        settings: say how models are loaded.
        anyway: do not look whether it fits into the memory.
        running: Footnote itself is in memory already.
        on_start: called when it is found and fits.

    Raises:
        FootnoteError: it is not here, does not fit, cannot be loaded or does not answer.
    """
    known = canonical_name(name, "generator")
    settings = dataclasses.replace(settings, generator=name)
    if not anyway:
        check_fits(settings, running=running)
    generator = build_generator(settings)
    on_start()
    try:
        speed = measure_speed(generator)
    finally:
        close_model(generator)
    keep_measured(known, speed)
    return speed
