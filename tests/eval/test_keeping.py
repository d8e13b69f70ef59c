import json
from pathlib import Path

import pytest

from eval.errors import QuestionSetError
from eval.keeping import keep_case, kept_set
from eval.questions import load_questions
from rag.types import Citation

CITED = Citation(
    1, "1", "/d/tides.txt", "Tides", "ab", 4, 9, "noon", None, None, None, None, "body"
)


def test_a_case_can_be_evaluated(tmp_path: Path) -> None:
    case = keep_case(
        tmp_path,
        "And when?",
        history=["The tide?"],
        answers=["noon", " "],
        citations=[CITED, CITED],
    )
    (question,) = load_questions(kept_set(tmp_path))
    assert (question.id, question.question, question.history) == (case, "And when?", ("The tide?",))
    assert question.answers == ("noon",)
    assert [(piece.source, piece.quote) for piece in question.evidence] == [
        ("/d/tides.txt", "noon")
    ]
    assert not question.unanswerable


def test_no_answer_says_that_the_documents_do_not_say(tmp_path: Path) -> None:
    keep_case(tmp_path, "What is the capital of Mongolia?", citations=[CITED])
    (question,) = load_questions(kept_set(tmp_path))
    assert question.unanswerable
    assert not question.evidence


def test_the_same_question_is_kept_once_with_its_last_answer(tmp_path: Path) -> None:
    first = keep_case(tmp_path, "When?", answers=["noon"])
    other = keep_case(tmp_path, "When?", history=["The tide?"], answers=["dusk"])
    again = keep_case(tmp_path, "When?", answers=["midnight"])
    assert first == again != other
    assert [q.answers for q in load_questions(kept_set(tmp_path))] == [("dusk",), ("midnight",)]


def test_a_file_with_something_else_is_left_alone(tmp_path: Path) -> None:
    target = kept_set(tmp_path)
    target.parent.mkdir()
    target.write_text("my own notes\n")
    with pytest.raises(QuestionSetError, match="Nothing in it was changed"):
        keep_case(tmp_path, "When?", answers=["noon"])
    assert target.read_text() == "my own notes\n"


def test_every_line_stays_json(tmp_path: Path) -> None:
    keep_case(tmp_path, "a\u2028b\n\ud800", answers=["x\ny"])
    keep_case(tmp_path, "c", answers=["d"])
    lines = kept_set(tmp_path).read_text().rstrip("\n").split("\n")
    assert [json.loads(line)["answers"] for line in lines] == [["x\ny"], ["d"]]
