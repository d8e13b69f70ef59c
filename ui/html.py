"""Turns of a conversation as HTML: question, short answer, quoted sentences, footnotes."""

from collections.abc import Sequence

from rag.rendering import shown
from rag.types import Answer, Citation, Sentence
from ui.brief_html import brief_html
from ui.feedback_html import feedback_html, stale_html
from ui.footnotes import button, marks, nearest, notes, support
from ui.markup import Markup, el, isolate, join
from ui.turns import Turn
from ui.wording import what_is_missing

_LONGEST_SHORT = 80
_LONGEST_QUESTION = 2_000
# (at least, words); the confidence is the chance that the best sentence is right.
_CONFIDENCE_WORDS = (
    (0.7, "High confidence"),
    (0.4, "Fair confidence"),
    (0.0, "Low confidence – check the passage"),
)


def turns_html(turns: Sequence[Turn]) -> Markup:
    """Several turns, oldest first."""
    return join(turn_html(turn) for turn in turns)


def turn_html(turn: Turn) -> Markup:
    """One question with what is known of its answer."""
    heading = f"question-{turn.number}"
    title = _shortened(turn.question if turn.task == "ask" else f"Brief: {turn.question}")
    return el(
        "article",
        el("h2", title, class_="question", id=heading, dir="auto"),
        _body(turn),
        stale_html(turn),
        feedback_html(turn),
        _examples(turn.onward, "Questions to go on with"),
        class_="turn",
        id=f"turn-{turn.number}",
        aria_labelledby=heading,
        aria_busy="true" if turn.state == "working" else "false",
        data_state=turn.state,
    )


def welcome_html(n_documents: int, examples: Sequence[str] = ()) -> Markup:
    """What stands where the conversation will be."""
    if not n_documents:
        return el(
            "div",
            el("h2", "Your library is empty."),
            el(
                "p",
                "Add documents, then ask. Every sentence of an answer comes with a footnote to the "
                "exact passage; what the documents do not say is not answered.",
            ),
            button("Add documents", "library", class_="primary"),
            class_="welcome",
        )
    count = "one document" if n_documents == 1 else f"{n_documents:,} documents"
    return el(
        "div",
        el("h2", "Ask your documents."),
        el(
            "p",
            f"Answers come from the {count} in your library, on this machine. Each sentence has a "
            "footnote to the exact passage, and where the documents do not say, so does Footnote.",
        ),
        _examples(examples),
        class_="welcome",
    )


def confidence_words(confidence: float) -> str:
    """A confidence between 0 and 1 in words."""
    return next(words for least, words in _CONFIDENCE_WORDS if confidence >= least or least == 0)


def _examples(examples: Sequence[str], label: str = "Example questions") -> Markup | None:
    if not examples:
        return None
    items = (el("li", button(question, "example", dir="auto")) for question in examples)
    return el("ul", *items, class_="examples", aria_label=label)


def _body(turn: Turn) -> Markup:
    if turn.state == "failed":
        return el("p", turn.error, class_="failure", role="alert")
    if turn.brief is not None:
        # The quoted brief can be read while parts of it are being written, so it is told above it.
        unfinished = _progress(turn) if turn.state in ("working", "stopped") else None
        return join((unfinished, brief_html(turn.brief, turn), _brief_acts(turn)))
    if turn.answer is None:
        return _unfinished(turn)
    if turn.answer.status == "refused":
        return _refusal(turn.number, turn.answer)
    return _answered(turn, turn.answer)


def _brief_acts(turn: Turn) -> Markup:
    save = button("Save as Markdown", "save-brief", data_turn=turn.number)
    return el("div", el("div", save, class_="acts"), class_="feedback")


def _unfinished(turn: Turn) -> Markup:
    drafted = el("p", turn.draft, class_="draft", dir="auto") if turn.draft else None
    return el("div", _sentences(turn, "stream"), drafted, _progress(turn), class_="answer")


def _progress(turn: Turn) -> Markup:
    if turn.state == "stopped":
        missing = "What is shown so far is not the whole answer."
        if turn.brief is not None:
            missing = "What was not written yet is quoted."
        return el("p", f"Stopped. {missing}", class_="note")
    # A brief is read meanwhile: it is not drawn anew every second.
    waited = f" · {turn.seconds} s" if turn.seconds >= 2 and turn.brief is None else ""
    return el(
        "p",
        el("span", class_="pulse", aria_hidden="true"),
        # The seconds change without being read out each time.
        el("span", turn.step.rstrip(".…") or "Working", role="status"),
        el("span", waited, class_="seconds", aria_hidden="true"),
        class_="step",
    )


