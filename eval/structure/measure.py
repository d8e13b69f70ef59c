"""Precision and recall of the structure analyser on blocks labelled by hand.

``python -m eval.structure.measure eval/structure/dev`` reads `labels.jsonl` beside the documents;
``python -m eval.structure.measure eval/structure/real.jsonl --documents DIR`` reads labels whose
documents lie elsewhere (default: the folder named by FOOTNOTE_DATA).
"""

import argparse
import hashlib
import html
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.loaders import load
from index.structure import analyse
from index.structure.learned import Model
from index.types import Analysis, LoadedText, Role

_TAG = re.compile(r"<[^>]*>")
_SPACES = re.compile(r"\s+")
_LABELS = tuple(role.value for role in Role)


@dataclass(slots=True)
class Scores:
    """Counts over labelled blocks; `lenient` accepts a block's further labels."""

    true: Counter[str] = field(default_factory=Counter)
    predicted: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    lenient_right: int = 0
    blocks: int = 0
    facts: Counter[str] = field(default_factory=Counter)
    facts_right: Counter[str] = field(default_factory=Counter)
    missed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, label: str, also: Sequence[str], predicted: str) -> None:
        """Count one labelled block."""
        self.blocks += 1
        self.true[label] += 1
        self.predicted[predicted] += 1
        self.right[label] += label == predicted
        self.lenient_right += predicted == label or predicted in also

    def fact(self, name: str, is_right: bool) -> None:
        """Count one title, date, speaker or section."""
        self.facts[name] += 1
        self.facts_right[name] += is_right

    def as_json(self) -> dict[str, Any]:
        """Everything a table shows."""
        return {
            "blocks": self.blocks,
            "accuracy": _ratio(sum(self.right.values()), self.blocks),
            "accuracy_lenient": _ratio(self.lenient_right, self.blocks),
            "labels": {label: self._label(label) for label in _LABELS},
            "facts": {
                name: {"right": self.facts_right[name], "of": n} for name, n in self.facts.items()
            },
            "missed": self.missed,
        }

    def _label(self, label: str) -> dict[str, Any]:
        right = self.right[label]
        precision = _ratio(right, self.predicted[label])
        recall = _ratio(right, self.true[label])
        f1 = 2 * precision * recall / (precision + recall) if precision and recall else 0.0
        return {"precision": precision, "recall": recall, "f1": f1, "count": self.true[label]}


def measure(labels: Path, documents: Path) -> Scores:
    """Run loader and analyser over the labelled documents.

    Args:
        labels: a `.jsonl` file of labels.
        documents: the folder that holds the documents; `source` is a part of the file's name.
    """
    scores = Scores()
    for path, entries in read_labels(labels, documents):
        measure_document(path, entries, scores)
    return scores


def read_labels(labels: Path, documents: Path) -> Iterator[tuple[Path, list[dict[str, Any]]]]:
    """Each labelled document's file with its labels."""
    by_source: dict[str, list[dict[str, Any]]] = {}
    for line in labels.read_text(encoding="utf-8").splitlines():
        if line.strip():
            entry = json.loads(line)
            by_source.setdefault(entry["source"], []).append(entry)
    for source, entries in by_source.items():
        path = next((p for p in sorted(documents.iterdir()) if source in p.name), None)
        if path is None:
            raise SystemExit(f"no document named like {source} in {documents}; give --documents")
        yield path, entries


def labelled_spans(
    path: Path, loaded: LoadedText, entries: list[dict[str, Any]]
) -> Iterator[tuple[int, int, str, Sequence[str]]]:
    """Start, end, label and further labels of each labelled block, in the loaded text."""
    raw = path.read_bytes().decode("utf-8-sig")
    cursor = 0
    for entry in entries:
        if entry.get("document"):
            continue
        start, end = entry["start"], entry["end"]
        words = raw[start:end]
        digest = entry.get("sha256")
        opening = entry.get("text_start", "")
        is_other = bool(digest) and hashlib.sha256(words.encode()).hexdigest() != digest
        if is_other or not words.startswith(opening[: len(words)]):
            raise SystemExit(f"{path.name} [{start}, {end}) is not the text that was labelled")
        if path.suffix in (".html", ".htm"):
            start, end = _in_page(words, loaded, cursor)
            cursor = end
        yield start, end, entry["label"], entry.get("also", ())


