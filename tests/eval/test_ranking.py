import json
from pathlib import Path

import numpy as np
import pytest

from eval.errors import QuestionSetError
from eval.intervals import RESAMPLES
from eval.ranking import (
    BM25,
    DENSE,
    FUSED,
    PROVED,
    RRF,
    Judge,
    better_single,
    main,
    measure,
    run,
    sample,
)
from eval.ranking import _options as options_of
from eval.ranking import tests as compare
from eval.ranking_figures import FLIPS, compare_scores, mean_metric, score_rankings
from eval.ranking_search import nearest, search_set
from eval.ranking_sets import load_set, passage_vectors, set_names
from models.fake import FakeEmbedder
from models.protocols import Judgement

PASSAGES = {
    "a": ("Ferry", "The ferry crosses the sound every day."),
    "b": ("Castle", "The castle was built by Odo."),
    "c": ("Tower", "The tower has ninety steps."),
    "d": ("", "Trout are smoked over alder."),
}
QUERIES = {
    "q1": ("What crosses the sound?", {"a": 1}),
    "q2": ("Who built the castle?", {"b": 2, "c": 0}),
    "q3": ("How many steps are in the tower?", {"c": 1}),
    "q4": ("What is trout smoked over?", {"d": 1}),
}


class Contrary:
    """A prover that prefers short passages, and remembers what it was shown."""

    name = "contrary"

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def judge(self, pairs):
        self.seen += pairs
        return [Judgement(-float(len(p)), 0.0, 0, 0, 0.0, (1.0, 0.0, 0.0)) for _, p in pairs]


def write_set(data: Path, name: str, queries=None, qrels: str = "test.tsv") -> Path:
    queries = queries or QUERIES
    folder = data / "retrieval" / name
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    rows = [{"_id": i, "title": t, "text": x} for i, (t, x) in PASSAGES.items()]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = [{"_id": q, "text": text} for q, (text, _) in queries.items()]
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in asked))
    lines = [f"{q}\t{i}\t{g}\n" for q, (_, grades) in queries.items() for i, g in grades.items()]
    (folder / "qrels" / qrels).write_text("query-id\tcorpus-id\tscore\n" + "".join(lines))
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two sets; of squad's articles Castle is for tests and Tower for calibration."""
    write_set(tmp_path, "other")
    write_set(tmp_path, "squad")
    splits = {"squad": {"test": ["Castle"], "calibration": ["Tower"]}}
    (tmp_path / "splits.json").write_text(json.dumps(splits))
    return tmp_path


def test_squad_is_split_by_the_article(data: Path) -> None:
    parts = {p: list(load_set(data, "squad", p).queries) for p in ("test", "calibration", "train")}
    assert parts == {"test": ["q2"], "calibration": ["q3"], "train": ["q1", "q4"]}


def test_scifact_has_training_questions_of_its_own(data: Path) -> None:
    folder = write_set(data, "scifact")
    only = {"t1": ("Which boat is it?", {"a": 1})}
    write_set(data, "scifact-train", only, "train.tsv")
    other = data / "retrieval" / "scifact-train"
    (other / "queries.jsonl").rename(folder / "queries.train.jsonl")
    (other / "qrels" / "train.tsv").rename(folder / "qrels" / "train.tsv")
    assert list(load_set(data, "scifact", "train").queries) == ["t1"]
    assert list(load_set(data, "scifact").queries) == list(QUERIES)


def test_other_sets_are_for_tests_only(data: Path) -> None:
    with pytest.raises(QuestionSetError, match="other has no train questions"):
        load_set(data, "other", "train")
    with pytest.raises(QuestionSetError, match="the sets here are other, squad"):
        load_set(data, "missing")
    assert set_names(data, "test") == ["other", "squad"]


