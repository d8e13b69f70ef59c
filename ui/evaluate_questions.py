"""The questions of a run as HTML: what was expected, what was answered, why it went wrong."""

from collections.abc import Callable, Sequence

from eval.causes import CAUSES, cause_of
from eval.types import Evidence, Question, Record, Run
from rag.types import Answer, Citation, PassageUse, Sentence
from ui.footnotes import locator_words
from ui.markup import Markup, el, isolate, join
from ui.pieces import deed

PAGE_SIZE = 50
_NEAREST = 3
_SHOWN_PASSAGE = 400
_OUTCOMES = {
    "right": "✓ right",
    "wrong": "✗ wrong",
    "refused": "– refused",
    "answered": "· answered",
    "error": "! failed",
}
_SHOWN = {
    "wrong": "Wrong",
    "refused": "Refused",
    "right": "Right",
    "answered": "Not judged",
    "error": "Failed",
    "all": "All",
}

Case = tuple[Question, Record]
Words = Callable[[Evidence], str | None]
"""The words that a piece of evidence means, where the library has them."""


def cases(run: Run, show: str) -> list[Case]:
    """The questions that ended as `show` says, or all."""
    pairs = zip(run.questions, run.records, strict=True)
    return [(q, r) for q, r in pairs if show in ("all", r.outcome)]


def first_choice(run: Run) -> str:
    """What is shown at first: what went wrong, or all where nothing did."""
    return "wrong" if cases(run, "wrong") else "all"