def _answered(turn: Turn, answer: Answer) -> Markup:
    disputed = answer.status == "disputed"
    return el(
        "div",
        _status_line(answer),
        _searched_only(answer),
        _understood_as(answer),
        _short_answer(turn, answer),
        el("p", isolate(answer.note), class_="note") if answer.note else None,
        _sides(turn, answer) if disputed else _sentences(turn, "sentences"),
        notes(turn),
        class_="answer disputed" if disputed else "answer",
    )


def _status_line(answer: Answer) -> Markup:
    words = {
        "answered": "Answered from your documents",
        "disputed": "Your documents disagree",
        "refused": "Not in your documents",
    }[answer.status]
    sure = None if answer.status == "refused" else confidence_words(answer.confidence)
    return el(
        "p",
        el("span", words, class_=f"badge {answer.status}"),
        sure and el("span", sure, class_="confidence"),
        class_="status",
    )


def _searched_only(answer: Answer) -> Markup | None:
    if not answer.within:
        return None
    return el("p", "Searched only: ", isolate(_shortened(answer.within)), class_="note")


def _understood_as(answer: Answer) -> Markup | None:
    if answer.standalone_question.strip() in ("", answer.question.strip()):
        return None
    return el(
        "p", "Understood as: ", isolate(_shortened(answer.standalone_question)), class_="note"
    )


def _short_answer(turn: Turn, answer: Answer) -> Markup | None:
    if not answer.short_answer:
        return None
    if answer.n_documents and len(answer.short_answer) > _LONGEST_SHORT:
        # A list over the library: the documents are named with their footnotes below.
        return el("p", f"{answer.n_documents:,} documents", class_="short")
    proof = _proof(answer.short_answer, answer.sentences)
    return el("p", isolate(answer.short_answer), marks(turn, proof), class_="short")


def _proof(short: str, sentences: Sequence[Sentence]) -> Sequence[Citation]:
    """The footnotes of the sentence that contains the short answer, else of the first one."""
    wanted = _folded(short)
    holding = (sentence for sentence in sentences if wanted in _folded(sentence.text))
    chosen = next(holding, sentences[0] if sentences else None)
    return chosen.citations if chosen else ()


def _folded(words: str) -> str:
    return " ".join(words.casefold().split())


def _sentences(turn: Turn, class_: str) -> Markup | None:
    if not turn.sentences:
        return None
    items = (el("li", _sentence(turn, sentence)) for sentence in turn.sentences)
    return el("ol", *items, class_=class_)


def _sentence(turn: Turn, sentence: Sentence) -> Markup:
    quoted = sentence.kind == "quote"
    body = el("q", isolate(shown(sentence.text))) if quoted else isolate(sentence.text)
    return join(
        (
            el("span", body, class_="quoted" if quoted else "written", dir="auto"),
            marks(turn, sentence.citations),
            support(sentence),
        )
    )


def _sides(turn: Turn, answer: Answer) -> Markup:
    """Sources that disagree, side by side with their dates."""
    return el(
        "div",
        *(
            el("section", _side_head(sentence), el("p", _sentence(turn, sentence)), class_="side")
            for sentence in answer.sentences
        ),
        class_="sides",
    )


def _side_head(sentence: Sentence) -> Markup | None:
    if not sentence.citations:
        return None
    source = sentence.citations[0]
    return el("h3", el("span", source.date or "undated", class_="date"), " ", isolate(source.title))


def _refusal(turn: int, answer: Answer) -> Markup:
    if answer.note:
        advice = answer.note
    elif not answer.passages:
        advice = "Nothing in the library comes near this question."
    else:
        advice = (
            f"{what_is_missing(answer)} A document that states the answer would have to be added."
        )
    return el(
        "div",
        _status_line(answer),
        _searched_only(answer),
        _understood_as(answer),
        el("p", "The documents do not say.", class_="short"),
        el("p", advice, class_="note"),
        *nearest(turn, answer.passages),
        class_="answer refused",
    )


def _shortened(question: str) -> str:
    if len(question) <= _LONGEST_QUESTION:
        return question
    return f"{question[:_LONGEST_QUESTION]}… ({len(question):,} characters)"
