"""A trace holds all that an answer came from, is kept whole, and is replayed to the same answer."""

import dataclasses
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from index.filters import make_filter
from models.fake import FakeGenerator
from rag.compose import ComposeReader
from rag.errors import TraceFileError
from rag.pipeline import Pipeline, build_pipeline
from rag.recording import Recorder
from rag.rendering import answer_json
from rag.replaying import replay
from rag.retriever import Retriever
from rag.settings import Settings
from rag.trace import Trace
from rag.trace_file import parse_trace, plain, read_trace, trace_json, trace_text

QUESTION = "In which city was the third AI capacity-building workshop held?"
FOLLOW_UP = "When was it held?"


def untimed(data: dict) -> dict:
    return {key: value for key, value in data.items() if key != "timings_ms"}


def test_the_trace_holds_what_the_answer_says(pipeline: Pipeline) -> None:
    answer = pipeline.ask(QUESTION)
    trace = pipeline.ask_traced(QUESTION)
    assert untimed(trace.answer) == untimed(plain(answer_json(answer)))
    assert trace.understood.standalone == answer.standalone_question
    handed = [p for p in trace.passages if p.rank is not None]
    assert sorted(p.rank or 0 for p in handed) == [p.n for p in answer.passages]
    for use in answer.passages:
        passage = next(p for p in handed if p.rank == use.n)
        document = trace.document(passage.document)
        assert document is not None
        assert (document.path, passage.start, passage.text) == (use.path, use.start, use.text)
        assert (passage.read, passage.left_out) == (use.read, use.left_out)


def test_every_candidate_is_there_with_what_each_search_said(pipeline: Pipeline) -> None:
    trace = pipeline.ask_traced(QUESTION)
    assert [p.fused_rank for p in trace.passages] == list(range(1, len(trace.passages) + 1))
    for passage in trace.passages:
        assert passage.dense_rank or passage.lexical_rank
        assert (passage.lexical_rank is None) == (passage.bm25 is None)
        assert passage.read == (passage.left_out is None)
        text = pipeline.library.store.text(passage.document, passage.start, passage.end)
        assert passage.text == text
    scores = [passage.fused_score for passage in trace.passages]
    assert scores == sorted(scores, reverse=True)


def test_prompts_are_exact_and_name_what_was_marked(pipeline: Pipeline) -> None:
    trace = pipeline.ask_traced(QUESTION)
    assert trace.prompts
    assert sum(prompt.n_tokens for prompt in trace.prompts) == trace.answer["tokens"]["prompt"]
    for prompt in trace.prompts:
        passage = trace.passage(prompt.passages[0])
        assert passage is not None
        assert prompt.text == f"{passage.breadcrumb} {passage.text} {QUESTION}"
        for proposal in prompt.proposals:
            assert proposal.words == passage.text[proposal.start : proposal.end]
            assert proposal.logprob <= 0


def test_confidence_and_threshold_decide(pipeline: Pipeline) -> None:
    trace = pipeline.ask_traced(QUESTION)
    last = trace.weighings[-1]
    assert last.confidence >= last.threshold
    assert round(last.confidence, 4) == trace.answer["confidence"]
    assert last.answers[0].members[0].features


def test_a_follow_up_is_traced_with_what_was_put_in(pipeline: Pipeline) -> None:
    trace = pipeline.ask_traced(FOLLOW_UP, [QUESTION])
    assert trace.history == (QUESTION,)
    assert trace.understood.asked == FOLLOW_UP
    assert "workshop" in trace.understood.referenced
    misspelt = pipeline.ask_traced("How much did the delegats spend?")
    assert misspelt.understood.mended == (("delegats", "delegates"),)


def test_a_composed_answer_is_traced(settings: Settings, pipeline: Pipeline) -> None:
    raw = "The third workshop was held in Shanghai [1]. It rained [99]."
    reader = ComposeReader(FakeGenerator([[raw]]), pipeline.library, answer_tokens=60)
    composing = Pipeline(pipeline.library, Retriever(pipeline.library), reader, settings)
    (prompt,) = composing.ask_traced(QUESTION).prompts
    assert prompt.wrote == raw
    assert QUESTION in prompt.text
    for ident in prompt.passages:
        (passage,) = pipeline.library.store.passages([ident])
        assert passage.text in prompt.text


def test_a_census_and_a_date_are_traced(pipeline: Pipeline) -> None:
    counted = pipeline.ask_traced("How many documents mention Shanghai?")
    assert not counted.passages
    assert counted.answer["reader"] == "census"
    dated = pipeline.ask_traced("When was the interview published?")
    assert [weighing.way for weighing in dated.weighings] == ["date"]
    for trace in (counted, dated):
        assert replay(pipeline, parse_trace(trace_text(trace))).differences == ()


