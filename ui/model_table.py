"""The list of models as a plain table, for the terminal."""

from collections.abc import Callable, Sequence

from models.measured import Speed
from models.memory import free_bytes
from rag.model_rows import ModelRow
from ui.terminal import table

_KINDS = {
    "generator": "Models that read and answer",
    "embedder": "Models that find passages (footnote embedder try NAME)",
    "reranker": "Models that order what was found",
}


def models_table(rows: Sequence[ModelRow]) -> str:
    """All models by kind, and what to do next."""
    parts = []
    for kind, title in _KINDS.items():
        of_kind = [row for row in rows if row.kind == kind]
        if of_kind:
            parts.append(f"{title}\n\n{_table(of_kind)}")
    free = free_bytes()
    memory = f"{gigabytes(free)} of memory are free. " if free is not None else ""
    parts.append(
        f"{memory}A ~ is an estimate from the size.\n"
        "Download one: footnote models add NAME. Use it: footnote models use NAME. "
        "Measure it here: footnote models bench NAME."
    )
    return "\n\n".join(parts)


def _table(rows: Sequence[ModelRow]) -> str:
    """Columns in which every row is empty are left out."""
    columns: dict[str, Callable[[ModelRow], str]] = {
        "name": lambda row: row.name,
        "size": lambda row: gigabytes(row.size_bytes),
        "memory": memory_needed,
        "fits": lambda row: {True: "yes", False: "no", None: "-"}[row.fits],
        "reader": lambda row: row.reader or "-",
        "licence": lambda row: row.licence or "-",
        "state": state,
        "read / write": _speed,
        "own set": quality_words,
    }
    cells = {head: [cell(row) for row in rows] for head, cell in columns.items()}
    kept = {head: column for head, column in cells.items() if set(column) != {"-"}}
    return table(list(zip(*kept.values(), strict=True)), tuple(kept))


def state(row: ModelRow) -> str:
    """Where a model is, in a few words."""
    if row.here:
        where = {
            "starter": "comes with Footnote",
            "catalogue": "downloaded",
            "file": "your file",
            "address": "an address",
        }[row.source]
        return f"in use ({where})" if row.in_use else where
    if row.in_use:
        return "in use, but not here"
    if row.source == "file":
        return "your file is gone"
    if row.bytes_here and row.size_bytes:
        return f"{min(99, row.bytes_here * 100 // row.size_bytes)} % downloaded"
    return "not downloaded" if row.can_download else "to be fetched by hand"


def gigabytes(n_bytes: int | None) -> str:
    """Bytes as people say them; a dash where unknown."""
    if n_bytes is None:
        return "-"
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 995_000_000 else f"{n_bytes / 1e6:.0f} MB"


def speed_words(speed: Speed) -> tuple[str, str, str]:
    """How fast a model loads, reads and writes."""
    written = speed.generated_tokens_per_s
    return (
        f"load: {speed.load_s:.1f} s",
        f"read: {speed.prompt_tokens_per_s:.0f} tokens a second ({speed.n_prompt} tokens)",
        "write: too little was written to tell"
        if written is None
        else f"write: {written:.1f} tokens a second ({speed.n_generated} tokens)",
    )


def memory_needed(row: ModelRow) -> str:
    """Memory, with a mark where it is an estimate."""
    text = gigabytes(row.need_bytes)
    return f"~{text}" if row.need_estimated and row.need_bytes else text


def _speed(row: ModelRow) -> str:
    """Tokens a second, read and written."""
    if row.speed is None:
        return "-"
    written = row.speed.generated_tokens_per_s
    return f"{row.speed.prompt_tokens_per_s:.0f} / {'-' if written is None else f'{written:.0f}'} tok/s"


def quality_words(row: ModelRow) -> str:
    """How it did on a question set of one's own; a dash where it was not asked one."""
    found = row.quality
    if found is None:
        return "-"
    right, wrong = (
        "-" if part is None else f"{100 * part:.0f} %" for part in (found.right, found.wrong)
    )
    return f"{right} right, {wrong} wrong of {found.questions} ({found.set})"
