"""Calibration questions of public data, and the library they are asked over.

Two thirds are SQuAD's, whose words are close to the text; the others are real searches (Natural
Questions). A library is made of all their documents. Of ten questions six have their answer in it, two
had their article taken out, one its paragraph, and one is of SQuAD 2's unanswerable ones, which were
written to look answerable. Nothing of the test parts is asked.
"""

import json
import logging
import random
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal

from eval.training.reader_data import calibrates
from index.library import Library
from models.embedder import SentenceTransformerEmbedder

_log = logging.getLogger(__name__)
Kind = Literal["answerable", "no article", "no paragraph", "unanswerable"]
Source = Literal["squad", "nq"]
SOURCE_SHARES: tuple[tuple[Source, float], ...] = (("squad", 2 / 3), ("nq", 1 / 3))
# Of ten questions, so many of each kind.
KIND_SHARES: tuple[tuple[Kind, int], ...] = (
    ("answerable", 6),
    ("no article", 2),
    ("no paragraph", 1),
    ("unanswerable", 1),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A question with its gold passage and accepted answers; none where it has no answer."""

    question: str
    context: str
    answers: tuple[str, ...]
    split: str
    article: str
    source: Source


def read_examples(
    data: Path, parts: Collection[str] = ("train", "calibration")
) -> tuple[list[Example], dict[str, list[str]]]:
    """Examples of some parts, and the passages of articles by title.

    The library holds every article of SQuAD, and those of Natural Questions that are asked about.
    """
    splits = json.loads((data / "splits.json").read_text())["squad"]
    articles: dict[str, list[str]] = {}
    examples: list[Example] = []
    for name in ("squad-v1.1.json", "squad-v2.0.json"):
        for article in json.loads((data / "qa" / name).read_text())["data"]:
            title = article["title"]
            split = next((s for s in ("test", "calibration") if title in splits[s]), "train")
            examples += _paragraphs(article, split, "squad", articles)
    examples += _searches(data / "qa" / "nq-open-gold.jsonl", articles, parts)
    return [e for e in examples if e.split in parts], articles


def _paragraphs(
    article: dict[str, Any], split: str, source: Source, articles: dict[str, list[str]]
) -> Iterator[Example]:
    """Questions of an article in SQuAD's layout; its paragraphs are put into `articles`."""
    title = article["title"].replace("_", " ")
    known = articles.setdefault(title, [])
    for paragraph in article["paragraphs"]:
        if paragraph["context"] not in known:
            known.append(paragraph["context"])
        for item in paragraph["qas"]:
            impossible = item.get("is_impossible", False)
            answers = () if impossible else tuple({a["text"] for a in item["answers"]})
            yield Example(item["question"], paragraph["context"], answers, split, title, source)


def _searches(
    path: Path, articles: dict[str, list[str]], parts: Collection[str]
) -> Iterator[Example]:
    """Natural Questions with the passage that answers them; a third of `train` calibrates."""
    for line in path.read_text().splitlines():
        row = json.loads(line)
        gold = next((c for c in row["ctxs"] if c.get("isgold") and c.get("hasanswer")), None)
        use = row["use"]
        if use == "train" and gold is not None and calibrates(gold["title"]):
            use = "calibration"
        if gold is None or use not in parts:
            continue
        text = " ".join(gold["text"].split())
        articles.setdefault(gold["title"], []).append(text)
        yield Example(row["question"], text, tuple(row["answers"]), use, gold["title"], "nq")


def build_library(folder: Path, articles: dict[str, list[str]]) -> Library:
    """A library with one text file an article."""
    texts = folder / "texts"
    texts.mkdir(parents=True, exist_ok=True)
    for title, passages in articles.items():
        (texts / file_of(title)).write_text(title + "\n\n" + "\n\n".join(passages) + "\n")
    library = Library(folder / "library", SentenceTransformerEmbedder.starter(), target_tokens=128)
    report = library.add([texts])
    _log.info("%d documents, %d passages", report.count("added"), report.n_passages)
    return library


def file_of(title: str) -> str:
    """The file an article is written to."""
    return re.sub(r"\W+", "_", title) + ".txt"


def sample(
    examples: Sequence[Example], n: int, rng: random.Random, part: str = "calibration"
) -> list[tuple[Example, Kind]]:
    """Questions of one part, sources and kinds mixed as `SOURCE_SHARES` and `KIND_SHARES` say.

    Nothing is fitted on training questions: the reader's adapter and the prover know them by heart.
    """
    chosen: list[tuple[Example, Kind]] = []
    taken: set[int] = set()
    for (source, source_share), (kind, kind_share) in product(SOURCE_SHARES, KIND_SHARES):
        pool = [
            e
            for e in examples
            if e.split == part
            and e.source == source
            and bool(e.answers) is (kind != "unanswerable")
            and id(e) not in taken
        ]
        size = min(len(pool), round(n * source_share * kind_share / 10))
        drawn = rng.sample(pool, size)
        taken |= {id(e) for e in drawn}
        chosen += [(example, kind) for example in drawn]
    rng.shuffle(chosen)
    return chosen
