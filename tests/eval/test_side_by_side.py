"""Footnote beside other frameworks: what counts as found, what counts as embedded, lexical engines."""

import json
from pathlib import Path

import pytest

from eval import side_by_side
from eval.frameworks.lexical_worker import Fts5, Fts5Rare
from eval.frameworks.worker import fully_embedded
from models.packaged import starter_embedder_dir

PASSAGE = (
    "The Rhine rises in the Alps. It flows through six countries to the North Sea near Rotterdam."
)


def squad(folder: Path) -> Path:
    def article(title: str, context: str, answer: str) -> dict[str, object]:
        start = context.index(answer)
        asked = {"question": "Where?", "answers": [{"text": answer, "answer_start": start}]}
        return {"title": title, "paragraphs": [{"context": context, "qas": [asked]}]}

    (folder / "qa").mkdir()
    data = [article("Rhine", PASSAGE, "six countries"), article("Force", "Force is mass.", "mass")]
    (folder / "qa" / "squad-v1.1.json").write_text(json.dumps({"data": data}), encoding="utf-8")
    splits = {"squad": {"test": ["Rhine"], "calibration": ["Force"]}}
    (folder / "splits.json").write_text(json.dumps(splits), encoding="utf-8")
    return folder


def test_an_answer_counts_where_its_words_are_whole(tmp_path: Path) -> None:
    material = side_by_side.articles(squad(tmp_path), 10)
    assert material.queries == ["Where?"]
    assert set(material.documents) == {"Rhine", "Force"}
    whole = ("Rhine", PASSAGE.replace(" ", "\n"))
    assert material.scores(0, [whole]) == (1.0, 1.0, 1.0)
    cut = ("Rhine", "It flows through six countries")
    assert material.scores(0, [cut]) == (0.0, 0.0, 0.0)
    assert material.scores(0, [cut] * 6 + [whole]) == (1.0, 0.0, 1 / 7)
    long = ("Force", "x" * side_by_side.BUDGET)
    assert material.scores(0, [long, whole]) == (0.0, 1.0, 0.5)


def test_figures_and_their_table(tmp_path: Path) -> None:
    material = side_by_side.articles(squad(tmp_path), 10)
    result = {
        "framework": "one",
        "results": [[["Rhine", PASSAGE]]],
        "times_ms": [5.0],
        "passages": 2,
        "embedded_characters": 50,
        "characters": 100,
        "adding_s": 2.0,
        "peak_mib": 10.4,
    }
    row, scores = side_by_side.figures(material, result)
    assert scores.tolist() == [[1.0, 1.0, 1.0]]
    assert (row["embedded"], row["characters_per_s"], row["peak_mib"]) == (0.5, 25, 10)
    assert "| one | 1.000 | 1.000 | 1.000 | 50 % | 25 | 5, 5 ms | 10 MiB |" in side_by_side.table(
        material, [row]
    )


@pytest.mark.slow
def test_what_the_embedder_does_not_read_is_not_counted() -> None:
    model = str(starter_embedder_dir())
    text = "apple " * 100
    documents = {"a": text}
    assert fully_embedded(documents, [("a", text)], model, 256) == len(text)
    half = fully_embedded(documents, [("a", text)], model, 52)
    assert half == pytest.approx(len(text) / 2)
    # An overlap is counted once.
    assert fully_embedded(documents, [("a", text), ("a", text[:60])], model, 256) == len(text)


@pytest.mark.parametrize("engine", [Fts5, Fts5Rare])
def test_an_engine_adds_finds_and_forgets(engine: type[Fts5], tmp_path: Path) -> None:
    search = engine(tmp_path)
    search.add(iter(["rats in the cellar", "the cellar is dry", "mice"]))
    assert search.search(["rat", "cellar"]) == [1, 2]
    search.remove([1])
    assert search.search(["rats"]) == []
    search.add(iter(["rats again"]))
    assert engine(tmp_path).search(["rats"]) == [4]
