import json
import random
from collections import Counter

import pytest

from eval.training import reader_data
from eval.training.examples import read_examples
from eval.training.reader_data import squad_questions, training_sources
from index.sentences import sentence_spans
from models.fake import FakeEmbedder

SEEDS = range(8)


def sources_of(data, seed=0):
    return training_sources(data, FakeEmbedder(), random.Random(seed))


@pytest.fixture
def no_noise(monkeypatch):
    monkeypatch.setattr(reader_data, "_NOISE_SHARE", -1.0)


def answers_of(data):
    """Every accepted answer of a question, from the files themselves."""
    found = {}
    for name in ("squad-v1.1", "squad-v2.0", "policyqa-dev"):
        for article in json.loads((data / "qa" / f"{name}.json").read_text())["data"]:
            for item in (q for p in article["paragraphs"] for q in p["qas"]):
                answers = found.setdefault(item["question"], set())
                answers.update(answer["text"] for answer in item["answers"])
    for line in (data / "qa" / "nq-open-gold.jsonl").read_text().splitlines():
        found[json.loads(line)["question"]] = set(json.loads(line)["answers"])
    return found


def long_text(data):
    return max((q.context for q in squad_questions(data, "train")), key=len)


def test_squad_questions_are_split_by_article(tiny_data):
    titles = {p: {q.title for q in squad_questions(tiny_data, p)} for p in ("train", "test")}
    assert titles == {"train": {"Tern Ferry", "Lake Orrin"}, "test": {"Zembla Castle"}}
    (kept,) = squad_questions(tiny_data, "calibration")
    assert (kept.title, kept.version, kept.answers) == ("Zembla Tower", "1.1", ("ninety",))
    impossible = [q for q in squad_questions(tiny_data, "train") if not q.answers]
    assert [(q.question, q.version) for q in impossible] == [("How deep is Lake Orrin?", "2.0")]


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_of_a_calibration_or_test_part_gets_in(tiny_data, seed):
    sources = sources_of(tiny_data, seed)
    assert {s.kind for s in sources} == {"squad", "window", "nq", "policy", "clapnq"}
    assert {"Glass Orchard", "Paper Moonrise"} <= {s.group for s in sources}
    seen = json.dumps([[s.group, s.breadcrumb, s.text, *map(str, s.asked)] for s in sources])
    assert "zembla" not in seen.lower()


def test_the_questions_on_which_thresholds_are_fitted_are_not_trained_on(tiny_data):
    kept = {e.context for e in read_examples(tiny_data)[0] if e.split == "calibration"}
    assert len(kept) == 2  # a SQuAD article and a search
    assert kept.isdisjoint(s.text for s in sources_of(tiny_data))


def test_unanswerable_questions_after_the_first_150_are_left_out(tiny_data):
    path = tiny_data / "qa" / "clapnq-unanswerable.jsonl"
    row = {"input": "q", "passages": [{"title": "Sankholm", "text": "Sankholm is an island."}]}
    late = {"input": "q", "passages": [{"title": "Late", "text": "This row is the 151st."}]}
    path.write_text("".join(json.dumps(r) + "\n" for r in [*[row] * 150, late]))
    found = [s for s in sources_of(tiny_data) if s.kind == "clapnq"]
    assert len(found) == 150
    assert {s.group for s in found} == {"Sankholm"}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_stands_verbatim_in_its_passage(tiny_data, seed):
    asked = [(s, a) for s in sources_of(tiny_data, seed) for a in s.asked if a.answer is not None]
    assert {s.kind for s, _ in asked} == {"squad", "window", "nq", "policy"}
    assert all(a.answer in s.text and a.answer == a.answer.strip() for s, a in asked)
    assert all(a.answer for _, a in asked)


def test_a_paragraph_in_both_versions_is_one_passage(tiny_data, no_noise):
    sources = [s for s in sources_of(tiny_data) if s.text.startswith("Lake Orrin lies")]
    (source,) = sources
    own = Counter(a.question for a in source.asked)
    assert own["When did the fishers settle?"] == 1
    assert own["How deep is Lake Orrin?"] == 1
    # The answer that most annotators gave; the first of them where they differ.
    answers = {a.question: a.answer for a in source.asked}
    assert answers["Where does Lake Orrin lie?"] == "the hills of Vasterby"
    assert answers["How deep is Lake Orrin?"] is None


