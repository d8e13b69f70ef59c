"""Answers, records and questions in a few words; training data of a few made-up passages."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from eval.evidence import PathDocuments
from eval.scoring import score
from eval.types import Question, Record, Run
from rag.types import Answer, Citation, PassageUse, Sentence

TEXT = "Ada was born in London. Bob was born in Rome. Eve was born in Oslo."


def citation(start=0, end=23, document="1", n=1, quote=None):
    words = TEXT[start:end] if quote is None else quote
    return Citation(
        n, document, "docs/a.txt", "A", "0" * 64, start, end, words, {"line": 1}, None, None, None,
        "body",
    )  # fmt: skip


def passage(start, end, document="1", n=1):
    return PassageUse(
        n, document, "docs/a.txt", "A", start, end, 1 / n, n == 1, None, TEXT[start:end]
    )


def answer(
    short="London", *, status="answered", cited=None, passages=None, confidence=0.5, **parts
):
    cited = [citation()] if cited is None else cited
    text = parts.pop("text", short or "")
    support = parts.pop("support", "supported")
    sentences = (Sentence(text, "written", support, tuple(cited)),) if text else ()
    if status == "refused":
        short, sentences = None, ()
    return Answer(
        question="q",
        standalone_question="q",
        status=status,
        short_answer=short,
        confidence=confidence,
        sentences=sentences,
        passages=tuple([passage(0, 23)] if passages is None else passages),
        reader="fake",
        generator="fake",
        embedder="fake",
        timings_ms={"retrieve": 1.5},
        tokens={"prompt": 7},
        **parts,
    )


def question(id="1", answers=("London",), kind="fact", **parts):  # noqa: A002
    if parts.get("unanswerable"):
        answers = ()
    parts.setdefault("question", f"Question {id}?")
    return Question(id=id, kind=kind, answers=answers, **parts)


def record(asked, given=None, gold=(), latency=10.0, error=None):
    status = "error" if given is None else given.status
    return Record(asked.id, status, latency, given, error, score(asked, given, gold))


def make_run(outcomes, name="set", confidences=None, **settings):
    """A run from a word for each question: right, wrong, refused, error; kinds alternate."""
    questions, records = [], []
    for number, outcome in enumerate(outcomes):
        asked = question(str(number), kind=("fact", "number")[number % 2])
        confidence = confidences[number] if confidences else 0.5
        given = {
            "right": answer("London", confidence=confidence),
            "wrong": answer("Rome", confidence=confidence),
            "refused": answer(status="refused"),
            "error": None,
        }[outcome]
        questions.append(asked)
        error = "it broke" if outcome == "error" else None
        records.append(record(asked, given, latency=100.0 * (number + 1), error=error))
    return Run(name, tuple(questions), tuple(records), settings, "f")


@pytest.fixture
def make():
    """Factories, as attributes."""
    return SimpleNamespace(
        text=TEXT,
        answer=answer,
        citation=citation,
        passage=passage,
        question=question,
        record=record,
        run=make_run,
        documents=lambda: PathDocuments({"1": "docs/a.txt"}, lambda _: TEXT),
    )


# Everything that must not be trained on names Zembla.
_LONG = (
    "The Tern Ferry links Port Elva with the island of Sankholm, and it has crossed the sound every "
    "day since the spring of 1887. Its first master, Berta Quist, had sailed grain barges for twenty "
    "years before the harbour board gave her the wheel. The first boat burned coal from Norholt and "
    "needed almost fifty minutes for the crossing in calm weather. A larger boat of steel came from "
    "a yard in Vinkel in 1911 and cut the time to thirty minutes. During the hard winter of 1929 the "
    "sound froze for six weeks, and mail was pulled over the ice on sledges. Old timetables from "
    "Port Elva show that the last boat of the day waited for the evening train. Since 2014 the ferry "
    "has run on batteries that are charged at the pier during each stop. The Harbour Board plans a "
    "second quay, because lorries with salted herring now queue back to the church."
)
_ORRIN = "Lake Orrin lies in the hills of Vasterby. Fishers named Dalgaard settled there in 1612."
_OLD = {
    "Tern_Ferry": {
        _LONG: {
            "Which town on the mainland does the Tern Ferry leave from?": ["Port Elva"],
            "Who was the first master of the ferry?": ["Berta Quist", "Quist", "Berta Quist"],
            "Who gave Berta Quist the wheel?": ["the harbour board"],
            "What does the ferry run on since 2014?": ["batteries"],
            "What do the lorries carry?": ["salted herring"],
        }
    },
    "Lake_Orrin": {
        _ORRIN: {
            "Where does Lake Orrin lie?": ["the hills of Vasterby", "Vasterby"],
            "When did the fishers settle?": ["1612"],
        },
        "Trout from Lake Orrin are smoked over alder. The smokehouse in Vasterby opened in 1743.": {
            "What wood are trout smoked over?": ["alder"],
            "When did the smokehouse open?": ["1743"],
        },
    },
    "Zembla_Castle": {
        "Zembla Castle was built by Odo of Zembla.": {"Who built Zembla Castle?": ["Odo of Zembla"]}
    },
    "Zembla_Tower": {
        "Zembla Tower has ninety steps.": {"How many steps has Zembla Tower?": ["ninety"]}
    },
}
_NEW = {
    "Lake_Orrin": {
        _ORRIN: {"When did the fishers settle?": ["1612"], "How deep is Lake Orrin?": []},
    },
    "Zembla_Castle": {"Zembla Castle is cold.": {"When was Zembla Castle sold?": []}},
}
# By the hash of its title Glass Orchard is trained on, Zembla Sonata kept for calibration.
_SEARCHES = [
    ("train", "Glass Orchard", "Glass Orchard is a play by Ines Moro .", "Ines Moro"),
    ("train", "Paper Moonrise", "Paper Moonrise was filmed  in Lund in 1974 .", "1974"),
    ("train", "Winter Ferry", "Winter Ferry is a song about the sound .", "not in the passage"),
    ("train", "Zembla Sonata", "The Zembla Sonata is by Ugo Zembla .", "Ugo Zembla"),
    ("train", "Zembla Opera", "The Zembla Opera has a red roof .", "red"),
    ("test", "Zembla Opera", "The Zembla Opera opened in 1901 .", "1901"),
    ("test", "Zembla Mill", "The Zembla Mill grinds rye .", "rye"),
]
_POLICY = "We keep your name and your postal address. Cookies expire after thirty days."
_POLICIES = {
    "herring.example": {
        _POLICY: {
            "What do you keep?": ["your name and your postal address"],
            "When do cookies expire?": [" after thirty days"],
            "Tell me all of it, please.": [_POLICY],
        }
    }
}


def _squad_layout(articles, *, new):
    def asked(context, question, answers):
        spans = [{"text": a, "answer_start": context.index(a)} for a in answers]
        impossible = {"is_impossible": not answers} if new else {}
        return {"id": question, "question": question, "answers": spans, **impossible}

    return {
        "data": [
            {
                "title": title,
                "paragraphs": [
                    {"context": c, "qas": [asked(c, q, a) for q, a in questions.items()]}
                    for c, questions in paragraphs.items()
                ],
            }
            for title, paragraphs in articles.items()
        ]
    }


def _search_row(use, title, text, answer):
    return {
        "question": f"what is there to know about {title.lower()}",
        "answers": [answer],
        "ctxs": [{"title": title, "text": text, "hasanswer": True, "isgold": True}],
        "nq_annotated_gold": {"title": title, "short_answers": [answer]},
        "use": use,
    }


def _unanswerable_row(title):
    text = f"{title} is a village  near Vasterby."
    return {"input": f"who rules {title}", "passages": [{"title": title, "text": text}]}


@pytest.fixture
def tiny_data(tmp_path: Path) -> Path:
    """A folder laid out like the public data, with a few made-up passages."""
    qa = tmp_path / "data" / "qa"
    qa.mkdir(parents=True)
    splits = {"squad": {"test": ["Zembla_Castle"], "calibration": ["Zembla_Tower"]}}
    (qa.parent / "splits.json").write_text(json.dumps(splits))
    for name, articles, new in (
        ("squad-v1.1", _OLD, False),
        ("squad-v2.0", _NEW, True),
        ("policyqa-dev", _POLICIES, False),
    ):
        (qa / f"{name}.json").write_text(json.dumps(_squad_layout(articles, new=new)))
    villages = [_unanswerable_row(title) for title in ("Norholt", "Vinkel", "Zembla Opera")]
    for name, rows in (
        ("nq-open-gold", [_search_row(*row) for row in _SEARCHES]),
        ("clapnq-unanswerable", villages),
    ):
        (qa / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return qa.parent