def test_natural_questions_are_never_for_tests(data: Path, tiny_data: Path) -> None:
    train = load_set(tiny_data, "nq", "train")
    calibration = load_set(tiny_data, "nq", "calibration")
    assert set(train.queries).isdisjoint(calibration.queries)
    assert "what is there to know about glass orchard" in train.queries.values()
    assert "what is there to know about zembla sonata" in calibration.queries.values()
    # Rows of use "test" are not even in the corpus.
    assert not any("1901" in text for text in train.texts)
    gold = {train.texts[train.ids.index(i)] for grades in train.qrels.values() for i in grades}
    assert "Paper Moonrise was filmed in Lund in 1974 ." in gold
    with pytest.raises(QuestionSetError):
        load_set(tiny_data, "nq", "test")


def test_vectors_are_made_once(tmp_path: Path) -> None:
    class Counting(FakeEmbedder):
        calls = 0

        def embed_passages(self, texts):
            Counting.calls += 1
            return super().embed_passages(texts)

    first = passage_vectors(["one", "two"], Counting(), name="s", cache=tmp_path / "new")
    again = passage_vectors(["one", "two"], Counting(), name="s", cache=tmp_path / "new")
    assert Counting.calls == 1
    assert np.array_equal(first, again)
    passage_vectors(["one", "three"], Counting(), name="s", cache=tmp_path / "new")
    passage_vectors(["one", "two"], Counting(name="x/y"), name="s", cache=tmp_path / "new")
    assert Counting.calls == 3
    assert len(list((tmp_path / "new").iterdir())) == 3


def test_nearest_breaks_ties_by_row() -> None:
    cosines = np.array([0.5, 0.9, 0.5, 0.5, 0.1], dtype=np.float32)
    assert [row for row, _ in nearest(cosines, 3)] == [1, 0, 2]
    assert [row for row, _ in nearest(cosines, 99)] == [1, 0, 2, 3, 4]
    assert nearest(cosines[:0], 3) == []


def test_both_searches_find_rows_of_the_set(data: Path) -> None:
    questions = load_set(data, "other")
    embedder = FakeEmbedder()
    vectors = embedder.embed_passages(questions.passages())
    found = search_set(questions, vectors, embedder, depth=2)["q4"]
    assert [row for row, _ in found.lexical] == [3]
    assert len(found.dense) == 2
    cosine = float(vectors[3] @ embedder.embed_queries(["What is trout smoked over?"])[0])
    assert found.similarities[3] == pytest.approx(cosine)
    assert set(found.words.weights) == {"trout", "smoke", "over"}


def test_scores_of_questions() -> None:
    qrels = {"q1": {"a": 1.0}, "q2": {"b": 1.0}, "q3": {"c": 1.0}}
    scores = score_rankings({"q1": ["a"], "q2": ["x", "b"]}, qrels)
    assert scores == pytest.approx(np.array([[1, 1, 1], [1 / np.log2(3), 1, 0.5], [0, 0, 0]]))


def test_a_large_set_weighs_no_more_than_a_small_one() -> None:
    metric = mean_metric([np.ones(90), np.zeros(10)])
    assert (metric.value, metric.low, metric.high) == (0.5, 0.5, 0.5)


def test_an_interval_is_as_wide_as_theory_says() -> None:
    metric = mean_metric([np.tile([0.0, 1.0], 200)])
    assert metric.value == 0.5
    half = 1.96 * 0.5 / np.sqrt(400)
    assert metric.low == pytest.approx(0.5 - half, abs=0.01)
    assert metric.high == pytest.approx(0.5 + half, abs=0.01)


def test_sets_of_equal_size_are_drawn_independently() -> None:
    scores = np.tile([0.0, 1.0], 50)
    opposed = mean_metric([scores, 1 - scores])
    assert opposed.low is not None
    assert opposed.low < 0.45
    assert compare_scores([scores * 0, scores], [scores, scores * 0]).p > 0.5


def test_randomisation_test_against_all_sign_flips() -> None:
    change = np.array([0.3, 0.1, -0.2, 0.4, 0.25, 0.05])
    signs = np.array(np.meshgrid(*[[-1, 1]] * 6)).reshape(6, -1)
    exact = np.mean(np.abs(change @ signs) >= change.sum() - 1e-12)
    found = compare_scores([np.zeros(6)], [change])
    assert found.p == pytest.approx(exact, abs=3 * np.sqrt(exact * (1 - exact) / FLIPS))
    assert found.change.value == pytest.approx(0.15)
    assert found.verdict == "no clear change"


