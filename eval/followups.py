"""Measures by retrieval what the rewriter makes of follow-up questions.

    python -m eval.followups --data DIR [--questions N] [--part test|train] [--bare]

DIR holds `rewrite/followups.jsonl` (CANARD, development part: QuAC dialogues in which people wrote
each question again so that it stands by itself) and, where it is there, `us-china-ai/`.

Split: by dialogue. Its first two history items, article title and section title, joined by a line
break; sha256 modulo 5 is 0 for the test part, else training. Rules are written with the training
part in view, figures are the test part's.

Collection: CANARD comes without passages, so every answer given in any of the dialogues (both
parts) is one, under the breadcrumb "article › section" that the product would give it; `--bare`
leaves the breadcrumb out, so that only the answer's own words can be found. A question is relevant
to the answer that it got, and to nothing else; its other answers in the dialogue are the nearest
distractors. Left out: questions whose answer is not known (each dialogue's last), is "I don't know"
or has fewer than five words.

History: what the product passes, the earlier questions. The article and its section, which QuAC
showed to whoever asked, stand as a first question, "Tell me about ARTICLE: SECTION". Answers are
added only where a row says so.

Three conversations: as it was; the same after the questions of another dialogue (the subject has
changed on the way); and the person's rewrite, which needs no help, after another dialogue alone.

Metrics, through the product's own retriever and packaged embedder: Recall@5 and MRR@10 on CANARD;
on the project's own sets the share of gold evidence touched by the first five passages, for the
questions with a history, and for those without one when an unrelated question is put before them.
"""

import argparse
import hashlib
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from eval.evidence import Gold, PathDocuments, resolve_all
from eval.metrics import mrr_at, recall_at
from eval.questions import load_questions
from eval.types import Question
from index.library import Library
from index.splitter import SEPARATOR, embedded_text
from index.types import Analysis, Block, Hit, LoadedText, Passage, Role
from models.embedder import SentenceTransformerEmbedder
from models.protocols import Embedder
from rag.pipeline import standalone_question
from rag.retriever import Retriever
from rag.settings import Settings

_MIN_ANSWER_WORDS = 5
_TOP_K = 10
_CUT = 5
_PARTS = 5


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question of a dialogue.

    Attributes:
        dialogue: article title and section title.
        question: as it was asked.
        rewrite: as a person wrote it to stand by itself.
        asked: what was asked before, oldest first, the invented first question included.
        turns: the same with the answers between.
        answer: what it was answered.
    """

    dialogue: tuple[str, str]
    question: str
    rewrite: str
    asked: tuple[str, ...]
    turns: tuple[str, ...]
    answer: str

    def after(self, other: "FollowUp") -> "FollowUp":
        """The same once the other's dialogue has been talked about."""
        return replace(self, asked=other.asked + self.asked, turns=other.turns + self.turns)

    def alone_after(self, other: "FollowUp") -> "FollowUp":
        """The rewrite, with nothing before it but the other's dialogue."""
        return replace(self, question=self.rewrite, asked=other.asked, turns=other.turns)


Search = Callable[[str], Sequence[Hit]]
Rewrite = Callable[[FollowUp], str]
REWRITES: Mapping[str, Rewrite] = {
    "last question only": lambda item: item.question,
    "first question and last": lambda item: f"{item.asked[0]} {item.question}",
    "whole history, questions": lambda item: " ".join((*item.asked, item.question)),
    "whole history, answers too": lambda item: " ".join((*item.turns, item.question)),
    "the rules": lambda item: standalone_question(item.question, item.asked),
    "the rules, answers too": lambda item: standalone_question(item.question, item.turns),
    "a person's rewrite": lambda item: item.rewrite,
}


def part_of(dialogue: tuple[str, str]) -> str:
    """The part, "test" or "train", that a dialogue belongs to."""
    digest = hashlib.sha256("\n".join(dialogue).encode()).hexdigest()
    return "test" if int(digest, 16) % _PARTS == 0 else "train"


