"""The tagger: words of a question, annotated lines, that it learns, that its weights are checked."""

import random
from pathlib import Path

import pytest
import torch

from models.errors import ModelError
from models.packaged import starter_embedder_dir
from models.prover_net import save_trained
from models.tagger import ASKS, LABELS, TRAINED_LAYERS, QuestionTagger, split_words, word_tokenizer
from models.tagger_net import TaggerNet
from models.training.loop import TrainingSettings, train
from models.training.tagging import Questions, TaggerLearner, annotated, batches

LINES = (
    "count\tHow many {kind|letters} from {in|2021} mention {want|flooding} but not the {not|bridge}?",
    "list\tWhich {kind|memos} deal with {want|mice}?",
    "none\tWho built the bridge?",
)


def test_an_annotated_line_is_the_question_and_its_labels() -> None:
    question = annotated(LINES[0])
    assert question.text == "How many letters from 2021 mention flooding but not the bridge?"
    assert [part for part in question.parts if part[0]] == [
        ("kind", "letters"),
        ("in", "2021"),
        ("want", "flooding"),
        ("not", "bridge"),
    ]


@pytest.mark.parametrize(
    "line", ["sum\tx", "list\t{colour|red} ones", "list\t{kind|letters", "list\ta}"]
)
def test_a_line_that_is_none_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="not an annotated question"):
        annotated(line)


@pytest.mark.slow
def test_words_keep_their_places() -> None:
    text = "Rents—over €1,000?"
    words = split_words(word_tokenizer(starter_embedder_dir()), text)
    assert [text[a:b] for a, b in words.spans] == ["Rents", "—", "over", "€", "1", ",", "000", "?"]
    assert len(words.first) == len(words.spans)
    assert words.first[0] == 1
    assert len(split_words(word_tokenizer(starter_embedder_dir()), "word " * 1000).ids) <= 128


@pytest.mark.slow
def test_labels_go_with_words() -> None:
    tokenizer = word_tokenizer(starter_embedder_dir())
    row = Questions([], [], tokenizer).row(annotated(LINES[0]))
    found = [LABELS[n] for n in row.labels if n]
    assert found == ["kind", "in", "want", "not"]
    assert ASKS[row.asks] == "count"


@pytest.mark.slow
def test_it_learns_and_its_weights_come_back(tmp_path: Path) -> None:
    torch.manual_seed(0)
    folder = starter_embedder_dir()
    questions = Questions(
        [annotated(line) for line in LINES], ["Who is it?"], word_tokenizer(folder)
    )
    settings = TrainingSettings(steps=40, learning_rate=1e-3, warmup=4, averaging=0.5, bf16=False)
    net = TaggerNet(folder, len(ASKS), len(LABELS), trained_layers=TRAINED_LAYERS)
    learner = TaggerLearner(net)
    batch = questions.one_pass(random.Random(0), ordinary_share=1)
    before = float(learner.loss(batch).detach())
    drawn = batches(questions, settings, size=4, ordinary_share=0.4)
    weights = train(learner, drawn, settings, tmp_path)
    learner.load(weights)
    assert float(learner.loss(batch).detach()) < 0.5 * before
    save_trained(weights, tmp_path / "tagger.safetensors")
    tagged = QuestionTagger(tmp_path / "tagger.safetensors").read("Which memos deal with mice?")
    assert tagged.asks == "list"
    assert [(n, a, b) for n, a, b in tagged.spans] == [("kind", 6, 11), ("want", 22, 26)]


@pytest.mark.slow
def test_other_weights_are_refused_with_a_word_on_what_to_do(tmp_path: Path) -> None:
    save_trained({"x": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelError, match="install Footnote anew"):
        QuestionTagger(tmp_path / "other.safetensors").read("Which memos?")
