"""Are people and organisations told apart in briefs? Precision and recall on names labelled by hand.

    python -m eval.name_kinds LABELS DOCUMENT... [--top N] [--alone] [--wrong]

LABELS has a document a line: `source` (its file), `people`, `organisations`, and `unclear`: names that are
not counted, pieces of longer ones mostly. Every other name that is found is of neither kind. All documents
are one library, since one may tell of another's names.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

from eval.intervals import wilson
from index.library import Library
from index.types import Document
from models.fake import FakeEmbedder
from rag.brief_elsewhere import elsewhere
from rag.brief_kinds import Kinds, NameKind
from rag.brief_material import read_material
from rag.brief_names import names_of
from rag.brief_sentences import is_content

# (label, told) -> how many.
Counts = Counter[tuple[NameKind, NameKind]]


def measure(
    labels: Sequence[Mapping[str, Any]],
    documents: Sequence[Path],
    folder: Path,
    *,
    top: int | None = None,
    alone: bool = False,
) -> tuple[Counts, list[str]]:
    """How names are told, and a line on each that is told wrongly.

    Args:
        labels: of the documents that count.
        documents: files and folders.
        folder: for a library of its own.
        top: only so many names of a document, those named most often.
        alone: without a look at the other documents.
    """
    by_source = {str(label["source"]): label for label in labels}
    counts: Counts = Counter()
    wrong = []
    with closing(Library(folder / "library", FakeEmbedder())) as library:
        library.add(documents)
        for document in library.store.documents():
            label = by_source.get(Path(document.path).name)
            if label is None:
                continue
            told = list(_kinds(library, document, alone=alone).items())[:top]
            for name, kind in told:
                if name in label["unclear"]:
                    continue
                wanted = _wanted(name, label)
                counts[wanted, kind] += 1
                if kind != wanted:
                    wrong.append(f"{label['source']}: {name}: {kind}, not {wanted}")
    return counts, wrong


def _kinds(library: Library, document: Document, *, alone: bool) -> dict[str, NameKind]:
    """The kind of each name of a document, as its brief has it, most often named first."""
    material = read_material(library, document)
    own = [told for told in material.sentences if is_content(told)]
    spoken = dict.fromkeys(
        name for name, *_ in library.store.speakers(document.id) if len(name.strip()) > 1
    )
    names = names_of(own, material.facts, list(spoken))
    kinds = Kinds(names, own) if alone else Kinds(names, own, elsewhere(library, document))
    return {one.name: kinds.kind(one) for one in names}


def _wanted(name: str, label: Mapping[str, Any]) -> NameKind:
    if name in label["people"]:
        return "person"
    return "organisation" if name in label["organisations"] else "other"


def figures(counts: Counts) -> dict[str, Any]:
    """Precision and recall of each kind, in percent with 95 % intervals, and how many names there were."""
    found: dict[str, Any] = {"names": counts.total()}
    for kind in get_args(NameKind)[:2]:
        right = counts[kind, kind]
        told = sum(n for (_, one), n in counts.items() if one == kind)
        there = sum(n for (one, _), n in counts.items() if one == kind)
        found[kind] = {"precision": wilson(right, told), "recall": wilson(right, there)}
    return found


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the documents, print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("labels", type=Path)
    parser.add_argument("documents", type=Path, nargs="+")
    parser.add_argument("--top", type=int, help="only the names named most often in a document")
    parser.add_argument("--alone", action="store_true", help="each document for itself")
    parser.add_argument("--wrong", action="store_true", help="name what went wrong")
    options = parser.parse_args(arguments)
    lines = options.labels.read_text(encoding="utf-8").splitlines()
    labels = [json.loads(line) for line in lines if line]
    with tempfile.TemporaryDirectory() as temporary:
        counts, wrong = measure(
            labels, options.documents, Path(temporary), top=options.top, alone=options.alone
        )
    sys.stdout.write(json.dumps(figures(counts), indent=1) + "\n")
    if options.wrong:
        sys.stdout.write("\n".join([*wrong, ""]))


if __name__ == "__main__":
    main()
