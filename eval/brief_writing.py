"""What of a written brief would be shown? Sentences as a capable model writes them, faithful and changed.

    python -m eval.brief_writing [--set eval/sets/briefs/pairs.jsonl] [--documents samples/documents] [--show]

A line of the set names a brief (part of a document's path, or a topic), one of its parts, and a quote of
that; `faithful` says the same in other words, `changed` something else in nearly the same ones. Each is
written by a scripted model into the brief and goes through what every written sentence goes through
(`rag.brief_parts`), with the packaged embedder and prover: it is shown, shown as partly supported, or the
quote stands in its place.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal, get_args

from index.library import Library
from models.fake import FakeGenerator
from rag.brief import Brief
from rag.brief_document import brief_document
from rag.brief_parts import statement_part
from rag.brief_subject import find_document
from rag.brief_topic import brief_topic
from rag.citing import Citer
from rag.compose import ComposeReader
from rag.drafts import Draft
from rag.pipeline import open_library
from rag.readers import build_judge, build_prover
from rag.retriever import Retriever
from rag.settings import Settings
from rag.support import SupportJudge

Way = Literal["faithful", "changed"]
Fate = Literal["shown", "partly", "quoted"]


def brief_of(library: Library, row: Mapping[str, Any]) -> Brief:
    """The quoted brief that a line is about."""
    if row["kind"] == "topic":
        return brief_topic(library, Retriever(library), row["brief"])
    return brief_document(library, find_document(library.store, row["brief"]))


def fate(
    library: Library, brief: Brief, row: Mapping[str, Any], way: Way, judge: SupportJudge | None
) -> Fate | None:
    """What becomes of a sentence; None where the brief has another quote by now."""
    section = next((s for s in brief.sections if s.key == row["part"]), None)
    if section is None or row["quote"] not in (line.sentence.text for line in section.lines):
        return None
    part = statement_part(section, brief.title, library.store, judge)
    for batch in part.batches(lambda messages: True):
        numbers = [
            item.numbered.n
            for item in batch
            if any(section.lines[i].sentence.text == row["quote"] for i in item.lines)
        ]
        if not numbers:
            continue
        written = f"{row[way].rstrip('.')} [{numbers[0]}]."
        generator = FakeGenerator([[written]], context_tokens=1 << 20)
        reader, draft = ComposeReader(generator, library, judge=judge), Draft()
        passages = [item.numbered for item in batch]
        for _ in reader.write(
            part.messages(batch), passages, Citer(library), draft, check=part.check
        ):
            pass
        part.take(draft.sentences, batch)
    own = [line.sentence for line in part.lines() if line.sentence.kind == "written"]
    if not own:
        return "quoted"
    return "partly" if own[0].support == "partly" else "shown"


def measure(
    library: Library, rows: Sequence[Mapping[str, Any]], judge: SupportJudge | None
) -> Iterator[tuple[Way, Fate | None, str]]:
    """What becomes of each sentence of a set."""
    briefs: dict[str, Brief] = {}
    for row in rows:
        brief = briefs.setdefault(row["brief"], brief_of(library, row))
        for way in get_args(Way):
            yield way, fate(library, brief, row, way, judge), row[way]


def main(arguments: Sequence[str] | None = None) -> None:
    """Write every sentence into its brief, print what became of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", type=Path, default=Path("eval/sets/briefs/pairs.jsonl"))
    parser.add_argument("--documents", type=Path, default=Path("samples/documents"))
    parser.add_argument("--show", action="store_true", help="each sentence with its fate")
    options = parser.parse_args(arguments)
    lines = options.set.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines if line]
    with tempfile.TemporaryDirectory() as temporary:
        settings = Settings(library=Path(temporary) / "library")
        with closing(open_library(settings)) as library:
            library.add([options.documents])
            judge = build_judge(build_prover(settings), library)
            found = list(measure(library, rows, judge))
    figures = {
        way: Counter(str(one) for own, one, _ in found if own == way) for way in get_args(Way)
    }
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    if options.show:
        sys.stdout.writelines(f"{way} {one}: {text}\n" for way, one, text in found)


if __name__ == "__main__":
    main()
