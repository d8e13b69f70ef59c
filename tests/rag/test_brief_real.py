"""Briefs of the sample documents with the real embedder: good ones, in bounded time."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.library import Library
from rag.brief import Brief, as_answer
from rag.brief_document import brief_document
from rag.brief_subject import find_document
from rag.brief_topic import brief_topic
from rag.brief_written import write_with
from rag.pipeline import open_library
from rag.readers import build_judge, build_prover
from rag.retriever import Retriever
from rag.settings import Settings
from rag.verifying import verify

pytestmark = pytest.mark.slow
SAMPLES = Path(__file__).parents[2] / "samples" / "documents"


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    made = open_library(Settings(library=tmp_path_factory.mktemp("samples") / "library"))
    made.add([SAMPLES])
    yield made
    made.close()


def part(brief: Brief, key: str) -> str:
    return "\n".join(
        f"{line.label}: {line.sentence.text}"
        for section in brief.sections
        if section.key == key
        for line in section.lines
    )


def test_every_sample_has_a_brief_that_stands(samples: Library) -> None:
    for document in samples.store.documents():
        brief = brief_document(samples, document)
        assert part(brief, "takeaways"), document.path
        for citation in brief.citations:
            text = samples.store.text(document.id, citation.start, citation.end)
            assert citation.quote == text
        told = [s for s in brief.sections if s.key not in ("about", "asked", "open")]
        for sentence in (line.sentence for s in told for line in s.lines):
            assert {c.role for c in sentence.citations}.isdisjoint({"furniture", "comment"})


def test_the_bulletin_is_told_by_its_news(samples: Library) -> None:
    brief = brief_document(samples, find_document(samples.store, "bulletin-2025-05-30"))
    assert "Nvidia booked a charge of $4.5 billion" in part(brief, "takeaways")
    assert "rescinding the AI diffusion rule" in part(brief, "takeaways")
    assert "paid model" not in part(brief, "takeaways")
    assert "No replacement text has been published." in part(brief, "open")


def test_a_topic_gives_a_timeline_in_order(samples: Library) -> None:
    brief = brief_topic(samples, Retriever(samples), "Nvidia H20")
    happened = next(section for section in brief.sections if section.key == "happened")
    assert len(happened.lines) >= 5
    assert "31 July [2025]" in {line.label for line in happened.lines}
    assert brief.n_documents >= 5
    for topic in ("football world cup", "photosynthesis", "the pope"):
        assert brief_topic(samples, Retriever(samples), topic).status == "refused"


def test_what_the_starter_writes_is_held_to_its_passages(samples: Library) -> None:
    """Told to compose it copies headings and its own task; nothing but checked sentences comes through."""
    settings = Settings(
        library=samples.folder,
        reader="compose",
        threads=2,
        context_tokens=2048,
        answer_tokens=120,
    )
    quoted = brief_topic(samples, Retriever(samples), "Nvidia H20", "short")
    *drafts, brief = write_with(settings, samples, quoted, budget_s=120)
    assert drafts
    assert isinstance(brief, Brief)
    assert "SmolLM2-135M-Instruct" in brief.note
    for sentence in brief.sentences:
        assert sentence.support in ("supported", "partly") or sentence.claims_nothing
        for citation in sentence.citations:
            text = samples.store.text(int(citation.document), citation.start, citation.end)
            assert citation.quote == text
    judge = build_judge(build_prover(settings), samples)
    verdicts = verify(as_answer(brief), samples.store, judge)
    # Held against the library again each sentence is judged as it was.
    assert [v.support for v in verdicts] == [s.support for s in brief.sentences]
    assert not any(v.problems for v in verdicts)
