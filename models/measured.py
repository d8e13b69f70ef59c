"""How fast a model is on this machine, and how well it did on a question set of one's own: kept by name."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from models.places import models_dir, read_json, write_json
from models.protocols import Generator, Message

FILE = "measured.json"
_PROMPT_TOKENS, _ANSWER_TOKENS = 512, 64
_LINE = "Entry {n}: on day {n} of the survey, boat {m} counted {k} seals on the north bank.\n"


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds and tokens of one run.

    Attributes:
        load_s: until the model could answer; of an address, until its server did.
        prompt_tokens_per_s: read before the first word.
        generated_tokens_per_s: written; None where the model wrote too little to tell.
        n_prompt: tokens read.
        n_generated: tokens written.
        measured: the day.
    """

    load_s: float
    prompt_tokens_per_s: float
    generated_tokens_per_s: float | None
    n_prompt: int
    n_generated: int
    measured: str


@dataclass(frozen=True, slots=True)
class Quality:
    """Headline figures of one run of a question set, as `footnote eval` defines them.

    Attributes:
        set: the set's name.
        questions: how many were asked.
        right: share answered right, of the answerable.
        wrong: share answered wrong, of all.
        precision: share right of those answered; None where none was.
        refusal: share refused of the unanswerable; None where there are none.
        latency_ms: of the median question.
        measured: the day.
    """

    set: str
    questions: int
    right: float | None
    wrong: float | None
    precision: float | None
    refusal: float | None
    latency_ms: float | None
    measured: str


def measure_speed(generator: Generator) -> Speed:
    """Load a model, let it read a prompt of some hundred tokens and write some words.

    Raises:
        ModelError: it cannot be loaded or does not answer.
    """
    began = time.perf_counter()
    opening = getattr(generator, "open", None)
    if opening is not None:
        opening()
    room = generator.context_tokens - _ANSWER_TOKENS
    loaded = time.perf_counter()
    messages = _prompt(generator, min(_PROMPT_TOKENS, room))
    n_prompt = generator.count_messages(messages)
    asked = time.perf_counter()
    first = asked
    pieces: list[str] = []
    for piece in generator.stream(messages, max_tokens=_ANSWER_TOKENS):
        if not pieces:
            first = time.perf_counter()
        pieces.append(piece)
    ended = time.perf_counter()
    if not pieces:
        first = ended
    n_generated = generator.count("".join(pieces))
    return Speed(
        load_s=loaded - began,
        prompt_tokens_per_s=n_prompt / max(first - asked, 1e-9),
        # The first token counts as reading.
        generated_tokens_per_s=(n_generated - 1) / max(ended - first, 1e-9)
        if n_generated > 4
        else None,
        n_prompt=n_prompt,
        n_generated=n_generated,
        measured=today(),
    )


def read_measured() -> dict[str, tuple[Speed | None, Quality | None]]:
    """Speed and quality by the model's name, where they were measured; damage counts as nothing."""
    kept = read_json(models_dir() / FILE).get("models", {})
    if not isinstance(kept, dict):
        return {}
    return {
        name: (_made(Speed, entry.get("speed")), _made(Quality, entry.get("quality")))
        for name, entry in kept.items()
        if isinstance(entry, dict)
    }


def keep_measured(name: str, measured: Speed | Quality) -> None:
    """Keep a measurement in the place of the one before.

    Raises:
        ModelError: it cannot be written.
    """
    path = models_dir() / FILE
    models = dict(read_json(path).get("models", {}))
    kind = "speed" if isinstance(measured, Speed) else "quality"
    models[name] = dict(models.get(name, {})) | {kind: asdict(measured)}
    write_json(path, {"version": 1, "models": models})


def today() -> str:
    """The day, as it is kept."""
    return date.today().isoformat()


def _prompt(generator: Generator, n_tokens: int) -> list[Message]:
    """A prompt of about so many tokens, not more."""
    asked = "\nWrite a long report about these entries, in full sentences."
    lines: list[str] = []
    while True:
        n = len(lines) + 1
        tried = [*lines, _LINE.format(n=n, m=n * 7 % 10, k=n * 13 % 90)]
        messages = [Message("user", "".join(tried) + asked)]
        if generator.count_messages(messages) > n_tokens:
            return [Message("user", "".join(lines) + asked)]
        lines = tried


def _made(kind: Any, kept: Any) -> Any:
    if not isinstance(kept, Mapping):
        return None
    known = {field.name for field in fields(kind)}
    try:
        return kind(**{key: value for key, value in kept.items() if key in known})
    except TypeError:
        return None