def questions_html(run: Run, name: str, words: Words, *, show: str, page: int = 1) -> Markup:
    """A page of the questions that ended as chosen, with the choice above.

    Args:
        run: of the questions.
        name: under which it is kept.
        words: of the evidence.
        show: an outcome, or "all".
        page: from 1.
    """
    chosen = cases(run, show)
    n_pages = max(1, -(-len(chosen) // PAGE_SIZE))
    page = min(max(page, 1), n_pages)
    shown = chosen[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return el(
        "section",
        el("h3", "Questions", id="questions-heading", tabindex=-1),
        _filter(run, name, show),
        el("div", *(_case(q, r, words) for q, r in shown), class_="cases")
        if shown
        else el("p", "No question ended like this.", class_="note"),
        _pager(name, show, page, n_pages) if n_pages > 1 else None,
        aria_labelledby="questions-heading",
    )


def badge(question: Question, record: Record) -> Markup:
    """How a question ended, in colour and in words."""
    words = _OUTCOMES[record.outcome]
    if record.outcome == "refused" and question.unanswerable:
        return el("span", "✓ refused, rightly", class_="outcome right")
    return el("span", words, class_=f"outcome {record.outcome}")


def expected_html(question: Question, words: Words) -> Markup:
    """What the set says about the right answer."""
    evidence = [_evidence(piece, words(piece)) for piece in question.evidence]
    return el(
        "dl",
        *_entry("Asked before", [isolate(turn) for turn in question.history]),
        *_entry("Expected", _wanted(question)),
        *_entry("Must include all of", [isolate(part) for part in question.must_include]),
        *_entry("Must include none of", [isolate(part) for part in question.must_not_include]),
        *_entry("Evidence", evidence),
    )


def given_html(question: Question, record: Record) -> Markup:
    """What was answered, with its quotes, and why it went wrong."""
    cause = cause_of(question, record)
    why = [el("span", CAUSES[cause])] if cause is not None and record.error is None else []
    error = [isolate(record.error)] if record.error is not None else []
    ms = record.latency_ms
    took = f"{ms:.0f} ms" if ms < 1000 else f"{ms / 1000:.1f} s"
    answer = record.answer
    sure = f", {100 * answer.confidence:.0f} % sure" if answer and record.answered else ""
    return el(
        "dl",
        *_entry("Failed", error),
        *(_given(answer, record) if answer is not None else ()),
        *_entry("Why it went wrong", why),
        *_entry("Took", [el("span", took + sure)]),
    )


def _case(question: Question, record: Record, words: Words) -> Markup:
    return el(
        "details",
        el(
            "summary",
            badge(question, record),
            " ",
            el("span", isolate(question.question), class_="asked", dir="auto"),
            " ",
            el("span", isolate(f"{question.kind} · {question.id}"), class_="path"),
        ),
        el("div", expected_html(question, words), given_html(question, record), class_="two"),
        class_="case",
    )


def _wanted(question: Question) -> list[Markup]:
    if question.unanswerable:
        return [el("span", "that the documents do not say")]
    if not question.answers:
        return []
    first, *others = question.answers
    also = [el("span", "or ", isolate(other), class_="also") for other in others]
    return [isolate(first), *also]


def _evidence(piece: Evidence, words: str | None) -> Markup:
    if words is not None:
        return _quote(words, piece.source)
    place = "" if piece.start is None else f", characters {piece.start:,} to {piece.end:,}"
    return isolate(f"{piece.source}{place}")


def _given(answer: Answer, record: Record) -> list[Markup]:
    if not record.answered:
        nearest = [_passage(passage) for passage in answer.passages[:_NEAREST]]
        refused = [el("span", "The documents do not say.")]
        return [*_entry("Answered", refused), *_entry("Nearest passages", nearest)]
    first = answer.sentences[0].text if answer.sentences else ""
    short = answer.short_answer if answer.short_answer != first else None
    written = [c for s in answer.sentences if not _is_quote(s) for c in s.citations]
    cited = {citation.n: citation for citation in written}
    return [
        *_entry("Answered", [isolate(short)] if short else []),
        *_entry("In full" if short else "Answered", [_sentence(s) for s in answer.sentences]),
        *_entry("Footnotes", [_citation(cited[n]) for n in sorted(cited)]),
    ]


def _is_quote(sentence: Sentence) -> bool:
    """Whether it is the very words of its one footnote, which then need not stand there twice."""
    return len(sentence.citations) == 1 and sentence.citations[0].quote == sentence.text


def _sentence(sentence: Sentence) -> Markup:
    if _is_quote(sentence):
        return _citation(sentence.citations[0])
    marks = "".join(f"[{citation.n}]" for citation in sentence.citations)
    doubt = "" if sentence.support == "supported" else f" ({sentence.support})"
    return el("span", isolate(sentence.text), " ", el("span", marks + doubt, class_="quiet"))


def _citation(citation: Citation) -> Markup:
    title = citation.title or citation.path
    parts = [title, citation.section, citation.speaker, locator_words(citation.locator)]
    source = f"[{citation.n}] {' · '.join(part for part in parts if part)}"
    return _quote(citation.quote, source)


def _passage(passage: PassageUse) -> Markup:
    words = passage.text
    shown = words if len(words) <= _SHOWN_PASSAGE else words[:_SHOWN_PASSAGE] + "…"
    return _quote(shown, passage.title or passage.path)


def _quote(words: str, source: str) -> Markup:
    return join(
        (
            el("q", isolate(words), class_="quoted", dir="auto"),
            el("span", isolate(source), class_="source"),
        )
    )


def _entry(name: str, items: Sequence[Markup]) -> tuple[Markup, ...]:
    """A name with what belongs to it; nothing where there is nothing."""
    if not items:
        return ()
    return el("dt", name), *(el("dd", item) for item in items)


def _filter(run: Run, name: str, show: str) -> Markup:
    outcomes = [record.outcome for record in run.records]
    numbers = {key: outcomes.count(key) for key in _SHOWN} | {"all": len(outcomes)}
    always = ("wrong", "refused", "right", "all")
    choices = [
        deed(
            f"{label} ({numbers[key]:,})",
            "show",
            data_run=name,
            data_show=key,
            aria_pressed="true" if key == show else "false",
        )
        for key, label in _SHOWN.items()
        if key in always or numbers[key]
    ]
    return el("div", *choices, class_="filter", role="group", aria_label="Which questions")


def _pager(name: str, show: str, page: int, n_pages: int) -> Markup:
    def turn(label: str, to: int) -> Markup | None:
        if not 1 <= to <= n_pages:
            return None
        return deed(
            label,
            "show",
            # The same button on the next page, though it leads elsewhere.
            id=f"questions-{label.casefold()}",
            data_run=name,
            data_show=show,
            data_page=to,
        )

    return el(
        "nav",
        turn("Previous", page - 1),
        el("span", f"Page {page} of {n_pages}"),
        turn("Next", page + 1),
        aria_label="Pages of questions",
        class_="pager",
    )
