"""Answers as JSON, exactly as docs promise (version 1), and how sure a sentence is, in words."""

import dataclasses
import re
from typing import Any

from rag.types import Answer, Sentence

_PASSAGE_KEYS = ("n", "document", "path", "start", "end", "score", "read", "left_out")
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=[\w.!?,;:)”\"])[*_](?!\w)")
_DOUBTS = {
    "partly": "partly supported by its passage",
    "unsupported": "not supported by its passage",
    "unchecked": "not checked against its passage",
}


def shown(text: str) -> str:
    """A quote as people read it: the stars and underlines of Markdown's emphasis are no words."""
    return _EMPHASIS.sub("", text)


def doubt(sentence: Sentence) -> str:
    """What is to be said beside a sentence that is not proven; "" where it is, or where it claims nothing."""
    return "" if sentence.claims_nothing else _DOUBTS.get(sentence.support, "")


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as plain data for `json.dumps`; key order as documented."""
    return {
        "version": answer.version,
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "status": answer.status,
        "short_answer": answer.short_answer,
        "confidence": round(answer.confidence, 4),
        "sentences": [dataclasses.asdict(sentence) for sentence in answer.sentences],
        "passages": [
            {key: getattr(passage, key) for key in _PASSAGE_KEYS} for passage in answer.passages
        ],
        "reader": answer.reader,
        "generator": answer.generator,
        "embedder": answer.embedder,
        "timings_ms": {name: round(value, 1) for name, value in answer.timings_ms.items()},
        "tokens": dict(answer.tokens),
        **{
            key: getattr(answer, key)
            for key in ("within", "note", "n_documents")
            if getattr(answer, key)
        },
    }
