"""Public question set layouts: SQuAD v1.1 and v2.0 JSON files, BEIR folders.

Both bring their own documents: `squad_documents` and `beir_documents` yield (file name, text) to be
written into a folder and added; the questions' evidence names the same files.
"""

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from eval.errors import QuestionSetError
from eval.types import Evidence, Question

_PARAGRAPH_BREAK = "\n\n"


def squad_documents(path: Path | str) -> Iterator[tuple[str, str]]:
    """File name and text of each article, its paragraphs joined by an empty line."""
    for number, article in enumerate(_squad_articles(Path(path))):
        contexts = [paragraph["context"] for paragraph in article["paragraphs"]]
        yield _squad_name(article, number), _PARAGRAPH_BREAK.join(contexts)


def load_squad(path: Path) -> list[Question]:
    """Questions of a SQuAD v1.1 or v2.0 file; evidence is the first annotator's answer span."""
    questions: list[Question] = []
    for number, article in enumerate(_squad_articles(path)):
        offset = 0
        for paragraph in article["paragraphs"]:
            context = paragraph["context"]
            name = _squad_name(article, number)
            questions += [
                _squad_question(entry, context, name, offset) for entry in paragraph["qas"]
            ]
            offset += len(context) + len(_PARAGRAPH_BREAK)
    return questions


def _squad_articles(path: Path) -> list[dict[str, Any]]:
    try:
        articles = json.loads(path.read_text(encoding="utf-8"))["data"]
        for article in articles:
            for paragraph in article["paragraphs"]:
                _ = paragraph["context"], [(qa["id"], qa["question"]) for qa in paragraph["qas"]]
    except json.JSONDecodeError as error:
        raise QuestionSetError(
            f"{path}, line {error.lineno}: not JSON: {error.msg} at column {error.colno}"
        ) from error
    except (KeyError, TypeError) as error:
        raise QuestionSetError(
            f"{path}: not laid out as SQuAD (data, paragraphs, context, qas): {error!r}"
        ) from error
    return list(articles)


def _squad_name(article: dict[str, Any], number: int) -> str:
    return quote(str(article.get("title") or f"article-{number + 1}"), safe=" ,'()&") + ".txt"


def _squad_question(entry: dict[str, Any], context: str, name: str, offset: int) -> Question:
    found = entry.get("answers") or []
    unanswerable = bool(entry.get("is_impossible", False))
    evidence = []
    for answer in found[:1]:
        start = int(answer["answer_start"])
        end = start + len(answer["text"])
        digest = hashlib.sha256(context[start:end].encode()).hexdigest()
        evidence.append(
            Evidence(source=name, start=offset + start, end=offset + end, sha256=digest)
        )
    return Question(
        id=str(entry["id"]),
        # A few SQuAD questions have spaces around them; no one types those.
        question=entry["question"].strip(),
        kind="unanswerable" if unanswerable else "fact",
        # dict.fromkeys: several annotators often give the same words.
        answers=tuple(dict.fromkeys(a["text"] for a in found)) if not unanswerable else (),
        unanswerable=unanswerable,
        evidence=tuple(evidence) if not unanswerable else (),
    )


def beir_documents(path: Path | str) -> Iterator[tuple[str, str]]:
    """File name and text (title, empty line, text) of each document of a BEIR corpus."""
    for entry, where in _json_lines(Path(path) / "corpus.jsonl"):
        title = str(entry.get("title") or "")
        text = str(_field(entry, "text", where))
        yield beir_name(str(_field(entry, "_id", where))), f"{title}\n\n{text}" if title else text


def beir_name(document_id: str) -> str:
    """File name of a BEIR document; different ids never share one."""
    return quote(document_id, safe="") + ".txt"


def load_beir(path: Path) -> list[Question]:
    """Queries that `qrels/test.tsv` judges, in the order of `queries.jsonl`.

    They have no answers: only retrieval is judged. Grades of 0 or less are not evidence.
    """
    judged = _qrels(path / "qrels" / "test.tsv")
    questions = []
    for entry, where in _json_lines(path / "queries.jsonl"):
        query = str(_field(entry, "_id", where))
        if query in judged:
            evidence = tuple(
                Evidence(source=beir_name(document), grade=grade)
                for document, grade in judged[query].items()
                if grade > 0
            )
            text = str(_field(entry, "text", where))
            questions.append(
                Question(id=query, question=text, kind="search", answers=(), evidence=evidence)
            )
    return questions


def _qrels(path: Path) -> dict[str, dict[str, float]]:
    judged: dict[str, dict[str, float]] = defaultdict(dict)
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), start=1):
            if not row or (number == 1 and row[0] == "query-id"):
                continue
            try:
                query, document, grade = row
                judged[query][document] = float(grade)
            except ValueError as error:
                raise QuestionSetError(
                    f"{path}, line {number}: expected query-id, corpus-id and score, not {row!r}"
                ) from error
    return judged


def _json_lines(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, start=1):
            where = f"{path}, line {number}"
            if not line.strip():
                continue
            try:
                entry = json.loads(line)
            except json.JSONDecodeError as error:
                raise QuestionSetError(f"{where}: not JSON: {error.msg}") from error
            if not isinstance(entry, dict):
                raise QuestionSetError(f"{where}: expected a JSON object")
            yield entry, where


def _field(entry: dict[str, Any], key: str, where: str) -> Any:
    if key not in entry:
        raise QuestionSetError(f"{where}: key {key!r} is missing")
    return entry[key]
