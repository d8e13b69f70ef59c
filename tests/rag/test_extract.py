"""The extract reader with fakes: everything it shows stands in a document, word for word."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from index.library import Library
from models.fake import FakeEmbedder, FakeSpanReader
from models.protocols import Reading as SpanReading
from models.protocols import ReadingTask, SpanCandidate
from rag.drafts import Draft, Reading
from rag.evidence import EvidenceFinder, sentence_features
from rag.extract import ExtractReader
from rag.pipeline import Pipeline, build_pipeline
from rag.settings import Settings
from rag.types import Answer

pytestmark = pytest.mark.usefixtures("plain_weights")

SAMPLES = Path(__file__).resolve().parents[2] / "samples" / "documents"


def check_quotes(answer: Answer, library: Library) -> None:
    """What holds for every answer of this reader."""
    numbers: dict[tuple[str, int, int], int] = {}
    for sentence in answer.sentences:
        assert sentence.kind == "quote"
        assert sentence.support == "supported"
        assert sentence.citations
        for citation in sentence.citations:
            text = library.store.text(int(citation.document))
            assert citation.quote == text[citation.start : citation.end]
            assert citation.quote.strip()
            assert " ".join(citation.quote.split()) == sentence.text
            key = (citation.document, citation.start, citation.end)
            assert numbers.setdefault(key, citation.n) == citation.n
            assert citation.sha256 == library.store.document(int(citation.document)).sha256
    assert sorted(set(numbers.values())) == list(range(1, len(set(numbers.values())) + 1))
    assert (answer.status == "refused") == (not answer.sentences)
    for use in answer.passages:
        assert use.text == library.store.text(int(use.document))[use.start : use.end]
        assert (use.left_out is None) == use.read
    assert 0 <= answer.confidence <= 1


def test_a_plain_question(pipeline: Pipeline) -> None:
    answer = pipeline.ask("In which city was the third AI capacity-building workshop held?")
    check_quotes(answer, pipeline.library)
    assert answer.status == "answered"
    assert "Shanghai" in answer.sentences[0].text
    assert "Shanghai" in answer.short_answer
    assert answer.sentences[0].citations[0].path.endswith("workshops.md")


def test_below_the_threshold_the_documents_do_not_say(
    library: Library, reading_for: Callable[[str], Reading]
) -> None:
    store = library.store
    finder = EvidenceFinder(sentence_features(library))
    reading = reading_for("How many countries took part in the third workshop?")

    def ask(threshold: float | None) -> Draft:
        draft = Draft()
        reader = ExtractReader(FakeSpanReader(), finder, store, min_confidence=threshold)
        list(reader.answer(reading, draft))
        return draft

    sure = ask(0.0)
    assert sure.status == "answered"
    refused = ask(1.0)
    assert refused.status == "refused"
    assert refused.sentences == []
    assert refused.short_answer is None
    assert 0 < refused.confidence < 1
    for draft in (sure, refused):
        assert draft.read
        assert not draft.read & draft.left_out.keys()
        assert draft.read | draft.left_out.keys() == {hit.passage.id for hit in reading.hits}
    assert ask(sure.confidence - 1e-9).status == "answered"


def test_a_question_about_something_else_is_refused(
    settings: Settings,
) -> None:
    fitted = Settings(library=settings.library, embedder="fake", generator="fake")
    pipeline = build_pipeline(fitted, create=False)
    answer = pipeline.ask("What is the capital of Mongolia?")
    check_quotes(answer, pipeline.library)
    assert answer.status == "refused"
    assert answer.passages
    pipeline.close()


def test_a_correction_is_quoted_whole(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What did the correction of the earlier version of these notes say?")
    check_quotes(answer, pipeline.library)
    texts = [sentence.text for sentence in answer.sentences]
    assert texts == [
        "Correction: An earlier version of these notes said that it delivers 900 megawatts.",
        "It delivers 300 megawatts.",
    ]
    assert {c.role for s in answer.sentences for c in s.citations} == {"correction"}


def test_when_it_was_published_is_answered_from_the_date_line(pipeline: Pipeline) -> None:
    answer = pipeline.ask("When was the interview published?")
    check_quotes(answer, pipeline.library)
    assert answer.short_answer == "January 16, 2025"
    (sentence,) = answer.sentences
    assert sentence.citations[0].path.endswith("interview.txt")
    assert sentence.citations[0].date == "2025-01-16"
    answer = pipeline.ask("When was the document about capacity-building workshops published?")
    check_quotes(answer, pipeline.library)
    assert answer.short_answer == "12 March 2025"
    assert answer.sentences[0].text == "Published 12 March 2025"


@pytest.mark.parametrize(
    ("question", "who"),
    [
        ("Did Lindqvist or Reyes say that researchers leave for Singapore?", "Lindqvist"),
        ("Did Reyes or Lindqvist say that controls slow China down by two years?", "Reyes"),
    ],
)
def test_either_or_names_the_one(pipeline: Pipeline, question: str, who: str) -> None:
    answer = pipeline.ask(question)
    check_quotes(answer, pipeline.library)
    assert answer.short_answer == who
    assert who in answer.sentences[0].citations[0].speaker


def test_who_said_it_names_the_speaker(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Who said that the export controls slow China down by two years?")
    check_quotes(answer, pipeline.library)
    assert answer.short_answer == "Anton Reyes"


def test_yes_no_quotes_the_sentence_that_decides(pipeline: Pipeline) -> None:
    answer = pipeline.ask("Does the new station in Arlen deliver 300 megawatts?")
    check_quotes(answer, pipeline.library)
    assert "300 megawatts" in answer.sentences[0].text


def test_nothing_found_is_a_refusal_at_any_threshold(
    library: Library, reading_for: Callable[[str], Reading]
) -> None:
    reading = reading_for("Who?")
    finder = EvidenceFinder(sentence_features(library))
    reader = ExtractReader(FakeSpanReader(), finder, library.store, min_confidence=0.0)
    draft = Draft()
    list(reader.answer(Reading(reading.question, (), reading.vector, reading.citer), draft))
    assert draft.status == "refused"


class _Stubborn(FakeSpanReader):
    """Marks the whole text, the question's own words, or nothing."""

    def __init__(self, how: str) -> None:
        super().__init__()
        self.how = how

    def read(self, tasks: Sequence[ReadingTask]) -> list[SpanReading]:
        return [self._marked(task) for task in tasks]

    def _marked(self, task: ReadingTask) -> SpanReading:
        text = task.passage
        at, end = text.lower().find("workshop"), 0
        if self.how == "all":
            at, end = 0, len(text)
        elif self.how == "word":
            end = at + 8
        spans = (SpanCandidate(at, end, -0.1, 2),) if 0 <= at < end else ()
        return SpanReading(spans, -5.0, 1)