def test_searches_are_read_without_their_double_spaces(tiny_data):
    texts = {s.text for s in sources_of(tiny_data) if s.kind in ("nq", "clapnq")}
    assert {
        "Paper Moonrise was filmed in Lund in 1974 .",
        "Vinkel is a village near Vasterby.",
    } < texts


def test_policies_give_short_answers_only(tiny_data, no_noise):
    (source,) = [s for s in sources_of(tiny_data) if s.kind == "policy"]
    answers = {a.answer for a in source.asked if a.answer}
    assert answers == {"your name and your postal address", "after thirty days"}


@pytest.mark.parametrize("seed", SEEDS)
def test_windows_cover_whole_sentences(tiny_data, no_noise, seed):
    whole = long_text(tiny_data)
    windows = [s.text for s in sources_of(tiny_data, seed) if s.kind == "window"]
    assert len(windows) >= 2
    sentences = [whole[a:b] for a, b in sentence_spans(whole)]
    inside = [[s for s in sentences if s in window] for window in windows]
    assert all(" ".join(own) == window for own, window in zip(inside, windows, strict=True))
    assert sorted(s for own in inside for s in own) == sorted(sentences)
    assert all(len(window) < len(whole) for window in windows)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_question_whose_answer_is_in_two_windows_is_left_out(tiny_data, no_noise, seed):
    sources = [s for s in sources_of(tiny_data, seed) if s.group == "Tern Ferry"]
    windows = [s for s in sources if s.kind == "window"]
    assert sum("Port Elva" in w.text for w in windows) == 2
    asked = {a.question for w in windows for a in w.asked}
    repeated = "Which town on the mainland does the Tern Ferry leave from?"
    assert repeated not in asked
    assert "What do the lorries carry?" in asked
    assert any(a.question == repeated for s in sources if s.kind == "squad" for a in s.asked)


def test_hard_negatives_never_hold_an_accepted_answer(tiny_data, no_noise):
    accepted = answers_of(tiny_data)
    kinds = Counter()
    for seed in SEEDS:
        for source in sources_of(tiny_data, seed):
            for asked in source.asked:
                wrong = accepted.get(asked.question, set()) if asked.answer is None else set()
                kinds[source.kind] += bool(wrong)
                # In no spelling: the long passage has the harbour board, and the Harbour Board.
                assert not [a for a in wrong if a.lower() in source.text.lower()]
    assert kinds["squad"] > 8
    assert kinds["window"] > 2


def test_the_same_seed_gives_the_same_sources(tiny_data):
    assert sources_of(tiny_data, 3) == sources_of(tiny_data, 3)
    assert sources_of(tiny_data, 3) != sources_of(tiny_data, 4)


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_changes_questions_and_never_an_answer(tiny_data, monkeypatch, seed):
    def made(share):
        monkeypatch.setattr(reader_data, "_NOISE_SHARE", share)
        sources = sources_of(tiny_data, seed)
        asked = [(s.text, a) for s in sources for a in s.asked]
        return (
            Counter((text, a.answer) for text, a in asked),
            Counter((text, a.question) for text, a in asked),
        )

    answers, questions = made(-1.0)
    noisy_answers, noisy_questions = made(1.0)
    assert noisy_answers == answers
    assert (noisy_questions - questions).total() > questions.total() / 2
    assert all(question.strip() for _, question in noisy_questions)


def test_breadcrumbs_vary(tiny_data, monkeypatch):
    monkeypatch.setattr(reader_data, "_CRUMB_SHARE", -1.0)
    plain = {s.breadcrumb for s in sources_of(tiny_data)}
    assert {"Tern Ferry", "herring.example › Privacy policy"} <= plain
    monkeypatch.setattr(reader_data, "_CRUMB_SHARE", 1.0)
    varied = [s.breadcrumb for seed in SEEDS for s in sources_of(tiny_data, seed)]
    assert any(crumb not in plain for crumb in varied)
    assert not any(crumb.startswith(" ›") or crumb.endswith("› ") for crumb in varied)
