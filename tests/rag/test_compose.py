"""The compose reader against a scripted model that does everything a model can do wrong."""

import re
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.library import Library
from index.types import Hit
from models.errors import ModelError
from models.fake import FakeGenerator
from models.protocols import GeneratorProfile, Message
from rag.compose import ComposeReader
from rag.drafts import Draft, Reading
from rag.prompts import REFUSAL, compose_messages
from rag.types import Event
from rag.writing import Cleaner, SentenceCutter, marked_numbers, plain_sentence

QUESTION = "In which city was the third AI capacity-building workshop held?"
SHANGHAI = "The third workshop was held in Shanghai"
COUNTRIES = "In 2024, 38 countries took part in the third workshop"

Compose = Callable[..., tuple[Draft, list[Event]]]


@pytest.fixture
def compose(library: Library, reading_for: Callable[[str], Reading]) -> Compose:
    """Lets a script answer; the text may be given whole or in pieces."""

    def run(
        script: str | Sequence[str], *, profile: GeneratorProfile | None = None, tokens: int = 400
    ) -> tuple[Draft, list[Event]]:
        pieces = list(script) if isinstance(script, str) else script
        generator = FakeGenerator([pieces], profile=profile)
        reader = ComposeReader(generator, library, answer_tokens=tokens)
        draft = Draft()
        reading = reading_for(QUESTION)
        events = list(reader.answer(reading, draft))
        check(draft, events, reading, library)
        return draft, events

    return run


def check(draft: Draft, events: list[Event], reading: Reading, library: Library) -> None:
    """What holds for every answer, whatever the model wrote."""
    assert draft.status == ("answered" if draft.sentences else "refused")
    known = {hit.passage.document_id for hit in reading.hits}
    shown = [event.sentence for event in events if event.kind == "sentence"]
    for sentence in draft.sentences:
        assert sentence in shown
        assert sentence.kind == "written"
        assert sentence.citations, "a sentence without a footnote is shown"
        assert not re.search(r"\[\d|【|<\||</?think", sentence.text)
        for citation in sentence.citations:
            assert int(citation.document) in known
            text = library.store.text(int(citation.document))
            assert citation.quote == text[citation.start : citation.end] != ""
    assert 0 <= draft.confidence <= 1
    assert draft.tokens.keys() >= {"prompt", "answer"}


def said(draft: Draft) -> list[str]:
    return [sentence.text for sentence in draft.sentences]


def test_one_good_sentence(compose: Compose) -> None:
    draft, events = compose(f"{SHANGHAI} [1].")
    (sentence,) = draft.sentences
    assert sentence.text == f"{SHANGHAI}."
    assert sentence.support == "supported"
    assert "Shanghai" in sentence.citations[0].quote
    assert "".join(event.text for event in events if event.kind == "text") == f"{SHANGHAI} [1]."
    assert draft.confidence == 1.0


@pytest.mark.parametrize(
    "mark",
    [
        " [1]",
        "[1]",
        " [1, 2]",
        " [1][2]",
        " (1)",
        "【1】",
        "【1†source】",
        " [passage 1]",
        " [[1]]",
        " [^1]",
        " [Source 1]",
        " (Passage 1)",
        " [1-2]",
        " [Passage 1 and Passage 2]",
        " [#1]",
        " [1](#ref-1)",
        " [1,2,3]",
    ],
)
@pytest.mark.parametrize("behind", [False, True])
def test_every_style_of_footnote(compose: Compose, mark: str, behind: bool) -> None:
    one, two = [
        f"{words}.{mark}" if behind else f"{words}{mark}." for words in (SHANGHAI, COUNTRIES)
    ]
    draft, _ = compose(f"{one} {two}")
    assert said(draft) == [f"{SHANGHAI}.", f"{COUNTRIES}."]
    first = {citation.document for citation in draft.sentences[0].citations}
    assert draft.sentences[0].support == draft.sentences[1].support == "supported"
    assert first