def test_clear_and_no_differences() -> None:
    low, high = np.zeros(50), np.full(50, 0.5)
    assert compare_scores([low], [high]).verdict == "better"
    assert compare_scores([high], [low]).verdict == "worse"
    assert compare_scores([low], [high]).p == pytest.approx(1 / (FLIPS + 1))
    assert (compare_scores([low], [low]).p, compare_scores([low], [low]).verdict) == (
        1.0,
        "no clear change",
    )
    assert RESAMPLES == 2000


def test_every_method_is_measured(data: Path, tmp_path: Path) -> None:
    prover = Contrary()
    result = measure(load_set(data, "other"), FakeEmbedder(), Judge(prover), tmp_path / "cache")
    assert list(result.scores) == [BM25, DENSE, RRF, FUSED, PROVED]
    assert all(scores.shape == (4, 3) for scores in result.scores.values())
    assert result.scores[BM25][:, 0] == pytest.approx([1, 1, 1, 1])
    assert result.scores[FUSED][:, 0] == pytest.approx([1, 1, 1, 1])
    # Every passage of so small a set is judged, with its title, also where it has none.
    assert len(prover.seen) == 16
    assert ("Who built the castle?", "Castle\nThe castle was built by Odo.") in prover.seen
    assert ("Who built the castle?", "\nTrout are smoked over alder.") in prover.seen
    assert (result.latencies[PROVED] >= result.latencies[FUSED]).all()
    assert (result.latencies[RRF] >= result.latencies[BM25] + result.latencies[DENSE]).all()


def test_one_judging_serves_every_weight(data: Path) -> None:
    prover = Contrary()
    result = measure(load_set(data, "other"), FakeEmbedder(), Judge(prover, (0.0, 50.0)), None)
    assert list(result.scores)[4:] == [f"{PROVED} x 0", f"{PROVED} x 50"]
    assert len(prover.seen) == 16
    assert np.array_equal(result.scores[f"{PROVED} x 0"], result.scores[FUSED])
    # The shortest passage is first, whatever is asked.
    assert result.scores[f"{PROVED} x 50"][:, 2] == pytest.approx([1 / 4, 1 / 3, 1 / 2, 1])
    assert f"{PROVED} x 50 - {FUSED}" in compare([result], 0)


def test_comparisons_are_with_the_better_of_both(data: Path) -> None:
    result = measure(load_set(data, "other"), FakeEmbedder(), None, None)
    scores = {**result.scores, DENSE: result.scores[DENSE] * 0}
    worse = type(result)("x", 4, 4, scores, result.latencies)
    assert better_single(worse, 0) == BM25
    assert list(compare([worse], 0)) == ["RRF - better single", "Footnote - better single"]


def test_sample_is_the_same_each_time(data: Path) -> None:
    questions = load_set(data, "other")
    assert list(sample(questions, 2).queries) == list(sample(questions, 2).qrels)
    assert sample(questions, 2) == sample(questions, 2)
    assert sample(questions, None) is questions


def test_the_command_prints_and_writes(data: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out.json"
    write_set(data, "third")
    options = options_of(["--data", str(data), "--sets", "other,third", "--json", str(out)])
    run(options, FakeEmbedder(), Judge(Contrary()))
    printed = capsys.readouterr().out
    assert "other: 4 passages, 4 questions" in printed
    assert "mean over 2 sets" in printed
    assert "Footnote + prover - Footnote" in printed
    figures = json.loads(out.read_text())
    assert list(figures) == ["other", "third", "mean"]
    assert figures["mean"]["questions"] == 8
    assert figures["other"]["methods"][BM25]["ndcg@10"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert set(figures["mean"]["tests"]) == {"ndcg@10", "recall@5", "mrr@10"}


def test_a_missing_set_is_told_in_one_line(data: Path) -> None:
    with pytest.raises(SystemExit, match=r"no corpus\.jsonl"):
        main(["--data", str(data), "--sets", "missing"])
