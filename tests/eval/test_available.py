import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eval.available import FOLDER, available_sets, check_readable, take_in
from eval.errors import QuestionSetError
from index.library import Library
from models.fake import FakeEmbedder


def line(number, source="tides.txt", **parts):
    data = {"id": str(number), "question": f"Question {number}?", "kind": "fact", "answers": ["x"]}
    return json.dumps(data | {"evidence": [{"source": source, "quote": "noon"}]} | parts)


@pytest.fixture
def library(tmp_path):
    (tmp_path / "tides.txt").write_text("The tide came in at noon.")
    library = Library(tmp_path / "library", FakeEmbedder())
    library.add([tmp_path / "tides.txt"])
    yield library
    library.close()


def found(library, **more):
    return {s.name: s for s in available_sets(library.store, library.folder, **more)}


def test_own_sets_say_what_they_lack(library, tmp_path):
    folder = library.folder / FOLDER
    folder.mkdir()
    (folder / "kept.jsonl").write_text(line(1) + "\n" + line(2) + "\n")
    (folder / "more.jsonl").write_text("\n".join([line(1), line(2, "a.pdf"), line(3, "b.pdf")]))
    (folder / "torn.jsonl").write_text('{"id": "1"')
    elsewhere = tmp_path / "else.jsonl"
    elsewhere.write_text(line(1, "b.pdf"))
    sets = found(library, named=[elsewhere, tmp_path / "gone.jsonl"])
    kept, more, torn = sets["kept.jsonl"], sets["more.jsonl"], sets["torn.jsonl"]
    assert (kept.n_questions, kept.n_sources, kept.missing, kept.fits) == (2, 1, (), True)
    assert (more.n_sources, more.missing, more.fits) == (3, ("a.pdf", "b.pdf"), False)
    assert "line 1: not JSON" in torn.error
    assert not torn.fits
    assert (sets["else.jsonl"].origin, sets["else.jsonl"].missing) == ("named", ("b.pdf",))
    assert "There is no file" in sets["gone.jsonl"].error


def test_shipped_sets_are_offered_where_a_document_of_theirs_is_there(library, tmp_path):
    assert "samples.jsonl" not in found(library)
    (tmp_path / "timeline-export-rules.md").write_text("Another text of that name.")
    library.add([tmp_path / "timeline-export-rules.md"])
    samples = found(library)["samples.jsonl"]
    assert samples.origin == "shipped"
    assert len(samples.missing) == samples.n_sources - 1
    assert "everyday.jsonl" not in found(library)


def test_a_set_handed_over_is_kept_and_never_replaces_another(library, tmp_path):
    for content, name in ((line(1), "s.jsonl"), (line(2), "s-2.jsonl"), (line(1), "s.jsonl")):
        (tmp_path / "s.jsonl").write_text(content)
        kept = take_in(tmp_path / "s.jsonl", library.folder)
        assert kept.name == name
        assert kept.read_text() == content
        assert not (tmp_path / "s.jsonl").exists()


def test_what_is_no_question_set_is_left_where_it_is(library, tmp_path):
    (tmp_path / "s.jsonl").write_text("no set")
    with pytest.raises(QuestionSetError, match="not JSON"):
        take_in(tmp_path / "s.jsonl", library.folder)
    assert (tmp_path / "s.jsonl").exists()
    assert not (library.folder / FOLDER).exists()


@pytest.mark.parametrize("path", ["/dev/zero", "/", "/nowhere/x.jsonl"])
def test_only_files_are_read(path):
    with pytest.raises(QuestionSetError, match="There is no file"):
        check_readable(Path(path))


def test_sets_handed_over_at_once_stay_apart(library, tmp_path):
    given = []
    for n in range(8):
        (tmp_path / str(n)).mkdir()
        given.append(tmp_path / str(n) / "s.jsonl")
        given[-1].write_text(line(n))
    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(lambda file: take_in(file, library.folder), given))
    assert [path.read_text() for path in kept] == [line(n) for n in range(8)]
