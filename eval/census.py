"""Questions about a whole library: are counts and lists exact?

    python -m eval.census FOLDER --questions FILE [--wrong] [--rules]

FOLDER, or an archive of one (`eval/sets/census`), holds documents; every one is added to a library of its
own, without vectors that mean anything, since these questions are answered from words alone. FILE has a
question a line: `question`, `kind`, `answers` and `documents`, the exact set, as paths below FOLDER. A count
is right if it is the very number, a list if exactly these documents are cited, anything else if an accepted
answer is given and nothing but these documents is cited. A question that is not taken for one about the
whole library is wrong.
"""

import argparse
import json
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.intervals import wilson
from eval.normalize import occurs
from index.library import Library
from index.numbers import find_amounts
from models.embedder import SentenceTransformerEmbedder
from models.fake import FakeEmbedder
from models.tagger import QuestionTagger
from rag.census import CensusTaker
from rag.census_tagged import Tagger
from rag.citing import Citer
from rag.drafts import Draft
from rag.pipeline import as_searched


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a question.

    Attributes:
        understood: whether it was taken for a question about the whole library.
        note: what was looked at, in words.
    """

    question: Mapping[str, Any]
    understood: bool
    right: bool
    short: str
    cited: frozenset[str]
    note: str
    milliseconds: float


class CountingEmbedder(FakeEmbedder):
    """Vectors that mean nothing, but the packaged embedder's tokens: spelling is mended with them."""

    def __init__(self) -> None:
        super().__init__()
        self._counter = SentenceTransformerEmbedder.starter()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        return self._counter.count_tokens(texts)


def measure(
    source: Path,
    questions: Sequence[Mapping[str, Any]],
    work: Path,
    tagger: Tagger | None = None,
) -> list[Outcome]:
    """Ask questions of a folder's documents, or those of an archive; the library is made in `work`."""
    folder = source.resolve()
    if source.is_file():
        folder = work.resolve() / "documents"
        with tarfile.open(source) as archive:
            archive.extractall(folder, filter="data")
    with closing(Library(work / "library", CountingEmbedder())) as library:
        library.add([folder])
        return list(ask_all(folder, questions, library, tagger))


def ask_all(
    folder: Path,
    questions: Sequence[Mapping[str, Any]],
    library: Library,
    tagger: Tagger | None,
) -> Iterator[Outcome]:
    """Ask every question of a library that holds the folder's documents."""
    taker = CensusTaker(library, tagger)
    for question in questions:
        began = time.perf_counter()
        asked = question["question"]
        mended = as_searched(asked, (), library)
        taken = taker.answer(asked, Citer(library), mended=mended)
        spent = (time.perf_counter() - began) * 1e3
        if taken is None:
            yield Outcome(question, False, False, "", frozenset(), "", spent)
            continue
        draft, note = taken
        cited = frozenset(
            Path(c.path).relative_to(folder).as_posix()
            for sentence in draft.sentences
            for c in sentence.citations
        )
        short = draft.short_answer or ""
        right = is_right(question, draft, cited)
        yield Outcome(question, True, right, short, cited, note, spent)


def is_right(question: Mapping[str, Any], draft: Draft, cited: frozenset[str]) -> bool:
    """Whether an answer is exact."""
    documents = frozenset(question["documents"])
    if question["kind"] == "count":
        return (draft.short_answer or "").replace(",", "") in question["answers"]
    if question["kind"] == "list":
        return cited == documents
    said = " ".join([draft.short_answer or "", *(sentence.text for sentence in draft.sentences)])
    given = [(a.value, a.unit) for a in find_amounts(draft.short_answer or "")[:1]]
    wanted = [(a.value, a.unit) for answer in question["answers"] for a in find_amounts(answer)]
    right = any(occurs(answer, said) for answer in question["answers"])
    # "445.00 pounds" is 445 pounds.
    return (right or any(one in wanted for one in given if one[1])) and cited <= documents


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Shares right in all and by kind, in percent with 95 % intervals, and the time."""
    kinds = sorted({o.question["kind"] for o in outcomes})
    times = sorted(o.milliseconds for o in outcomes)
    return {
        "right": wilson(sum(o.right for o in outcomes), len(outcomes)),
        "understood": wilson(sum(o.understood for o in outcomes), len(outcomes)),
        "says_what_was_looked_at": wilson(
            sum(o.note.startswith("Looked at all ") for o in outcomes), len(outcomes)
        ),
        "by_kind": {
            kind: wilson(sum(o.right for o in own), len(own))
            for kind in kinds
            if (own := [o for o in outcomes if o.question["kind"] == kind])
        },
        "milliseconds_p50": round(times[len(times) // 2], 1) if times else None,
        "milliseconds_most": round(times[-1], 1) if times else None,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Add the folder, ask the questions, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--wrong", action="store_true", help="name what went wrong")
    parser.add_argument("--rules", action="store_true", help="without the trained tagger")
    parser.add_argument("--weights", type=Path, help="of the tagger; those that ship by default")
    options = parser.parse_args(arguments)
    lines = options.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines if line]
    with tempfile.TemporaryDirectory() as temporary:
        tagger = None if options.rules else QuestionTagger(options.weights)
        outcomes = measure(options.folder, questions, Path(temporary), tagger)
    sys.stdout.write(json.dumps(figures(outcomes), indent=1) + "\n")
    if options.wrong:
        for outcome in outcomes:
            if not outcome.right:
                sys.stdout.write(told(outcome))


def told(outcome: Outcome) -> str:
    """A wrong answer, for people."""
    documents = frozenset(outcome.question["documents"])
    missed, more = sorted(documents - outcome.cited), sorted(outcome.cited - documents)
    return (
        f"\n{outcome.question['question']}\n  wanted {outcome.question['answers'][:2]}, "
        f"{len(documents)} documents; got {outcome.short[:80]!r}"
        f"{'' if outcome.understood else ' (not understood)'}\n"
        f"  missed {missed[:4]}, too many {more[:4]}\n"
    )


if __name__ == "__main__":
    main()
