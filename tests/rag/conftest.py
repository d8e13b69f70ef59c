"""A small library with fakes: documents of the shapes that answers have to deal with."""

import dataclasses
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from index.library import Library
from index.types import Hit, Passage, Role
from models.fake import FakeEmbedder, FakeGenerator
from models.protocols import GeneratorProfile
from rag.answers import ANSWER_FEATURES, CERTAINTY_FEATURES, AnswerWeights, SpanAnswer
from rag.citing import Citer
from rag.compose import ComposeReader
from rag.drafts import Draft, Reading
from rag.evidence import FEATURES, Candidate, LogisticModel
from rag.pipeline import Pipeline, build_pipeline
from rag.questions import analyse_question
from rag.retriever import Retriever
from rag.settings import Settings
from rag.types import Event

DOCUMENTS = {
    "workshops.md": """# Capacity-building workshops

Published 12 March 2025

The first AI capacity-building workshop was held in Geneva in May 2023.
The third AI capacity-building workshop was held in Shanghai in September 2024, and 38 countries took part.

## Money

The organisers spent 5.6 million dollars on travel for the delegates.
""",
    "interview.txt": """The wall and the ladder: an interview

January 16, 2025

Mara Lindqvist: Welcome to the programme. Today we talk about export controls on chips.

Anton Reyes: Thank you for having me. I think the export controls slow China down by two years.

Mara Lindqvist: Do the controls hurt companies at home?

Anton Reyes: They cost American suppliers about 47 percent of their sales there.

Mara Lindqvist: My own view is that researchers simply leave for universities in Singapore.
""",
    "podcast.txt": """Long Runway, episode 12

Show notes

In this episode we look at the power stations behind the data centres.
The new station in Arlen delivers 300 megawatts to three data centres.

Correction: An earlier version of these notes said that it delivers 900 megawatts. It delivers 300 megawatts.

Subscribe to our newsletter | Share | Play | 00:00 / 41:07
""",
    "cakes.txt": """Baking for beginners

Whip four eggs with sugar until pale. Fold in flour and melted butter, then bake for forty minutes.
""",
}


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Made once; tests read it only."""
    folder = tmp_path_factory.mktemp("library")
    (folder / "documents").mkdir()
    for name, text in DOCUMENTS.items():
        (folder / "documents" / name).write_text(text, encoding="utf-8")
    made = Library(folder / "library", FakeEmbedder())
    report = made.add([folder / "documents"])
    assert not report.skipped
    yield made
    made.close()


@pytest.fixture
def settings(library: Library) -> Settings:
    """Settings of a pipeline of fakes over the library; nothing is refused for lack of confidence."""
    return Settings(
        library=library.folder, embedder="fake", generator="fake", top_k=6, min_confidence=0.0
    )


@pytest.fixture
def logging_settings(settings: Settings, tmp_path: Path) -> Settings:
    """Settings that log questions, over a copy of the library."""
    folder = tmp_path / "copy"
    shutil.copytree(settings.library, folder)
    return dataclasses.replace(settings, library=folder, log_questions=True)


@pytest.fixture
def pipeline(settings: Settings) -> Iterator[Pipeline]:
    made = build_pipeline(settings, create=False)
    yield made
    made.close()


@pytest.fixture
def reading_for(library: Library) -> Callable[[str], Reading]:
    """What a reader gets for a question."""

    def make(question: str) -> Reading:
        hits, vector = Retriever(library).retrieve_with_vector(question, 6)
        return Reading(analyse_question(question), tuple(hits), vector, Citer(library))

    return make


@pytest.fixture
def hits_of() -> Callable[[Sequence[str]], list[Hit]]:
    """Hits made by hand, best first, one a text."""

    def make(texts: Sequence[str]) -> list[Hit]:
        return [
            Hit(
                Passage(i, i, 0, len(text), text, f"Title {i}", Role.BODY),
                score=1 / i,
                rank=i,
                source="fused",
                similarity=0.5,
            )
            for i, text in enumerate(texts, start=1)
        ]

    return make


@pytest.fixture
def vector_of() -> Callable[[str], np.ndarray]:
    return lambda text: FakeEmbedder().embed_queries([text])


@pytest.fixture(scope="session")
def candidate_of() -> Callable[..., Candidate]:
    """A sentence of a hit; features that are not named are 0."""

    def make(
        hit: Hit, sentence: str, *, score: float = 0.0, role: Role = Role.BODY, **features: float
    ) -> Candidate:
        start = hit.passage.start + hit.passage.text.index(sentence)
        row = np.array([features.get(name, 0.0) for name in FEATURES])
        return Candidate(hit, start, start + len(sentence), sentence, role, row, score)

    return make


@pytest.fixture(scope="session")
def answer_of(candidate_of: Callable[..., Candidate]) -> Callable[..., SpanAnswer]:
    """A span that was read in a passage of its own document; the words are the whole sentence."""

    def make(
        words: str,
        probability: float = 0.9,
        *,
        passage: int = 1,
        document: int | None = None,
        rank: int | None = None,
        role: Role = Role.BODY,
        date: str | None = None,
        coverage: float = 1.0,
        type_fits: float = 1.0,
    ) -> SpanAnswer:
        place = (passage, passage if document is None else document, 0, len(words))
        made = Passage(*place, text=words, breadcrumb="", role=role, date=date)
        hit = Hit(made, score=1.0, rank=rank or passage, source="fused", similarity=0.5)
        sentence = candidate_of(hit, words, role=role, coverage=coverage)
        row = np.array([type_fits if name == "type_fits" else 0.0 for name in ANSWER_FEATURES])
        return SpanAnswer(hit, (sentence,), words, row, probability)

    return make


@pytest.fixture(scope="session")
def model_on() -> Callable[[Sequence[str], str], LogisticModel]:
    """A model whose log odds are one feature as it is."""

    def make(features: Sequence[str], name: str) -> LogisticModel:
        n = len(features)
        weights = np.array([float(feature == name) for feature in features])
        return LogisticModel(weights, np.zeros(n), np.ones(n), 0.0)

    return make


@pytest.fixture
def plain_weights(
    monkeypatch: pytest.MonkeyPatch, model_on: Callable[[Sequence[str], str], LogisticModel]
) -> AnswerWeights:
    """A span is as likely as the reader says, the best answer as sure as it is likely."""
    weights = AnswerWeights(
        model_on(ANSWER_FEATURES, "odds"), model_on(CERTAINTY_FEATURES, "pooled"), threshold=0.4
    )
    for module in ("rag.answers", "rag.extract"):
        monkeypatch.setattr(f"{module}.answer_weights", lambda **_: weights)
    return weights


COMPOSE_QUESTION = "In which city was the third AI capacity-building workshop held?"
Compose = Callable[..., tuple[Draft, list[Event]]]


@pytest.fixture
def compose(library: Library, reading_for: Callable[[str], Reading]) -> Compose:
    """Lets a script answer; the text may be given whole or in pieces."""

    def run(
        script: str | Sequence[str], *, profile: GeneratorProfile | None = None, tokens: int = 400
    ) -> tuple[Draft, list[Event]]:
        # One character after the other is the hardest way to be given a text.
        pieces = list(script) if isinstance(script, str) else script
        generator = FakeGenerator([pieces], profile=profile)
        reader = ComposeReader(generator, library, answer_tokens=tokens)
        draft = Draft()
        reading = reading_for(COMPOSE_QUESTION)
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