def test_two_questions_at_once_do_not_mix(pipeline: Pipeline) -> None:
    questions = [QUESTION, "How many megawatts does the station in Arlen deliver?"]
    alone = [pipeline.ask_traced(question) for question in questions]
    streams, traces = [], {}
    for question in questions:
        recorder = Recorder(pipeline.library, pipeline.settings)
        streams.append((question, recorder, pipeline.ask_stream(question, tracer=recorder)))
    while streams:  # one event of each in turn
        for question, recorder, events in list(streams):
            event = next(events)
            if event.answer is not None:
                traces[question] = recorder.trace(event.answer)
                streams.remove((question, recorder, events))
    for question, before in zip(questions, alone, strict=True):
        assert traces[question].prompts == before.prompts
        assert traces[question].passages == before.passages


def test_tracing_from_threads_gives_each_its_own(pipeline: Pipeline) -> None:
    questions = [QUESTION, "Who is Mara Lindqvist?", "What did the organisers spend?"]
    found: dict[str, Trace] = {}

    def ask(question: str) -> None:
        found[question] = pipeline.ask_traced(question)
        pipeline.library.store.close()

    threads = [threading.Thread(target=ask, args=(question,)) for question in questions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for question in questions:
        assert found[question].question == question
        assert all(question in prompt.text for prompt in found[question].prompts)


# -- files ----------------------------------------------------------------------------------------


def test_a_file_gives_the_trace_back(pipeline: Pipeline, tmp_path: Path) -> None:
    trace = pipeline.ask_traced(QUESTION, ["Where are chips made?"])
    path = tmp_path / "trace.json"
    path.write_text(trace_text(trace), encoding="utf-8")
    assert read_trace(path) == trace
    # Another layout of the same content is the same trace.
    path.write_text(json.dumps(trace_json(trace), sort_keys=True), encoding="utf-8")
    assert read_trace(path) == trace


def test_half_characters_and_endless_numbers_do_not_break_a_file(pipeline: Pipeline) -> None:
    trace = pipeline.ask_traced(QUESTION)
    odd = dataclasses.replace(
        trace, question="What is \udce9?", sentence_confidence=float("-inf"), history=("a\x00b",)
    )
    back = parse_trace(trace_text(odd))
    assert back.question == "What is \ufffd?"
    assert back.sentence_confidence is not None
    assert back.sentence_confidence < -1e29
    assert back.history == ("a\x00b",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no whole JSON"),
        ("[1, 2]", "holds no trace"),
        ('{"version": 1, "question": "an answer"}', "holds no trace"),
        ('{"kind": "footnote-trace", "version": 2}', "version 2; this Footnote reads version 1"),
        ('{"kind": "footnote-trace", "version": 1}', "was changed or damaged"),
        ("[" * 100_000, "no whole JSON"),
    ],
)
def test_what_is_no_trace_is_refused_with_what_to_do(text: str, message: str) -> None:
    with pytest.raises(TraceFileError, match=message):
        parse_trace(text)


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "bytes.json", tmp_path / "nothing.json", tmp_path):
        with pytest.raises(TraceFileError, match="cannot be read as a trace"):
            read_trace(path)


def test_a_sealed_file_with_other_content_is_refused(pipeline: Pipeline) -> None:
    from rag.trace_file import _seal

    data = trace_json(pipeline.ask_traced(QUESTION))
    for key, value in (("passages", "none"), ("understood", {}), ("prompts", [1]), ("library", 3)):
        changed = {**data, key: value}
        changed["sha256"] = _seal(changed)
        with pytest.raises(TraceFileError, match=f"no whole trace: {key}"):
            parse_trace(json.dumps(changed))


@pytest.fixture(scope="module")
def written(library, tmp_path_factory) -> str:
    chosen = Settings(library=library.folder, embedder="fake", generator="fake", top_k=2)
    made = build_pipeline(chosen, create=False)
    text = trace_text(made.ask_traced(QUESTION))
    made.close()
    return text


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_damaged_is_noticed(written: str, data: st.DataObject) -> None:
    """One character changed, lost or put in: refused, or white space between the parts."""
    at = data.draw(st.integers(0, len(written) - 1))
    new = data.draw(st.sampled_from(["", "0", "x", '"', "\n", written[at] * 2]))
    damaged = written[:at] + new + written[at + 1 :]
    try:
        parsed = parse_trace(damaged)
    except TraceFileError:
        return
    assert parsed == parse_trace(written)


# -- replay ---------------------------------------------------------------------------------------