def test_raised_numbers(compose: Compose) -> None:
    draft, _ = compose(f"{SHANGHAI}.¹ {COUNTRIES}.¹²")
    assert said(draft) == [f"{SHANGHAI}.", f"{COUNTRIES}."]


@pytest.mark.parametrize(
    "script", [f"[1] {SHANGHAI}. [1] {COUNTRIES}.", f"[1] {SHANGHAI}.\n[1] {COUNTRIES}."]
)
def test_marks_in_front(compose: Compose, script: str) -> None:
    assert said(compose(script)[0]) == [f"{SHANGHAI}.", f"{COUNTRIES}."]


def test_no_citations_at_all(compose: Compose) -> None:
    draft, _ = compose(f"{SHANGHAI}. Bananas grow on large herbs in warm places.")
    assert said(draft) == [f"{SHANGHAI}."]
    assert "Shanghai" in draft.sentences[0].citations[0].quote


@pytest.mark.parametrize("mark", ["[99]", "[0]", "[2024]", "【77】", "[12, 13]"])
def test_numbers_that_were_not_given(compose: Compose, mark: str) -> None:
    draft, _ = compose(f"{SHANGHAI} {mark}. Bananas grow on large herbs {mark}.")
    # What the passages hold gets its own footnote; what they do not is not shown.
    assert said(draft) == [f"{SHANGHAI}."]


def test_a_right_number_beside_a_wrong_one(compose: Compose) -> None:
    draft, _ = compose(f"{SHANGHAI} [1][99].")
    assert len(draft.sentences[0].citations) == 1


def test_years_in_brackets_are_no_footnotes(compose: Compose) -> None:
    draft, _ = compose(f"{SHANGHAI} (2024) [1].")
    assert said(draft) == [f"{SHANGHAI} (2024)."]


def test_figures_that_no_passage_holds_are_marked(compose: Compose) -> None:
    draft, _ = compose(
        f"{SHANGHAI} [1]. In 2024, 91 countries took part in the third workshop [1]."
    )
    assert [sentence.support for sentence in draft.sentences] == ["supported", "unsupported"]
    assert draft.confidence == 0.5


def test_nothing_proven_is_no_answer(compose: Compose) -> None:
    assert compose("The workshop of 1999 was in Oslo [1].")[0].status == "refused"


def test_repeated_sentences_are_said_once(compose: Compose) -> None:
    draft, events = compose(f"{SHANGHAI} [1]. " * 40)
    assert said(draft) == [f"{SHANGHAI}."]
    # It is stopped, not listened to till its budget is used up.
    assert len("".join(event.text for event in events)) < 10 * len(SHANGHAI)


def test_endless_text_ends(compose: Compose) -> None:
    words = [f"{COUNTRIES}{' in Shanghai' * n} [1]. " for n in range(30)]
    assert len(compose(words, tokens=1_200)[0].sentences) == 12
    assert compose(["workshop "] * 5_000)[0].tokens["answer"] <= 400
    assert compose(["a"] * 5_000, tokens=50)[0].status == "refused"


@pytest.mark.parametrize("script", ["", " ", "\n\n\n", "[1]", "...", "[1] [2].", "**", "- \n- \n"])
def test_empty_text(compose: Compose, script: str) -> None:
    assert compose(script)[0].status == "refused"


@pytest.mark.parametrize(
    "script",
    [
        REFUSAL,
        REFUSAL.lower(),
        "Not in the Documents.",
        f"**{REFUSAL}**",
        f"{REFUSAL} [1].",
        "NOT IN\nTHE DOCUMENTS",
        f"<think>Shanghai?</think>\n{REFUSAL}",
        f"The workshop was in 2024 [1]. {REFUSAL}",
    ],
)
def test_refusals(compose: Compose, script: str) -> None:
    draft, _ = compose(script)
    assert draft.status == "refused"
    assert draft.sentences == []
    assert draft.confidence == 0


def test_a_part_that_is_not_in_the_documents(compose: Compose) -> None:
    draft, _ = compose(f"{SHANGHAI} [1]. Its cost is not in the documents. {COUNTRIES} [1].")
    assert said(draft) == [f"{SHANGHAI}.", f"{COUNTRIES}."]