@pytest.mark.parametrize("how", ["word", "all"])
def test_whatever_the_model_marks_its_sentences_are_quoted(
    library: Library, reading_for: Callable[[str], Reading], how: str
) -> None:
    store = library.store
    finder = EvidenceFinder(sentence_features(library))
    reader = ExtractReader(_Stubborn(how), finder, store, min_confidence=0.0)
    draft = Draft()
    events = list(reader.answer(reading_for("In which city was the third workshop held?"), draft))
    assert draft.status == "answered"
    shown = [event.sentence for event in events if event.kind == "sentence"]
    assert shown == draft.sentences
    whole = " ".join(sentence.text for sentence in draft.sentences)
    assert draft.short_answer in whole
    if how == "all":
        assert draft.short_answer == whole
    else:
        assert draft.short_answer.lower() == "workshop"
        assert len(draft.sentences) == 1


def test_a_model_that_marks_nothing_finds_no_answer(
    library: Library, reading_for: Callable[[str], Reading]
) -> None:
    store = library.store
    finder = EvidenceFinder(sentence_features(library))
    reader = ExtractReader(_Stubborn("nothing"), finder, store, min_confidence=0.0)
    draft = Draft()
    events = list(reader.answer(reading_for("In which city was the third workshop held?"), draft))
    assert {event.kind for event in events} == {"step"}
    assert (draft.status, draft.confidence, draft.short_answer) == ("refused", 0.0, None)
    assert draft.sentences == []


@pytest.mark.parametrize(
    "question", ["Does the new station deliver 300 megawatts?", "Who spoke of Singapore?"]
)
def test_the_passage_of_a_quoted_sentence_is_not_called_left_out(
    pipeline: Pipeline, question: str
) -> None:
    answer = pipeline.ask(question)
    (sentence, *_) = answer.sentences
    (citation,) = sentence.citations
    (use,) = [
        use
        for use in answer.passages
        if use.document == citation.document and use.start < citation.end <= use.end
    ]
    assert use.read
    assert use.left_out is None


@pytest.fixture(scope="module")
def sample_pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("samples")
    library = Library(folder / "library", FakeEmbedder())
    library.add([SAMPLES])
    library.close()
    settings = Settings(
        library=folder / "library", embedder="fake", generator="fake", min_confidence=0.0
    )
    made = build_pipeline(settings, create=False)
    yield made
    made.close()


QUESTIONS = [
    "How many chips were sold in 2024?",
    "When was the report published?",
    "When was the memo written?",
    "Who said that power is the limit?",
    "Did the host or the guest talk about talent?",
    "What was corrected in the show notes?",
    "What do the sources say about export controls?",
    "List the companies named in the memo.",
    "Does the table give a figure for compute?",
    "What does the comment of the reader say?",
    "Which page mentions gigawatts?",
    "newsletter subscribe share cookie",
    "What is the capital of Mongolia?",
    "training cost 6 million dollars model",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_quote_from_the_samples_is_verbatim(sample_pipeline: Pipeline, question: str) -> None:
    check_quotes(sample_pipeline.ask(question), sample_pipeline.library)


def test_every_document_can_be_quoted(sample_pipeline: Pipeline) -> None:
    """Words of the middle of each document find that document, and are cited verbatim."""
    store = sample_pipeline.library.store
    for document in store.documents():
        passages = store.document_passages(document.id)
        words = passages[len(passages) // 2].text.split()[:12]
        answer = sample_pipeline.ask(" ".join(words))
        check_quotes(answer, sample_pipeline.library)
        assert str(document.id) in {use.document for use in answer.passages}
