"""Why this answer: a trace as HTML for a drawer, plain words first and every number behind them."""

from collections.abc import Iterator, Sequence

from rag.trace import Prompt, Trace, TracedPassage, Weighing
from ui.footnotes import button
from ui.markup import Child, Markup, el, isolate, join
from ui.why_words import many, summary

_SHOWN = 10
_WORDS = 110
_STEPS = {
    "understand": "Understanding the question",
    "retrieve": "Searching",
    "read.sentences": "Comparing sentences",
    "read.passages": "Reading passages",
    "read": "Reading, all together",
    "total": "Altogether",
}
_WAYS = {
    "words": "by the words that answer",
    "sentence": "by a whole sentence",
    "date": "from the date of the document",
    "writing": "in words of the model",
}


def why_html(trace: Trace) -> Markup:
    """The drawer of one answer."""
    return el(
        "section",
        el("h2", "Why this answer"),
        el("p", " ".join(summary(trace)), class_="why-summary"),
        _understood(trace),
        _candidates(trace),
        _what_was_read(trace),
        _left_out(trace),
        _certainty(trace),
        _timings(trace),
        _made_with(trace),
        button("Save all of this as a file", "save-trace", class_="secondary"),
        class_="why",
        aria_label="Why this answer",
    )


# -- sections -------------------------------------------------------------------------------------


def _section(title: str, *children: Child, opened: bool = False) -> Markup:
    return el("details", el("summary", title), *children, class_="why-part", open=opened)


def _understood(trace: Trace) -> Markup:
    own = trace.understood
    rows: list[tuple[str, str]] = [("Asked", trace.question)]
    if own.referenced != own.asked:
        rows.append(("With what it refers to", own.referenced))
    rows += [("Spelling mended", f"{old} → {new}") for old, new in own.mended]
    rows.append(("Searched for", own.standalone))
    if own.within:
        rows.append(("Searched only", own.within))
    rows += [("Asked before", turn) for turn in trace.history]
    return _section("Understood as", _pairs(rows), opened=True)


def _candidates(trace: Trace) -> Markup | None:
    handed = _handed(trace)
    if not handed:
        return None
    note = (
        "Meaning compares the passage with the question as a whole (1 is the same), words counts the "
        "question’s words in it (more is better). Together they give the order; relevance is what a "
        "second model makes of the first of them, and has a say in it."
    )
    return _section("Candidates", el("p", note, class_="note"), _table(trace, handed), opened=True)


def _table(trace: Trace, passages: Sequence[TracedPassage]) -> Markup:
    head = ("", "Passage", "Meaning", "Words", "Together", "Relevance", "")
    rows = (
        el(
            "tr",
            el("th", str(p.rank or "–"), scope="row"),
            el("td", _place(trace, p), class_="why-words"),
            el("td", _number(p.cosine), class_="number"),
            el("td", _number(p.bm25, "0.1f"), class_="number"),
            el("td", _number(p.fused_score), class_="number"),
            el("td", _number(p.prover_relevance, "+.1f"), class_="number"),
            el("td", "read" if p.read else "not read"),
        )
        for p in passages
    )
    return el(
        "table",
        el("thead", el("tr", *(el("th", name, scope="col") for name in head))),
        el("tbody", *rows),
        class_="why-candidates",
    )


def _place(trace: Trace, passage: TracedPassage) -> Markup:
    document = trace.document(passage.document)
    title = isolate(document.title if document else "", class_="title")
    return join((title, el("span", isolate(_begin(passage.text)), class_="quote", dir="auto")))


def _what_was_read(trace: Trace) -> Markup | None:
    if not trace.prompts:
        return None
    items = (el("li", *_prompt(trace, prompt)) for prompt in trace.prompts)
    note = "Exactly what the model was given, and the words it marked, the most likely first."
    return _section("What was read", el("p", note, class_="note"), el("ol", *items))