@pytest.mark.parametrize(
    "script",
    [
        f"<think>It may be Geneva [1]. {REFUSAL}?</think>{SHANGHAI} [1].",
        f"It may be Geneva [1]. No.</think>\n\n{SHANGHAI} [1].",
        f"<think></think>{SHANGHAI} [1].<think>Was that right?</think>",
        f"{SHANGHAI} [1].<think>Let me check. It may be Geneva [1].",
    ],
)
def test_thinking_is_never_shown(compose: Compose, script: str) -> None:
    for pieces in (script, re.findall(r".{1,7}", script, re.S), [script]):
        draft, _ = compose(pieces)
        assert said(draft) == [f"{SHANGHAI}."]


def test_thinking_that_never_ends(compose: Compose) -> None:
    assert compose(["<think>"] + ["so and so "] * 300)[0].status == "refused"


def test_channels(compose: Compose) -> None:
    channels = (("<|channel|>analysis", "<|channel|>final<|message|>"),)
    profile = GeneratorProfile(reader="compose", strip=channels)
    for script in (
        f"<|channel|>analysis<|message|>Geneva [1].<|end|><|channel|>final<|message|>{SHANGHAI} [1].",
        f"<|channel|>final<|message|>{SHANGHAI} [1].<|return|>",
    ):
        assert said(compose(script, profile=profile)[0]) == [f"{SHANGHAI}."]


@pytest.mark.parametrize(
    "end", ["<|im_end|>", "</s>", "<|eot_id|>", "<end_of_turn>", "<｜end▁of▁sentence｜>"]
)
def test_control_tokens_end_the_answer(compose: Compose, end: str) -> None:
    script = f"<|im_start|>assistant\n{SHANGHAI} [1].{end}\n<|im_start|>user\nAnd who came?\n{COUNTRIES} [1]."
    draft, events = compose(script)
    assert said(draft) == [f"{SHANGHAI}."]
    shown = "".join(event.text for event in events if event.kind == "text")
    assert shown.strip() == f"{SHANGHAI} [1]."


def test_markdown_bullets(compose: Compose) -> None:
    draft, _ = compose(
        f"## Answer\n\n- **{SHANGHAI}** [1]\n- {COUNTRIES}. [1]\n\n1. {SHANGHAI} in September 2024 [1]\n"
    )
    assert said(draft) == [SHANGHAI, f"{COUNTRIES}.", f"{SHANGHAI} in September 2024"]


def test_less_than_is_no_tag(compose: Compose) -> None:
    draft, _ = compose(f"{SHANGHAI}, with 38 < 2024 countries [1].")
    assert said(draft) == [f"{SHANGHAI}, with 38 < 2024 countries."]


@given(
    script=st.lists(
        st.sampled_from(
            [
                SHANGHAI,
                COUNTRIES,
                "[1]",
                " [2]",
                "[77]",
                ". ",
                ".",
                "\n",
                "- ",
                "**",
                "<think>",
                "</think>",
                "<|im_end|>",
                "<",
                "[",
                "(1)",
                REFUSAL,
                "U.S. ",
                "¹",
                "【3】",
                " Bananas grow",
                "\x1b[2J",
            ]
        ),
        max_size=12,
    ),
    sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5),
)
def test_however_it_is_cut_into_pieces(script: list[str], sizes: list[int]) -> None:
    """The same text in other pieces gives the same sentences, and no mark comes through."""
    text = "".join(script)
    pieces, at, turn = [], 0, 0
    while at < len(text):
        pieces.append(text[at : at + sizes[turn % len(sizes)]])
        at += len(pieces[-1])
        turn += 1
    once, shown_once = _written([text])
    cut, shown_cut = _written(pieces)
    assert cut == once
    assert shown_cut == shown_once
    assert "</think>" not in shown_cut
    assert "<|im_end|>" not in shown_cut


