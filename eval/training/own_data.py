"""What prover and reader learn from the project's own training documents (`eval/everyday/training`).

Public question answering data asks for spans, in the words of the text. These questions are as people
ask: in other words, for who said it, yes or no, lists, comparisons, with false premises. Passages are cut
and found as the program does it. The calibration questions (`eval/everyday/questions.jsonl`) are about
other documents.
"""

import json
import logging
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import eval.types
from eval.errors import EvidenceError
from eval.evidence import Gold, PathDocuments, resolve_all
from eval.questions import load_questions, parse_question
from eval.training.prover_data import Example
from eval.training.reader_data import Asked, Source, noisy
from index.library import Library
from index.types import Passage
from models.embedder import SentenceTransformerEmbedder
from models.protocols import Embedder
from models.training.proving import UNKNOWN
from rag.opinions import passage_text
from rag.pipeline import as_searched
from rag.retriever import Retriever

_log = logging.getLogger(__name__)
TRAINING = Path(__file__).resolve().parent.parent / "everyday" / "training"
_NEAR = 8
_NEGATIVES = 4
_YES_NO_SUPPORT = {"yes": 0, "no": 2}
_CLAIM_SUPPORT = {"supported": 0, "partly": 1, "contradicted": 2, "not_said": 2}


@dataclass(frozen=True, slots=True)
class Held:
    """A passage that holds evidence: the words that answer, and the pieces of evidence in it."""

    passage: Passage
    answer: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A training question with the passages that matter to it.

    Attributes:
        query: the standalone question.
        right: passages that hold evidence.
        exact: whether their answers are the answer itself, and not the sentence that holds it.
        near: other passages that the question finds, nearest first.
        support: of a yes-no question what the right passages say, an index into SUPPORT_CLASSES.
    """

    query: str
    right: tuple[Held, ...]
    exact: bool
    near: tuple[Passage, ...]
    support: int = UNKNOWN


@dataclass(frozen=True, slots=True)
class OwnClaim:
    """A sentence, a passage it is held against, and what is known of the two.

    Attributes:
        support: of this passage alone, an index into SUPPORT_CLASSES.
        holds: whether its documents say it, all passages taken together.
        evidence: pieces of the passage that support or contradict the sentence.
        question: what the sentence answers, where it means nothing without.
    """

    claim: str
    passage: Passage
    support: int
    holds: bool
    evidence: tuple[str, ...] = ()
    question: str = ""


def training_library(folder: Path, embedder: Embedder | None = None) -> Library:
    """A library of the training documents; by default with the starter's embedder."""
    library = Library(folder, embedder or SentenceTransformerEmbedder.starter(), target_tokens=128)
    library.add([TRAINING / "documents"])
    return library


def training_questions() -> list[eval.types.Question]:
    """Every training question as it is written."""
    files = sorted(TRAINING.glob("questions_*.jsonl"))
    return [question for file in files for question in load_questions(file)]


def own_questions(
    library: Library, questions: Sequence[eval.types.Question] | None = None
) -> list[OwnQuestion]:
    """Training questions, by default all, with what they find in the library of their documents."""
    questions = training_questions() if questions is None else questions
    gold = _found(questions, library)
    questions = [question for question in questions if question.id in gold]
    retriever = Retriever(library)
    passages = _passages(library)
    found = []
    for question in questions:
        query = as_searched(question.question, question.history, library)
        held = gold[question.id]
        pieces = [(p, _pieces(held, p)) for p in _holding(held, passages)]
        answers = [_answer_in(question, words) for _, words in pieces]
        exact = any(answers)
        right = tuple(
            Held(passage, answer if exact else max(words, key=len), tuple(words))
            for (passage, words), answer in zip(pieces, answers, strict=True)
        )
        hits = retriever.retrieve(query, _NEAR + len(right))
        near = tuple(hit.passage for hit in hits if not _holds(held, hit.passage))
        # Half of the evidence may not tell yes from no.
        whole = all(_holds([piece], p) for p, _ in pieces for piece in held)
        support = _verdict(question) if whole else UNKNOWN
        found.append(OwnQuestion(query, right, exact, near[:_NEAR], support))
    return found