def read_followups(lines: Iterable[str]) -> tuple[list[FollowUp], dict[tuple[str, str], list[str]]]:
    """The questions worth asking, and the answers of every dialogue that make the collection."""
    rows = [json.loads(line) for line in lines]
    longest: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        title, section, *turns = row["history"]
        if len(turns) >= len(longest.setdefault((title, section), [])):
            longest[title, section] = turns
    items = []
    for row in rows:
        title, section, *turns = row["history"]
        later = longest[title, section][len(turns) :]
        if len(later) < 2 or not _is_passage(later[1]):
            continue
        first = f"Tell me about {title}: {section}"
        items.append(
            FollowUp(
                dialogue=(title, section),
                question=row["question"],
                rewrite=row["rewrite"],
                asked=(first, *turns[::2]),
                turns=(first, *turns),
                answer=later[1],
            )
        )
    answers = {
        dialogue: list(dict.fromkeys(a for a in turns[1::2] if _is_passage(a)))
        for dialogue, turns in longest.items()
    }
    return items, answers


def _is_passage(answer: str) -> bool:
    return len(answer.split()) >= _MIN_ANSWER_WORDS and not answer.startswith("I don't know")


def build_collection(
    folder: Path,
    embedder: Embedder,
    answers: Mapping[tuple[str, str], Sequence[str]],
    *,
    bare: bool = False,
) -> Library:
    """A library in which every answer is a passage, written past loaders and analyser.

    Short answers would be joined by the splitter and some taken for headings; here each must be
    found by itself. With `bare` the passages have no breadcrumb.
    """
    library = Library(folder, embedder)
    store = library.store
    for dialogue, said in answers.items():
        if not said:
            continue
        crumb = "" if bare else SEPARATOR.join(dialogue)
        text = "\n\n".join(said)
        passages, start = [], 0
        for answer in said:
            end = start + len(answer)
            passages.append(Passage(0, 0, start, end, answer, crumb, Role.BODY, dialogue[1]))
            start = end + 2
        vectors = embedder.embed_passages([embedded_text(crumb, answer) for answer in said])
        blocks = tuple(Block(p.start, p.end, Role.BODY) for p in passages)
        path = "/".join(dialogue)
        with store.transaction():
            document = store.begin_document(path, sha256="", size=len(text), title=dialogue[0])
            store.append(document.id, LoadedText(text), Analysis(blocks), passages, vectors)
            store.finish_document(document.id)
    return library


def measure(search: Search, items: Sequence[FollowUp], rewrite: Rewrite) -> tuple[float, float]:
    """Recall@5 and MRR@10 of the answers over the items."""
    found = [
        ([_shown(hit, item.answer) for hit in search(rewrite(item))], {item.answer: 1.0})
        for item in items
    ]
    recall = _mean(recall_at(ranked, wanted, _CUT) for ranked, wanted in found)
    return recall, _mean(mrr_at(ranked, wanted, _TOP_K) for ranked, wanted in found)


def _shown(hit: Hit, answer: str) -> str:
    """The passage's text; the answer where it was folded into a passage that nearly repeats it."""
    texts = [passage.text for passage in (hit.passage, *hit.duplicates)]
    return answer if answer in texts else texts[0]


@dataclass(frozen=True, slots=True)
class OwnSet:
    """One of the project's sets over its documents.

    Attributes:
        follow_ups: questions with a history.
        alone: questions without one, each twice: with the question before it in the set, and with
            one from the set's other half, neither of which it needs.
    """

    retriever: Retriever
    gold: Mapping[str, tuple[Gold, ...]]
    follow_ups: tuple[Question, ...]
    alone: tuple[tuple[Question, str], ...]

    def recall(self, question: Question, query: str) -> float:
        """Share of the gold evidence touched by the first five passages of a search."""
        hits = self.retriever.retrieve(query, _CUT)
        found = [p for hit in hits for p in (hit.passage, *hit.duplicates)]
        pieces = self.gold[question.id]
        touched = [
            any(g.overlaps(str(p.document_id), p.start, p.end) for p in found) for g in pieces
        ]
        return sum(touched) / len(pieces)


