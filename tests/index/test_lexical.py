from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.lexical import LexicalIndex, match_expression, terms
from index.library import Library
from index.store import Store
from index.types import Analysis, LoadedText, Passage, Role
from index.words import stems

TEXTS = {
    "cpp": "The engine was written in C++ and Rust.",
    "plan": "The AI+5 plan was announced in March.",
    "controls": "New export-controls on chips took effect.",
    "cafe": "The café in Orléans was closed.",
    "smile": "They sent a 😀 and left. The near miss was not noted.",
}


@pytest.fixture
def filled(library: Library, tmp_path: Path) -> Library:
    for name, text in TEXTS.items():
        (tmp_path / f"{name}.txt").write_text(text)
    library.add([tmp_path / f"{name}.txt" for name in TEXTS])
    return library


def best(library: Library, question: str) -> str | None:
    hits = library.lexical.search(question, 5)
    if not hits:
        return None
    (passage,) = library.store.passages([hits[0][0]])
    document = library.store.document(passage.document_id)
    assert document is not None
    return Path(document.path).stem


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is written in C++?", "cpp"),
        ('What is "AI+5"?', "plan"),
        ('"AI+5"?', "plan"),
        ("export-controls", "controls"),
        ("export controls", "controls"),
        ("When do CONTROLS take effect?", "controls"),
        ("cafe orleans", "cafe"),
        ("NEAR(near miss)", "smile"),
        ("text:announced OR zzz*", "plan"),
        ("announced AND NOT zzz", "plan"),
        ("{march} ^march", "plan"),
        ("announced\0march", "plan"),
        ('"', None),
        ("''''", None),
        ("NEAR(", "smile"),
        ("*", None),
        ("😀", None),
        ("\0", None),
        ("", None),
        ("_", None),
        ("\ud800", None),
        ("zebra", None),
    ],
)
def test_questions_are_no_queries(filled: Library, question: str, expected: str | None) -> None:
    assert best(filled, question) == expected


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None
)
@given(
    st.one_of(
        st.text(max_size=80),
        st.text(alphabet="\"'*+-:^(){}<>=,.\\ \0\n aNEARORTD", max_size=60),
        st.lists(st.sampled_from(['"', "NEAR", "(", "a", " ", "AND", "*", "“b c”"])).map("".join),
    )
)
def test_no_text_raises(filled: Library, question: str) -> None:
    for _, score in filled.lexical.search(question, 3):
        assert score > 0


def test_a_very_long_question(filled: Library) -> None:
    assert filled.lexical.search("harbour " * 12_500, 5) == []
    assert filled.lexical.search('"took effect" ' + '"a b" ' * 16_000, 5) != []
    assert filled.lexical.search(" ".join(f"w{i}" for i in range(20_000)), 5) == []
    assert filled.lexical.search("x" * 100_000, 5) == []


def test_limits_are_prefixes_and_ties_go_by_id(library: Library, tmp_path: Path) -> None:
    for i in range(6):
        (tmp_path / f"{i}.txt").write_text("The same words stand here.")
    library.add([tmp_path])
    whole = library.lexical.search("words", 10)
    assert [i for i, _ in whole] == sorted(i for i, _ in whole)
    for limit in range(-1, 7):
        assert library.lexical.search("words", limit) == whole[: max(0, limit)]


def test_stop_words_count_only_where_nothing_else_is_said() -> None:
    assert terms("Who is it?") == ["who", "is", "it"]
    assert terms("Who is the minister?") == ["minister"]
    assert match_expression("…") is None


def test_stems_are_those_of_the_index(library: Library, tmp_path: Path) -> None:
    words = (
        "running studies policies generalization relational capacity building controls "
        "computing naïve Müller snake_case announced government organisations hopping ponies "
        "technology technologies biology apology possibly assembly nobly bubbly s "
        "agreed feed plastered motoring conflated troubled sized falling hissing happy "
        "GPT4 2024 U.S. don't co-operate abilities skies dying news innings"
    )
    (tmp_path / "words.txt").write_text(words)
    library.add([tmp_path / "words.txt"])
    unknown = [stem for stem in stems(words) if not library.store.document_frequency(stem)]
    assert unknown == []


def test_the_commonest_words_are_left_out_where_they_cost_too_much(tmp_path: Path) -> None:
    store = Store(tmp_path / "common")
    store.use_embedder("fake", 1)
    texts = [f"the harbour has boats {'and a crane' if i == 7 else ''}" for i in range(40)]
    passages = [Passage(0, 0, i, i + 1, text, "", Role.BODY) for i, text in enumerate(texts)]
    with store.transaction():
        document = store.begin_document("/a", sha256="a", size=1, title="a")
        vectors = np.zeros((len(passages), 1), dtype=np.float32)
        store.append(document.id, LoadedText("x" * 40), Analysis(()), passages, vectors)
        store.finish_document(document.id)
    question = "Which crane lifts boats in the harbour?"
    everything = LexicalIndex(store).search(question, 50)
    few = LexicalIndex(store, postings=10).search(question, 50)
    assert len(everything) == 40
    assert [ident for ident, _ in few] == [everything[0][0]]
    # A lone common word is all there is to go by, and unknown words cost nothing.
    assert len(LexicalIndex(store, postings=10).search("boats with sails", 50)) == 40
    store.close_all()