def own_claims(library: Library, files: Iterable[Path] | None = None) -> list[OwnClaim]:
    """Every training claim, with the passages that its evidence stands in.

    Args:
        library: holds their documents.
        files: other claims than those for training.
    """
    rows = [
        json.loads(line)
        for file in files or sorted(TRAINING.glob("claims_*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    # Evidence is looked up as that of a question is.
    asked = [
        parse_question(
            {
                "id": row["id"],
                "question": row["claim"],
                "kind": "claim",
                "answers": [row["label"]],
                "evidence": row["evidence"],
            },
            row["id"],
        )
        for row in rows
    ]
    gold = _found(asked, library)
    passages = _passages(library)
    claims = []
    for row in rows:
        held = gold.get(row["id"], ())
        label = row["label"]
        for passage in _holding(held, passages):
            here = [one for one in held if _holds([one], passage)]
            # A passage with half of the evidence supports half of the sentence.
            whole = label != "supported" or len(here) == len(held)
            claims.append(
                OwnClaim(
                    row["claim"],
                    passage,
                    _CLAIM_SUPPORT[label if whole else "partly"],
                    label == "supported",
                    tuple(_pieces(here, passage)) if label != "not_said" else (),
                    row.get("question", ""),
                )
            )
    return claims


def own_groups(
    questions: Sequence[OwnQuestion], claims: Sequence[OwnClaim], rng: random.Random
) -> Iterator[list[Example]]:
    """Groups for the prover, as `eval.training.prover_data` makes them of public data."""
    for question in questions:
        query = noisy(Asked(question.query, None), rng).question
        few = rng.sample(question.near, min(_NEGATIVES, len(question.near)))
        wrong = [Example(query, passage_text(passage), 0) for passage in few]
        if not question.right:
            yield from ([example] for example in wrong)
        for held in question.right:
            text = passage_text(held.passage)
            answer = held.answer or None
            right = Example(query, text, 1, answer, question.support, held.evidence)
            yield [right, *wrong]
            yield from _verdicts(query, text, question.support)
    for claim in claims:
        text = passage_text(claim.passage)
        yield [Example(claim.claim, text, support=claim.support, evidence=claim.evidence)]


def _verdicts(query: str, text: str, support: int) -> Iterator[list[Example]]:
    """A yes-no question with each of its answers, as the checker asks of a short sentence."""
    if support != UNKNOWN:
        yes, no = (0, 2) if support == 0 else (2, 0)
        yield [Example(f"{query} Yes.", text, support=yes)]
        yield [Example(f"{query} No.", text, support=no)]


def own_sources(questions: Sequence[OwnQuestion], rng: random.Random) -> list[Source]:
    """Passages with what is asked of them, for the reader."""
    sources: dict[int, Source] = {}

    def ask(passage: Passage, asked: Asked) -> None:
        source = sources.setdefault(
            passage.id, Source("own", passage.breadcrumb, passage.text, "own")
        )
        source.asked.append(noisy(asked, rng))

    for question in questions:
        for held in question.right:
            if question.exact and held.answer:
                ask(held.passage, Asked(question.query, held.answer))
        if question.near:
            ask(rng.choice(question.near[:3]), Asked(question.query, None))
    for source in sources.values():
        rng.shuffle(source.asked)
    return list(sources.values())


def _found(
    questions: Sequence[eval.types.Question], library: Library
) -> dict[str, tuple[Gold, ...]]:
    """The evidence of questions; left out are those that quote several cells of a table as one."""
    store = library.store
    documents = PathDocuments.of(store)
    gold: dict[str, tuple[Gold, ...]] = {}
    left_out = []
    for question in questions:
        try:
            gold |= resolve_all([question], documents)
        except EvidenceError:
            left_out.append(question.id)
    if left_out:
        _log.info("%d left out, among them %s", len(left_out), ", ".join(left_out[:5]))
    return gold


def _passages(library: Library) -> dict[str, list[Passage]]:
    """The passages of each document, by its id as evidence has it."""
    store = library.store
    return {str(d.id): store.document_passages(d.id) for d in store.documents()}


def _holding(gold: Sequence[Gold], passages: Mapping[str, Sequence[Passage]]) -> list[Passage]:
    """The passages that hold any of the evidence."""
    documents = dict.fromkeys(span.document for piece in gold for span in piece.spans)
    return [p for document in documents for p in passages[document] if _holds(gold, p)]


def _holds(gold: Sequence[Gold], passage: Passage) -> bool:
    return any(g.overlaps(str(passage.document_id), passage.start, passage.end) for g in gold)


def _pieces(gold: Sequence[Gold], passage: Passage) -> list[str]:
    """The evidence in a passage, as it stands there."""
    document = str(passage.document_id)
    return [
        passage.text[max(0, span.start - passage.start) : span.end - passage.start].strip()
        for piece in gold
        for span in piece.spans
        if span.overlaps(document, passage.start, passage.end)
    ]


def _verdict(question: eval.types.Question) -> int:
    """Of a yes-no question the index into SUPPORT_CLASSES of its answer."""
    if question.kind != "yes-no" or not question.answers:
        return UNKNOWN
    return _YES_NO_SUPPORT.get(question.answers[0].lower(), UNKNOWN)


def _answer_in(question: eval.types.Question, pieces: Sequence[str]) -> str:
    """The first accepted answer that stands in the evidence; of yes and no, the words that decide."""
    skipped = {"yes", "no"} if question.kind == "yes-no" else set()
    for answer in question.answers:
        if answer.lower() not in skipped and any(answer in piece for piece in pieces):
            return answer
    return ""