@pytest.fixture
def own(settings: Settings, tmp_path: Path) -> Iterator[Pipeline]:
    """A pipeline over a copy of the library and its documents, to be changed."""
    copy = tmp_path / "copy"
    shutil.copytree(settings.library, copy)
    made = build_pipeline(dataclasses.replace(settings, library=copy), create=False)
    yield made
    made.close()


def test_the_same_library_gives_the_same_answer_by_the_same_steps(pipeline: Pipeline) -> None:
    for question, history in (
        (QUESTION, ()),
        (FOLLOW_UP, (QUESTION,)),
        ("Who baked the moon?", ()),
    ):
        trace = parse_trace(trace_text(pipeline.ask_traced(question, history)))
        made = replay(pipeline, trace)
        assert made.same_answer
        assert made.differences == ()
        assert made.first is None


def test_filters_are_asked_again(pipeline: Pipeline) -> None:
    within = make_filter([("source", "interview"), ("speaker", "Anton Reyes")])
    trace = pipeline.ask_traced("source:interview* What about chips?", (), within)
    made = replay(pipeline, trace)
    assert made.trace.understood.within == trace.understood.within != ""
    assert made.same_answer


def test_a_changed_document_is_the_first_difference(own: Pipeline, tmp_path: Path) -> None:
    trace = own.ask_traced(QUESTION)
    source = tmp_path / "workshops.md"
    old = next(d for d in own.library.store.documents() if d.path.endswith("workshops.md"))
    text = own.library.store.text(old.id).replace("Shanghai", "Lisbon")
    own.library.remove(old.id)
    source.write_text(text, encoding="utf-8")
    own.library.add([source])
    made = replay(own, trace)
    assert made.first == "documents"
    assert not made.same_answer
    answer = [d for d in made.differences if d.step == "answer"]
    assert any("Shanghai" in d.before and "Lisbon" in d.after for d in answer)


def test_a_new_document_elsewhere_leaves_the_answer(own: Pipeline, tmp_path: Path) -> None:
    trace = own.ask_traced(QUESTION)
    (tmp_path / "ferries.txt").write_text("Ferries are late when the pier is wet.")
    own.library.add([tmp_path / "ferries.txt"])
    made = replay(own, trace)
    assert made.same_answer
    assert [d.what for d in made.differences if d.step == "documents"] == [
        "number of documents",
        "number of passages",
    ]


def test_other_settings_and_models_are_named(own: Pipeline) -> None:
    trace = own.ask_traced(QUESTION)
    other = dataclasses.replace(own.settings, top_k=2, n_read=1, min_confidence=0.999)
    made_with = build_pipeline(other, create=False)
    try:
        made = replay(made_with, trace)
    finally:
        made_with.close()
    assert made.first == "settings"
    told = {d.what: (d.before, d.after) for d in made.differences}
    assert told["top k"] == ("6", "2")
    assert told["whether it is answered"] == ("answered", "refused")
    assert any(what.startswith("the threshold") for what in told)
    changed = dataclasses.replace(
        trace, models=tuple(dataclasses.replace(m, sha256="0" * 64) for m in trace.models)
    )
    assert replay(own, changed).first == "models"


def test_ids_are_no_difference(own: Pipeline, tmp_path: Path) -> None:
    """Removed and added again, the same documents have other ids and the same words."""
    trace = own.ask_traced(QUESTION)
    texts = tmp_path / "texts"
    texts.mkdir()
    for document in own.library.store.documents():
        shutil.copy(document.path, texts)
        own.library.remove(document.id)
    own.library.add([texts])
    made = replay(own, trace)
    assert made.same_answer
    assert made.differences == ()


def test_a_filter_that_cannot_be_read_is_said(pipeline: Pipeline) -> None:
    trace = dataclasses.replace(pipeline.ask_traced(QUESTION), filters="role:wizard")
    with pytest.raises(TraceFileError, match="cannot be read: 'role:wizard'"):
        replay(pipeline, trace)


@pytest.mark.slow
def test_real_models_give_the_same_answer_again(library, tmp_path: Path) -> None:
    from rag.pipeline import open_library

    real = open_library(Settings(library=tmp_path / "real"))
    real.add([Path(document.path) for document in library.store.documents()])
    real.close()
    made = build_pipeline(Settings(library=tmp_path / "real"), create=False)
    try:
        question = "How many megawatts does the station in Arlen deliver?"
        trace = made.ask_traced(question)
        assert trace.prompts[0].text.startswith("Passage from ")
        assert trace.prompts[0].text.endswith(f"Question: {question}\nAnswer:")
        assert all(model.sha256 for model in trace.models)
        assert replay(made, parse_trace(trace_text(trace))).differences == ()
    finally:
        made.close()
