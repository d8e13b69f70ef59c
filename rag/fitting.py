"""Whether a generator fits into the memory of this machine."""

from pathlib import Path

from models.gguf_header import read_header
from models.locate import locate_generator
from models.memory import OWN_BYTES, Need, free_bytes, need_of_file
from models.packaged import starter_gguf
from rag.errors import DoesNotFitError
from rag.readers import is_starter
from rag.settings import Settings


def need_of_generator(settings: Settings) -> Need | None:
    """Memory that the generator of the settings needs here; None where it runs elsewhere.

    Raises:
        ModelError: there is no such model on this machine.
    """
    if settings.generator == "fake":
        return None
    where = starter_gguf() if is_starter(settings) else locate_generator(settings.generator).where
    return (
        need_of_file(read_header(where), settings.context_tokens)
        if isinstance(where, Path)
        else None
    )


def check_fits(settings: Settings, *, running: bool = False) -> None:
    """Refuse a generator that would fill the memory.

    Args:
        settings: name the generator and its context.
        running: Footnote itself is in memory already.

    Raises:
        DoesNotFitError: it needs more than is free; the message has the numbers.
    """
    need, free = need_of_generator(settings), free_bytes()
    if need is None or free is None:
        return
    own = 0 if running else OWN_BYTES
    if need.n_bytes + own <= free:
        return
    rest = "" if running else f" and Footnote itself about {own / 1e9:.1f} GB"
    raise DoesNotFitError(
        f"{settings.generator} needs about {need.n_bytes / 1e9:.1f} GB of memory with a context of "
        f"{settings.context_tokens} tokens{rest}; {free / 1e9:.1f} GB are free. Close other programs, set a "
        "smaller context_tokens, or choose a smaller model."
    )
