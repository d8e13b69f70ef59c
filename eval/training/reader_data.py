"""What the reader adapter is trained on: passages, questions on them, spans or "not stated".

By `splits.json`; nothing of a calibration or test part is used. Sources: SQuAD v1.1 and v2.0, Natural
Questions with gold passages, PolicyQA, ClapNQ's questions without an answer. Made from them: passages
cut as the program cuts them, so that the answer is often in another passage than the one read;
questions put to passages that the embedder finds near but that do not hold the answer (hard
negatives); questions as people type them (no capitals, no question mark, a typo, keywords only);
breadcrumbs with a section, a speaker or a date.
"""

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from index.lexical import STOP_WORDS
from index.sentences import sentence_spans
from models.protocols import Embedder

_WINDOW_CHARS = 560
_NEAR_PASSAGES = 3
_MAX_ANSWER_CHARS = 160
_NOISE_SHARE = 0.15
_CRUMB_SHARE = 0.3
_POLICY_QUESTIONS = 3
_SECTIONS = "Introduction Background Overview History Interview Transcript Notes".split()
_SPEAKERS = ("Anna Berg", "J. Okafor", "Maria Silva", "Tom Reed", "Li Wei", "Host", "Dr. Haddad")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question on a passage; `answer` is a verbatim span of it, or None: not stated.

    A passage that holds one of the `accepted` answers is never a negative of the question.
    """

    question: str
    answer: str | None
    accepted: tuple[str, ...] = ()


@dataclass(slots=True)
class Source:
    """A passage with all that is asked of it.

    Attributes:
        group: article or site; negatives from the same one are the hardest.
        breadcrumb: as the reader will see it.
        text: the passage.
        asked: its questions.
        kind: where it comes from, for the figures.
    """

    group: str
    breadcrumb: str
    text: str
    kind: str
    asked: list[Asked] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A SQuAD question; no answers where the passage holds none."""

    id: str
    title: str
    context: str
    question: str
    answers: tuple[str, ...]
    version: str


def squad_questions(data: Path, part: str) -> Iterator[SquadQuestion]:
    """All questions of SQuAD v1.1 and v2.0 of one part, in the files' order."""
    splits = json.loads((data / "splits.json").read_text(encoding="utf-8"))["squad"]
    for version, name in (("1.1", "squad-v1.1.json"), ("2.0", "squad-v2.0.json")):
        for article in json.loads((data / "qa" / name).read_text(encoding="utf-8"))["data"]:
            own = next(
                (p for p in ("test", "calibration") if article["title"] in splits[p]), "train"
            )
            if own == part:
                yield from _squad_article(article, version)


def _squad_article(article: dict[str, Any], version: str) -> Iterator[SquadQuestion]:
    title = article["title"].replace("_", " ")
    for paragraph in article["paragraphs"]:
        for item in paragraph["qas"]:
            none = item.get("is_impossible", False)
            answers = () if none else tuple(answer["text"] for answer in item["answers"])
            yield SquadQuestion(
                item["id"], title, paragraph["context"], item["question"], answers, version
            )


def calibrates(title: str) -> bool:
    """Whether Natural Questions rows of this article, of use "train", calibrate: a third of them."""
    return int(hashlib.sha256(title.encode()).hexdigest(), 16) % 3 == 0


def training_sources(data: Path, embedder: Embedder, rng: random.Random) -> list[Source]:
    """All passages with their questions, negatives and noise included."""
    whole, windows = plain_sources(data, rng)
    _add_negatives(whole, embedder, rng)
    sources = whole + windows
    for source in sources:
        source.breadcrumb = vary_breadcrumb(source.breadcrumb, rng)
        source.asked = [noisy(asked, rng) for asked in source.asked]
        rng.shuffle(source.asked)
    return [source for source in sources if source.asked]


def plain_sources(data: Path, rng: random.Random) -> tuple[list[Source], list[Source]]:
    """The data sets' own passages with their questions, and SQuAD's cut as the program cuts."""
    whole = [*_squad(data), *_searches(data), *_policies(data, rng), *_clapnq(data)]
    cuts = [cut for source in whole if source.kind == "squad" for cut in _windows(source, rng)]
    return whole, cuts


# -- the data sets --------------------------------------------------------------------------------


def _squad(data: Path) -> list[Source]:
    """Paragraphs of the training articles; v1.1 and v2.0 share paragraphs and questions."""
    found: dict[tuple[str, str], Source] = {}
    seen: set[tuple[str, str]] = set()
    for item in squad_questions(data, "train"):
        source = found.setdefault(
            (item.title, item.context), Source(item.title, item.title, item.context, "squad")
        )
        if (item.context, item.question) in seen:
            continue
        seen.add((item.context, item.question))
        answer = Counter(item.answers).most_common(1)[0][0] if item.answers else None
        source.asked.append(Asked(item.question, answer, item.answers))
    return list(found.values())


def _searches(data: Path) -> list[Source]:
    """Natural Questions: rows of use "train" whose gold passage holds an accepted answer."""
    sources = []
    kept_back = _kept_back(data)
    for row in json_lines(data / "qa" / "nq-open-gold.jsonl"):
        gold = row["ctxs"][0]
        if gold["title"] in kept_back:
            continue
        text = " ".join(gold["text"].split())
        wanted = [*row["nq_annotated_gold"].get("short_answers", ()), *row["answers"]]
        answer = next((a for a in wanted if a in text), None)
        if answer is not None:
            asked = [Asked(row["question"], answer, tuple(wanted))]
            sources.append(Source(gold["title"], gold["title"], text, "nq", asked))
    return sources


def _kept_back(data: Path) -> set[str]:
    """Articles of Natural Questions with a test row, and the third that the confidences are fitted on."""
    golds = [
        (r["use"], r["ctxs"][0]["title"]) for r in json_lines(data / "qa" / "nq-open-gold.jsonl")
    ]
    return {title for use, title in golds if use != "train" or calibrates(title)}


