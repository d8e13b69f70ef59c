"""The compose reader against a scripted model that does everything a model can do wrong."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from index.library import Library
from index.types import Hit
from models.errors import ModelError
from models.fake import FakeGenerator
from models.protocols import GeneratorProfile, Message
from rag.compose import ComposeReader
from rag.drafts import Draft, Reading
from rag.prompts import REFUSAL, compose_messages
from rag.types import Event

QUESTION = "In which city was the third AI capacity-building workshop held?"
SHANGHAI = "The third workshop was held in Shanghai"
COUNTRIES = "In 2024, 38 countries took part in the third workshop"

Compose = Callable[..., tuple[Draft, list[Event]]]


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


@pytest.mark.parametrize("mark", ["[99]", "[0]", "[9999]", "【77】", "[12, 13]", "^99", "(99)"])
def test_numbers_that_were_not_given(compose: Compose, mark: str) -> None:
    draft, _ = compose(f"{SHANGHAI} {mark}. Bananas grow on large herbs {mark}.")
    # What the passages hold gets its own footnote; what they do not is not shown.
    assert said(draft) == [f"{SHANGHAI}."]


def test_a_right_number_beside_a_wrong_one(compose: Compose) -> None:
    draft, _ = compose(f"{SHANGHAI} [1][99].")
    assert len(draft.sentences[0].citations) == 1


@pytest.mark.parametrize("year", ["(2024)", "[2024]"])
def test_years_in_brackets_are_no_footnotes(compose: Compose, year: str) -> None:
    draft, _ = compose(f"{SHANGHAI} {year} [1].")
    assert said(draft) == [f"{SHANGHAI} (2024)."]
    assert draft.sentences[0].support == "supported"


def test_the_number_of_another_passage(compose: Compose) -> None:
    right, _ = compose(f"{SHANGHAI} [1].")
    wrong, _ = compose(f"{SHANGHAI} [3].")
    assert wrong.sentences == right.sentences


def test_each_sentence_needs_its_own_mark(compose: Compose) -> None:
    draft, _ = compose(f"Bananas grow on herbs. {SHANGHAI}. Bananas are sweet. {COUNTRIES} [1].")
    assert said(draft) == [f"{SHANGHAI}.", f"{COUNTRIES}."]


def test_naming_a_passage_is_a_mark(compose: Compose) -> None:
    draft, _ = compose(
        f"According to passage 1, {SHANGHAI.lower()}. Passage 1. (See passage 2.) Source: [1]."
    )
    assert [text.lower() for text in said(draft)] == [f"{SHANGHAI}.".lower()]


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


@pytest.mark.parametrize(
    "endless",
    [
        "workshop ",
        "the third workshop was held in Shanghai and ",
        "上海举行。",
        "上海",
        "<think>Well, ",
        "Shanghai [1] ",
        "- Shanghai\n",
        "| Shanghai ",
    ],
)
@pytest.mark.parametrize("first", ["", f"{SHANGHAI} [1]. "])
def test_loops_are_broken_off(compose: Compose, first: str, endless: str) -> None:
    draft, _ = compose([first, *[endless] * 2_000], tokens=300)
    assert all(len(text) < 2 * len(SHANGHAI) for text in said(draft))
    assert said(draft)[:1] == ([f"{SHANGHAI}."] if first else said(draft)[:1])
    # Not listened to till its budget is used up.
    assert draft.tokens["answer"] < 250


def test_a_sentence_that_was_cut_off_is_not_shown(compose: Compose) -> None:
    words = [f"word{n} " for n in range(100)]
    draft, _ = compose([f"{SHANGHAI} [1]. ", "In Shanghai the workshop ", *words], tokens=40)
    assert said(draft) == [f"{SHANGHAI}."]
    # Out of budget just behind the last full stop: nothing is missing.
    draft, _ = compose([f"{SHANGHAI} [1]. ", f"{COUNTRIES} [1]."], tokens=22)
    assert said(draft) == [f"{SHANGHAI}.", f"{COUNTRIES}."]
    # The model has ended by itself, and without a full stop.
    assert said(compose(f"{SHANGHAI} [1]")[0]) == [SHANGHAI]


def test_a_sentence_cut_off_after_long_thinking_is_not_shown(compose: Compose) -> None:
    thoughts = [f"thought{n} " for n in range(120)]
    script = ["<think>", *thoughts, "</think>", f"{SHANGHAI} [1]. ", "In Shanghai the workshop "]
    draft, _ = compose([*script, *[f"word{n} " for n in range(80)]], tokens=80)
    assert said(draft) == [f"{SHANGHAI}."]


def test_a_sentence_without_an_end_is_not_shown(compose: Compose) -> None:
    script = [f"{SHANGHAI} [1]. ", *[f"workshop {n} in Shanghai, " for n in range(120)], "[1]."]
    assert said(compose(script, tokens=2_000 // 2)[0]) == [f"{SHANGHAI}."]


def test_endless_text_ends(compose: Compose) -> None:
    words = [f"{COUNTRIES}{' in Shanghai' * n} [1]. " for n in range(30)]
    assert len(compose(words, tokens=1_200)[0].sentences) == 12
    varied = [f"workshop{n} " for n in range(5_000)]
    draft, _ = compose(varied)
    assert draft.tokens["answer"] <= 410
    assert draft.status == "refused"


@pytest.mark.parametrize(
    "script",
    [
        "",
        " ",
        "\n\n\n",
        "\u00a0\u200b\ufeff",
        "[1]",
        "...",
        "[1] [2].",
        "**",
        "- \n- \n",
        "|---|\n",
    ],
)
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
        f"{REFUSAL}. However, {SHANGHAI} [1].",
        "NICHT IN DEN DOKUMENTEN",
        "文档中没有提到这一点。",
        # Nearly all of its words stand in the passage.
        "The documents do not say where the third AI capacity-building workshop was held.",
        "The passages do not mention where the third workshop was held [1].",
        f"I cannot tell who paid from the passages. {SHANGHAI} [1].",
        f"The documents do not say who paid. But {SHANGHAI} [1].",
    ],
)
def test_refusals(compose: Compose, script: str) -> None:
    draft, _ = compose(script)
    assert draft.status == "refused"
    assert draft.sentences == []
    assert draft.confidence == 0


@pytest.mark.parametrize(
    "part",
    [
        "Its cost is not in the documents.",
        "The passages do not mention its cost [1].",
        "Die Dokumente nennen die Kosten nicht [1].",
    ],
)
def test_a_part_that_is_not_in_the_documents(compose: Compose, part: str) -> None:
    draft, _ = compose(f"{SHANGHAI} [1]. {part} {COUNTRIES} [1].")
    assert said(draft) == [f"{SHANGHAI}.", f"{COUNTRIES}."]


def test_what_a_document_itself_does_not_say(
    library: Library, reading_for: Callable[[str], Reading], hits_of: Callable[..., list[Hit]]
) -> None:
    """A document may speak of what is not in documents: its own words are no refusal."""
    text = "The clause was not in the document signed in May."
    reading = reading_for(QUESTION)
    hits = tuple(replace(h, passage=replace(h.passage, document_id=1)) for h in hits_of([text]))
    draft = Draft()
    reader = ComposeReader(FakeGenerator([[f"{text} [1]"]]), library)
    list(reader.answer(replace(reading, hits=hits), draft))
    assert said(draft) == [text]


@pytest.mark.parametrize(
    "script",
    [
        f"<think>It may be Geneva [1]. {REFUSAL}?</think>{SHANGHAI} [1].",
        f"It may be Geneva [1]. No.</think>\n\n{SHANGHAI} [1].",
        f"<think></think>{SHANGHAI} [1].<think>Was that right?</think>",
        f"{SHANGHAI} [1].<think>Let me check. It may be Geneva [1].",
        f"<think>One <think>in another [1].</think> Geneva [1].</think>{SHANGHAI} [1].",
        f"<THINK>It may be Geneva [1].</THINK>{SHANGHAI} [1].",
        f"[THINK]<think>It may be Geneva [1].[/THINK]{SHANGHAI} [1].",
    ],
)
def test_thinking_is_never_shown(compose: Compose, script: str) -> None:
    for pieces in (script, re.findall(r".{1,7}", script, re.S), [script]):
        draft, events = compose(pieces)
        assert said(draft) == [f"{SHANGHAI}."]
        # What comes behind a first end mark is shown until a second one takes it back.
        if script.lower().startswith(("<think>", "[think]")) and script.count("</think>") < 2:
            assert "Geneva" not in "".join(event.text for event in events)


def test_thinking_that_never_ends(compose: Compose, caplog: pytest.LogCaptureFixture) -> None:
    draft, events = compose(["<think>"] + [f"so and so{n} " for n in range(3_000)])
    assert draft.status == "refused"
    assert not [event for event in events if event.kind == "text"]
    # Whoever wonders why nothing was found is told.
    assert "had not ended its thinking after" in caplog.text


def test_thinking_does_not_use_up_the_answer(compose: Compose) -> None:
    thoughts = [f"thought{n} " for n in range(150)]
    draft, _ = compose(["<think>", *thoughts, "</think>", f"{SHANGHAI} [1]."], tokens=100)
    assert said(draft) == [f"{SHANGHAI}."]


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


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            f"## Answer\n\n- **{SHANGHAI}** [1]\n- {COUNTRIES}. [1]\n\n1. {SHANGHAI} in 2024 [1]\n",
            [SHANGHAI, f"{COUNTRIES}.", f"{SHANGHAI} in 2024"],
        ),
        # A heading holds words of the passage and says nothing.
        (f"# Workshop\n\n{SHANGHAI} [1].", [f"{SHANGHAI}."]),
        (f"**The third workshop**\n\n{SHANGHAI} [1].", [f"{SHANGHAI}."]),
        (f"The workshops were:\n\n* {SHANGHAI} [1].", [f"{SHANGHAI}."]),
        (f"> {SHANGHAI} [1].\n>\n> {COUNTRIES} [1].", [f"{SHANGHAI}.", f"{COUNTRIES}."]),
        (f"```text\n{SHANGHAI} [1].\n```", [f"{SHANGHAI}."]),
        (
            "| Workshop | City |\n|---|---|\n| Third workshop | Shanghai [1] |\n",
            ["Third workshop, Shanghai"],
        ),
        (f"{SHANGHAI}[^1].\n\n[^1]: Capacity-building workshops", [f"{SHANGHAI}."]),
        (f"{SHANGHAI} [1].\n\nSources:\n[1] The third workshop\n[2] {COUNTRIES}", [f"{SHANGHAI}."]),
        (f"{SHANGHAI} [1].\n\n**References**: [1] Capacity-building workshops", [f"{SHANGHAI}."]),
        (f"Question: {QUESTION}\nAnswer: {SHANGHAI} [1].", [f"{SHANGHAI}."]),
        (f"{QUESTION}\n\n{SHANGHAI} [1].", [f"{SHANGHAI}."]),
        (f"“{SHANGHAI}.” [1] {COUNTRIES} [1].", [f"“{SHANGHAI}.”", f"{COUNTRIES}."]),
        (f"\x1b[31m{SHANGHAI}\x1b[0m [1].", [f"{SHANGHAI}."]),
    ],
)
def test_what_stands_around_sentences(compose: Compose, script: str, expected: list[str]) -> None:
    assert said(compose(script)[0]) == expected


@pytest.mark.parametrize(
    ("script", "n"),
    [
        (
            "Der dritte Workshop fand in Shanghai statt [1]. Es kamen 38 Länder und ihre Leute [1].",
            2,
        ),
        ("第三次研讨会于2024年9月在上海举行[1]。共有38个国家参加[1]。", 2),
        ("第3回ワークショップは上海で開催された。[1] 38か国が参加した。[1]", 2),
        ("عُقدت الورشة الثالثة في شنغهاي [1]. شاركت 38 دولة [1].", 2),
        ("Третий семинар прошёл в Шанхае [1].", 1),
    ],
)
def test_the_language_of_the_question(compose: Compose, script: str, n: int) -> None:
    """Words cannot be compared with the passage's, so nothing is refused, and nothing called proven."""
    draft, _ = compose(script)
    assert [sentence.support for sentence in draft.sentences] == ["unchecked"] * n
    assert draft.status == "answered"
    assert draft.confidence == 0


def test_another_language_needs_marks_and_figures(compose: Compose) -> None:
    assert compose("Der dritte Workshop fand nicht in Genf statt.")[0].status == "refused"
    assert compose("Es kamen 91 Länder und ihre Leute zum Workshop [1].")[0].status == "refused"


def test_less_than_is_no_tag(compose: Compose) -> None:
    draft, _ = compose(f"{SHANGHAI}, with 38 < 2024 countries [1].")
    assert said(draft) == [f"{SHANGHAI}, with 38 < 2024 countries."]


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