def _prompt(trace: Trace, prompt: Prompt) -> Iterator[Child]:
    passages = [p for ident in prompt.passages if (p := trace.passage(ident)) is not None]
    if len(passages) == 1:
        yield _place(trace, passages[0])
    else:
        yield f"{len(passages)} passages together"
    if prompt.wrote is not None:
        yield el("p", "Written: ", isolate(prompt.wrote), dir="auto")
    elif prompt.proposals:
        best = prompt.proposals[0]
        marked = isolate(f"“{' '.join(best.words.split())}”")
        odds = best.logprob - (prompt.not_stated or 0.0)
        likelier = "likelier" if odds > 0 else "less likely"
        yield el(
            "p", "Marked: ", marked, f" – {likelier} than “not stated” ({odds:+.1f} in log odds)"
        )
    else:
        yield el("p", "Nothing in it was marked.")
    words = f"The prompt, {many(prompt.n_tokens, 'token', 'tokens')}"
    if prompt.text:
        yield el("details", el("summary", words), el("pre", prompt.text, dir="auto"))
    else:
        yield el("p", f"{words}; this model cannot show it.")


def _left_out(trace: Trace) -> Markup | None:
    counts: dict[str, int] = {}
    for passage in trace.passages:
        if not passage.read:
            reason = passage.left_out or "not among the first"
            counts[reason] = counts.get(reason, 0) + 1
    if not counts:
        return None
    items = (
        el("li", f"{many(n, 'passage', 'passages')}: {reason}") for reason, n in counts.items()
    )
    rest = [p for p in trace.passages if p.rank is None][:_SHOWN]
    table = _table(trace, rest) if rest else None
    first = (
        el("details", el("summary", f"The first {len(rest)} of the others"), table)
        if table
        else None
    )
    return _section("Left out", el("ul", *items), first)


def _certainty(trace: Trace) -> Markup | None:
    if not trace.weighings:
        return None
    return _section("How sure", el("ul", *(el("li", *_weighing(w)) for w in trace.weighings)))


def _weighing(weighing: Weighing) -> Iterator[Child]:
    way = _WAYS.get(weighing.way, weighing.way)
    enough = "enough" if weighing.confidence >= weighing.threshold else "not enough"
    yield f"Answered {way}: {weighing.confidence:.0%} sure, {enough} ({weighing.threshold:.0%} needed)."
    if weighing.answers:
        items = (
            el(
                "li",
                isolate(f"“{' '.join(answer.members[0].words.split())}”"),
                f" – {answer.probability:.0%}, in {many(len(answer.members), 'passage', 'passages')}",
            )
            for answer in weighing.answers
            if answer.members
        )
        yield el("ol", *items)


def _timings(trace: Trace) -> Markup:
    timings = trace.answer.get("timings_ms", {})
    tokens = trace.answer.get("tokens", {})
    rows = [(_STEPS.get(name, name), f"{float(ms) / 1000:.2f} s") for name, ms in timings.items()]
    rows += [(f"Tokens, {name}", f"{n:,}") for name, n in tokens.items()]
    return _section("Timings", _pairs(rows))


def _made_with(trace: Trace) -> Markup:
    rows = [("When", trace.made)]
    rows += [
        (model.part, f"{model.name}{f', sha256 {model.sha256[:12]}…' if model.sha256 else ''}")
        for model in trace.models
    ]
    rows += [(name.replace("_", " "), str(value)) for name, value in trace.settings.items()]
    rows += list(trace.programs.items())
    return _section("Made with", _pairs(rows))


# -- words ----------------------------------------------------------------------------------------


def _handed(trace: Trace) -> list[TracedPassage]:
    return sorted(
        (p for p in trace.passages if p.rank is not None), key=lambda passage: passage.rank or 0
    )


def _pairs(rows: Sequence[tuple[str, str]]) -> Markup:
    parts = (part for name, value in rows for part in (el("dt", name), el("dd", isolate(value))))
    return el("dl", *parts)


def _number(value: float | None, layout: str = ".2f") -> str:
    return "–" if value is None else format(value, layout)


def _begin(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= _WORDS else f"{plain[:_WORDS].rsplit(' ', 1)[0]}…"