def _policies(data: Path, rng: random.Random) -> list[Source]:
    """PolicyQA: a few short answers a paragraph; its annotators often marked whole paragraphs."""
    sources = []
    for article in json.loads((data / "qa" / "policyqa-dev.json").read_text("utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            text = paragraph["context"]
            asked = [
                Asked(item["question"], item["answers"][0]["text"].strip())
                for item in paragraph["qas"]
                if len(item["answers"][0]["text"]) <= min(_MAX_ANSWER_CHARS, len(text) * 0.6)
            ]
            asked = [a for a in asked if a.answer and a.answer in text]
            if asked:
                title = article["title"]
                few = rng.sample(asked, min(_POLICY_QUESTIONS, len(asked)))
                sources.append(Source(title, f"{title} › Privacy policy", text, "policy", few))
    return sources


def _clapnq(data: Path) -> list[Source]:
    """ClapNQ's questions that the passage does not answer; the first 150 rows may be trained on."""
    rows = list(json_lines(data / "qa" / "clapnq-unanswerable.jsonl"))[:150]
    kept_back = _kept_back(data)  # the same articles of Wikipedia
    return [
        Source(
            p["title"],
            p["title"],
            " ".join(p["text"].split()),
            "clapnq",
            [Asked(row["input"], None)],
        )
        for row in rows
        for p in row["passages"][:1]
        if p["title"] not in kept_back
    ]


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


# -- what is made of them -------------------------------------------------------------------------


def _windows(source: Source, rng: random.Random) -> list[Source]:
    """Parts of a long paragraph, whole sentences, of about the length of the program's passages.

    A question goes to the part that holds its answer, and sometimes to another one: not stated. An
    answer that occurs in two parts leaves its question out, since only one of them may prove it.
    """
    spans = sentence_spans(source.text)
    if len(source.text) <= _WINDOW_CHARS * 1.2 or len(spans) < 3:
        return []
    cuts: list[tuple[int, int]] = []
    for start, end in spans:
        if cuts and end - cuts[-1][0] <= _WINDOW_CHARS:
            cuts[-1] = (cuts[-1][0], end)
        else:
            cuts.append((start, end))
    parts = [Source(source.group, source.breadcrumb, source.text[a:b], "window") for a, b in cuts]
    for asked in source.asked:
        if asked.answer is None:
            rng.choice(parts).asked.append(asked)
            continue
        holding = [part for part in parts if asked.answer in part.text]
        if len(holding) == 1:
            holding[0].asked.append(asked)
            others = [part for part in parts if not holds(part.text, asked)]
            if others and rng.random() < 0.3:
                rng.choice(others).asked.append(Asked(asked.question, None))
    return parts


def _add_negatives(sources: Sequence[Source], embedder: Embedder, rng: random.Random) -> None:
    """Put questions to near passages that do not hold their answer."""
    chosen: list[tuple[int, Asked]] = []
    for i, source in enumerate(sources):
        answered = [asked for asked in source.asked if asked.answer]
        if answered and source.kind != "policy":
            few = rng.sample(answered, max(1, len(answered) // 3))
            chosen += [(i, asked) for asked in few]
    passages = embedder.embed_passages([f"{s.breadcrumb}\n{s.text}" for s in sources])
    scores = embedder.embed_queries([asked.question for _, asked in chosen]) @ passages.T
    for (own, asked), row in zip(chosen, scores, strict=True):
        near = [int(j) for j in np.argsort(-row)[:12] if int(j) != own]
        plain = [j for j in near if not holds(sources[j].text, asked)]
        if plain:
            target = sources[rng.choice(plain[:_NEAR_PASSAGES])]
            target.asked.append(Asked(asked.question, None))


def holds(text: str, asked: Asked) -> bool:
    """Whether a text holds an accepted answer, so that it is no negative of the question."""
    return any(
        answer.lower() in text.lower() for answer in (asked.answer, *asked.accepted) if answer
    )


def vary_breadcrumb(breadcrumb: str, rng: random.Random) -> str:
    """Sometimes with a section, a speaker or a date, sometimes without a title."""
    if rng.random() > _CRUMB_SHARE:
        return breadcrumb
    parts = [breadcrumb] if rng.random() < 0.8 else []
    if rng.random() < 0.5:
        parts.append(rng.choice(_SECTIONS))
    if rng.random() < 0.3:
        parts.append(rng.choice(_SPEAKERS))
    if rng.random() < 0.4:
        parts.append(f"{rng.randint(2001, 2025)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}")
    return " › ".join(parts)


def noisy(asked: Asked, rng: random.Random) -> Asked:
    """Some questions as people type them."""
    if rng.random() > _NOISE_SHARE:
        return asked
    change = rng.choice((_plain_case, _plain_case, _typo, _keywords))
    return replace(asked, question=change(asked.question, rng))


def _plain_case(question: str, _: random.Random) -> str:
    return question.lower().rstrip("?. ")


def _typo(question: str, rng: random.Random) -> str:
    """Two neighbouring letters of a long word change places, or one is lost."""
    words = list(re.finditer(r"[A-Za-z]{5,}", question))
    if not words:
        return question
    word = rng.choice(words)
    at = rng.randrange(word.start() + 1, word.end() - 2)
    if rng.random() < 0.5:
        return question[:at] + question[at + 1] + question[at] + question[at + 2 :]
    return question[:at] + question[at + 1 :]


def _keywords(question: str, _: random.Random) -> str:
    words = [w for w in re.findall(r"[\w'-]+", question) if w.lower() not in STOP_WORDS]
    return " ".join(words) if len(words) >= 2 else question