def _written(pieces: Sequence[str]) -> tuple[list[str], str]:
    cleaner, cutter = Cleaner(GeneratorProfile().strip), SentenceCutter()
    sentences: list[str] = []
    shown = ""
    for piece in pieces:
        ready = cleaner.feed(piece)
        if cleaner.restarted:
            cutter, sentences, shown = SentenceCutter(), [], ""
        shown += ready
        sentences += cutter.feed(ready)
        if cleaner.ended:
            break
    ready = cleaner.finish()
    return sentences + cutter.feed(ready) + cutter.finish(), shown + ready


@pytest.mark.parametrize(
    ("sentence", "numbers"),
    [
        ("a [1].", {1}),
        ("a [1, 3]", {1, 3}),
        ("a [2-4]", {2, 3, 4}),
        ("a (2) b [1]", {1, 2}),
        ("a", set()),
        ("in (2024)", set()),
        ("[9-1]", {1, 9}),
        ("[1-9999]", {1, 9999}),
    ],
)
def test_marked_numbers(sentence: str, numbers: set[int]) -> None:
    assert marked_numbers(sentence) == numbers


def test_plain_sentence() -> None:
    assert plain_sentence("- **Bold** [1],  and\nmore (2).") == "Bold, and more."


def test_passages_that_do_not_fit_are_named(
    library: Library, reading_for: Callable[[str], Reading]
) -> None:
    reading = reading_for(QUESTION)
    messages = compose_messages(
        QUESTION, [(1, h.passage.breadcrumb, h.passage.text) for h in reading.hits[:1]]
    )
    room = FakeGenerator().count_messages(messages) + 60
    generator = FakeGenerator([[f"{SHANGHAI} [1]."]], context_tokens=room + 50)
    draft = Draft()
    list(ComposeReader(generator, library, answer_tokens=50).answer(reading, draft))
    assert draft.tokens["prompt"] <= room
    assert draft.read
    assert draft.left_out
    assert draft.read | draft.left_out.keys() == {hit.passage.id for hit in reading.hits}
    assert set(draft.left_out.values()) == {"no room left in the model's context"}


def test_no_room_for_any_passage_is_not_a_refusal(
    library: Library, reading_for: Callable[[str], Reading]
) -> None:
    generator = FakeGenerator([["x"]], context_tokens=100)
    reader = ComposeReader(generator, library, answer_tokens=50)
    with pytest.raises(ModelError, match="holds 100 tokens, 50 of them"):
        list(reader.answer(reading_for(QUESTION), Draft()))


def test_no_passages_is_a_refusal(library: Library, reading_for: Callable[[str], Reading]) -> None:
    reading = reading_for(QUESTION)
    draft = Draft()
    reader = ComposeReader(FakeGenerator(), library)
    nothing = Reading(reading.question, (), reading.vector, reading.citer)
    assert list(reader.answer(nothing, draft)) == []
    assert draft.status == "refused"


class _Closable(FakeGenerator):
    """Tells when its stream is closed."""

    closed = False

    def stream(self, messages: Sequence[Message], *, max_tokens: int, stop: Sequence[str] = ()):
        inner = super().stream(messages, max_tokens=max_tokens, stop=stop)

        def pieces():
            try:
                yield from inner
            finally:
                self.closed = True

        return pieces()


@pytest.mark.parametrize("leave", ["stop", "refuse"])
def test_the_model_is_let_go(
    library: Library, reading_for: Callable[[str], Reading], leave: str
) -> None:
    text = (
        f"{SHANGHAI} [1]. {COUNTRIES} [1]. More."
        if leave == "stop"
        else f"{REFUSAL}. More words. And more."
    )
    generator = _Closable([re.findall(r"\s*\S+", text)])
    events = ComposeReader(generator, library).answer(reading_for(QUESTION), Draft())
    if leave == "stop":
        while next(events).kind != "text":
            pass
        events.close()
    else:
        list(events)
    assert generator.closed


def test_hits_made_by_hand(hits_of: Callable[[Sequence[str]], list[Hit]]) -> None:
    assert [hit.rank for hit in hits_of(["a", "b"])] == [1, 2]