def own_set(library: Library, documents: Path, questions: Path) -> OwnSet:
    """Adds the documents to the library and finds the gold evidence of the questions."""
    library.add([documents])
    paths = {str(document.id): document.path for document in library.store.documents()}
    asked = load_questions(questions)
    gold = resolve_all(asked, PathDocuments(paths, lambda i: library.store.text(int(i))))
    known = [question for question in asked if gold[question.id]]
    alone = [question for question in known if not question.history]
    half = len(alone) // 2
    return OwnSet(
        Retriever(library),
        gold,
        tuple(question for question in known if question.history),
        tuple(
            (question, alone[(i + step) % len(alone)].question)
            for i, question in enumerate(alone)
            for step in (-1, half)
        ),
    )


def canard_rows(retriever: Retriever, items: Sequence[FollowUp]) -> Iterator[str]:
    """The table's lines for CANARD."""
    half = len(items) // 2
    others = [items[(i + half) % len(items)] for i in range(len(items))]
    conversations = (
        items,
        [item.after(other) for item, other in zip(items, others, strict=True)],
        [item.alone_after(other) for item, other in zip(items, others, strict=True)],
    )
    search = cache(lambda query: retriever.retrieve(query, _TOP_K))
    yield f"{'':<30}{'as it was':>20}{'subject changed':>20}{'stands by itself':>20}"
    yield f"{f'CANARD, {len(items)} questions':<30}" + f"{'Recall@5':>12}{'MRR@10':>8}" * 3
    for name, rewrite in REWRITES.items():
        pairs = [measure(search, asked, rewrite) for asked in conversations]
        yield f"{name:<30}" + "".join(f"{recall:>12.3f}{mrr:>8.3f}" for recall, mrr in pairs)


def own_rows(name: str, own: OwnSet) -> Iterator[str]:
    """The table's lines for one of the project's sets."""
    follow_ups: Mapping[str, Callable[[Question], str]] = {
        "last question only": lambda q: q.question,
        "whole history": lambda q: " ".join((*q.history, q.question)),
        "the rules": lambda q: standalone_question(q.question, q.history),
    }
    yield f"{name}, {len(own.follow_ups)} follow-ups"
    for row, query in follow_ups.items():
        yield _row(row, _mean(own.recall(q, query(q)) for q in own.follow_ups))
    yield f"{name}, {len(own.alone)} questions without a history"
    yield _row("as they are", _mean(own.recall(q, q.question) for q, _ in own.alone))
    queries = [(q, standalone_question(q.question, [other])) for q, other in own.alone]
    changed = sum(q.question != query for q, query in queries)
    yield _row(
        f"the rules, unrelated ({changed} changed)", _mean(own.recall(q, x) for q, x in queries)
    )


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / max(1, len(listed))


def _row(name: str, *values: float) -> str:
    return f"  {name:<42}" + "".join(f"{value:>10.3f}" for value in values)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=400, help="of CANARD; 0 for all")
    parser.add_argument("--part", choices=("test", "train"), default="test")
    parser.add_argument("--bare", action="store_true", help="passages without a breadcrumb")
    options = parser.parse_args(arguments)
    lines = (options.data / "rewrite" / "followups.jsonl").read_text(encoding="utf-8").splitlines()
    items, answers = read_followups(lines)
    items = [item for item in items if part_of(item.dialogue) == options.part]
    if 0 < options.questions < len(items):
        items = random.Random(0).sample(items, options.questions)
    embedder = SentenceTransformerEmbedder.starter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        with closing(
            build_collection(folder / "canard", embedder, answers, bare=options.bare)
        ) as library:
            _print(canard_rows(Retriever(library), items))
        sets = {"samples": Path("samples/documents"), "us-china-ai": options.data / "us-china-ai"}
        for name, documents in sets.items():
            if documents.is_dir():
                n_tokens = Settings().passage_tokens
                with closing(Library(folder / name, embedder, target_tokens=n_tokens)) as library:
                    own = own_set(library, documents, Path("eval/sets") / f"{name}.jsonl")
                    _print(own_rows(name, own))


def _print(rows: Iterable[str]) -> None:
    for row in rows:
        sys.stdout.write(row + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
