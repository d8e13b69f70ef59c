"""What a trace says in plain words: three sentences for somebody who reads no numbers."""

from collections.abc import Sequence

from rag.trace import Trace, TracedPassage


def summary(trace: Trace) -> list[str]:
    """What happened, in at most three sentences."""
    if not trace.passages:
        return _counted(trace)
    n_read = len({ident for prompt in trace.prompts for ident in prompt.passages})
    compared = many(len(trace.passages), "passage was", "passages were")
    sentences = [
        f"{compared} compared with the question, and {_read_words(n_read)} read word by word."
    ]
    sentences.append(_whence(trace))
    sentences.append(_how_sure(trace))
    return [sentence for sentence in sentences if sentence]


def _read_words(n: int) -> str:
    return f"{n or 'none'} of them {'was' if n == 1 else 'were'}"


def _counted(trace: Trace) -> list[str]:
    n = trace.library.get("documents", 0)
    return [
        f"This question is about the whole library of {many(n, 'document', 'documents')}, so no passages "
        "were searched for.",
        "The answer was counted by rules over what the documents say; no model wrote it.",
    ]


def _whence(trace: Trace) -> str:
    cited = _cited(trace)
    if trace.answer.get("status") == "refused":
        return "None of them states the answer surely enough."
    if not cited:
        return "The answer was read from the date that its document states."
    names = _listed([f"passage {p.rank}" for p in cited])
    which = "which" if len(cited) == 1 else f"of which passage {cited[0].rank}"
    return f"The answer comes from {names}, {which} {_found(cited[0])}."


def _found(passage: TracedPassage) -> str:
    dense, lexical = passage.dense_rank, passage.lexical_rank
    if dense == lexical:
        return f"was {_nth(dense or 1)} both by meaning and by its words"
    if dense and lexical:
        return f"was {_nth(dense)} by meaning and {_nth(lexical)} by its words"
    if dense:
        return f"was {_nth(dense)} by meaning, though other passages share more words with the question"
    return f"was {_nth(lexical or 1)} by its words, though other passages come nearer in meaning"


def _how_sure(trace: Trace) -> str:
    if not trace.weighings:
        return ""
    refused = trace.answer.get("status") == "refused"
    best = max(trace.weighings, key=lambda w: w.confidence) if refused else trace.weighings[-1]
    if best.way in ("date", "writing"):
        return ""
    told = f"Footnote was {best.confidence:.0%} sure"
    needed = f"an answer is given from {best.threshold:.0%} on"
    return f"{told} of the best it found; {needed}." if refused else f"{told}; {needed}."


def _cited(trace: Trace) -> list[TracedPassage]:
    """The passages whose words are quoted, in the order of the sentences."""
    found: dict[int, TracedPassage] = {}
    for sentence in trace.answer.get("sentences", ()):
        for citation in sentence["citations"]:
            for passage in trace.passages:
                inside = passage.start < citation["end"] and citation["start"] < passage.end
                same = str(passage.document) == citation["document"]
                if inside and same and passage.rank is not None:
                    found.setdefault(passage.id, passage)
    return list(found.values())


def many(n: int, one: str, more: str) -> str:
    """A number with what it counts."""
    return f"{n:,} {one if n == 1 else more}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _nth(n: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    endings = {1: "st", 2: "nd", 3: "rd"}
    return f"{n}{'th' if n % 100 in (11, 12, 13) else endings.get(n % 10, 'th')}"