def measure_document(
    path: Path, entries: list[dict[str, Any]], scores: Scores, model: Model | None = None
) -> None:
    """Score one labelled document."""
    raw = path.read_bytes().decode("utf-8-sig")
    loaded = next(load(path))
    analysis = analyse(loaded, model=model)
    for entry in entries:
        if entry.get("document"):
            _score_facts(entry, raw, analysis, scores)
    blocks = [entry for entry in entries if not entry.get("document")]
    spans = labelled_spans(path, loaded, blocks)
    for entry, (start, end, label, also) in zip(blocks, spans, strict=True):
        predicted, reason = _majority(analysis, start, end)
        scores.add(label, also, predicted)
        if predicted != label:
            scores.missed.append(
                {
                    **{"source": entry["source"], "start": entry["start"]},
                    **{"label": label, "also": list(also)},
                    **{"predicted": predicted, "reason": reason},
                }
            )
        _score_context(entry, raw, analysis, (start, end), scores)


def _in_page(source: str, loaded: LoadedText, cursor: int) -> tuple[int, int]:
    """Find a stretch of HTML source in the visible text, at or after `cursor`."""
    words = _SPACES.sub(" ", html.unescape(_TAG.sub(" ", source))).strip().split(" ")
    pattern = re.compile(r"[\s|]*".join(map(re.escape, words)))
    match = pattern.search(loaded.text, cursor) or pattern.search(loaded.text)
    return match.span() if match else (cursor, cursor)


def _majority(analysis: Analysis, start: int, end: int) -> tuple[str, str]:
    """The label that most characters of a stretch were given."""
    weights: Counter[tuple[str, str]] = Counter()
    for block in analysis.blocks:
        if block.start < end and block.end > start:
            shared = min(block.end, end) - max(block.start, start)
            weights[block.role.value, block.reason] += shared
    return weights.most_common(1)[0][0] if weights else ("nothing", "not found")


def _score_context(
    entry: dict[str, Any], raw: str, analysis: Analysis, span: tuple[int, int], scores: Scores
) -> None:
    """Speaker and section of one block, where the labels name them."""
    block = next((b for b in analysis.blocks if b.end > span[0] and b.start < span[1]), None)
    if speaker := entry.get("speaker"):
        found = block.speaker.text if block and block.speaker else ""
        scores.fact("speaker of block", bool(found) and (found in speaker or speaker in found))
    if section := entry.get("section"):
        wanted = section if isinstance(section, str) else raw[section["start"] : section["end"]]
        found = block.section.text if block and block.section else ""
        scores.fact("section of block", _plain(found) == _plain(wanted))


def _score_facts(entry: dict[str, Any], raw: str, analysis: Analysis, scores: Scores) -> None:
    title = entry.get("title")
    wanted = (
        title if isinstance(title, str) else raw[title["start"] : title["end"]] if title else ""
    )
    found = analysis.title.text if analysis.title else ""
    scores.fact("title", _plain(wanted) == _plain(found))
    date = entry.get("date")
    iso = entry.get("date_iso") or (date or {}).get("iso")
    scores.fact("date", iso == analysis.date_iso)
    names = {span.text for span in analysis.speakers}
    for name in entry.get("speakers") or ():
        scores.fact("speaker of document", any(name in n or n in name for n in names))


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text).strip().casefold()


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def table(scores: Scores) -> str:
    """The scores as a table for a terminal."""
    result = scores.as_json()
    lines = [f"{'label':<14}{'precision':>10}{'recall':>8}{'F1':>8}{'count':>7}"]
    for label, row in result["labels"].items():
        lines.append(
            f"{label:<14}{row['precision']:>10.3f}{row['recall']:>8.3f}"
            f"{row['f1']:>8.3f}{row['count']:>7}"
        )
    lines.append(
        f"{'all':<14}accuracy {result['accuracy']:.3f}, "
        f"lenient {result['accuracy_lenient']:.3f}, {result['blocks']} blocks"
    )
    lines += [f"{name}: {fact['right']} of {fact['of']}" for name, fact in result["facts"].items()]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table, or JSON with `--json`."""
    parser = argparse.ArgumentParser(prog="python -m eval.structure.measure", description=__doc__)
    parser.add_argument("labels", type=Path, help="a folder with labels.jsonl, or a .jsonl file")
    parser.add_argument("--documents", type=Path, help="the folder of the labelled documents")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--missed", action="store_true", help="list the blocks labelled otherwise")
    options = parser.parse_args(arguments)
    labels = options.labels / "labels.jsonl" if options.labels.is_dir() else options.labels
    folder = options.documents or os.environ.get("FOOTNOTE_DATA") or labels.parent
    scores = measure(labels, Path(folder))
    if options.json:
        sys.stdout.write(json.dumps(scores.as_json(), indent=2) + "\n")
        return 0
    sys.stdout.write(table(scores) + "\n")
    for miss in scores.missed if options.missed else ():
        sys.stdout.write(
            f"{miss['source']}:{miss['start']} is {miss['label']} {miss['also'] or ''}, "
            f"found {miss['predicted']} ({miss['reason']})\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
