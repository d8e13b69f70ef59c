"""What helps to understand a topic: what its words mean, and questions whose answers can be found."""

import re
from collections.abc import Sequence

from index.library import Library
from index.words import stems
from rag.brief import BriefLine
from rag.brief_asking import answered_questions
from rag.brief_attribution import same_person
from rag.brief_choosing import Chooser
from rag.brief_dates import When, day_label, when
from rag.brief_findings import Findings
from rag.brief_names import bare_name, is_name
from rag.brief_sentences import Told, awkwardness, is_content, leans, points, whole_blocks

_LONGEST_ENTRY = 400
_LONGEST_TERM = 4
_AWKWARD = 1.2
_DAYS = 2
_DEFINES = re.compile(
    r"^(?:(?:The|An?) )?(?P<term>[^\W\d_][\w’'-]*(?: [\w’'-]+){0,6}?)(?: \([^)]{1,120}\))?,? "
    r"(?:is|are|was|were|means?|refers? to|stands? for|describes?) (?:an?|the|one of|any|what)\b"
)
# Stands before a question of our own.
ANSWERED = "The footnote holds an answer"
_ARTICLE = re.compile(r"(?:An?|The|One|Any|All) ")
_GLOSSARY = re.compile(r"\b(?:glossar|definition|terms|dictionary|lexicon|vocabulary)", re.I)


def definition_lines(
    chooser: Chooser, findings: Findings, topic: str, limit: int
) -> list[BriefLine]:
    """What things are, those of the topic's own words first: "X is a ...", entries of glossaries."""
    wanted = set(stems(topic))
    entries = whole_blocks((t for t in findings.sentences if _is_entry(t)), _LONGEST_ENTRY)
    found: dict[str, Told] = {}
    for told in findings.ranked:
        match = _DEFINES.match(told.text)
        if match and _is_term(match["term"], wanted) and not (leans(told) or points(told)):
            found.setdefault(match["term"], told)
    for told in entries:
        found.setdefault(" ".join((told.passage.section or "").split()), told)
    ordered = sorted(
        found.items(),
        key=lambda one: (not wanted & set(stems(one[0])), -chooser.worth(one[1]), one[1].order),
    )
    return [line for term, told in ordered[:limit] for line in chooser.lines(term, [told])]


def _is_term(term: str, wanted: set[str]) -> bool:
    """Whether it is of the topic, or a name and nothing else."""
    named = is_name(term) and bare_name(term) == term and term[:1].isupper()
    return bool(wanted & set(stems(term))) or named


def _is_entry(told: Told) -> bool:
    """Whether it stands in an entry of a glossary: right under a short heading, an article first."""
    passage, section = told.passage, told.passage.section or ""
    shift = told.block - passage.start
    return (
        is_content(told)
        and bool(_GLOSSARY.search(passage.breadcrumb))
        and 0 < len(section.split()) <= _LONGEST_TERM
        and passage.text.startswith(section)
        and 0 <= shift <= len(section) + 3
        and bool(_ARTICLE.match(passage.text, shift))
    )


def question_lines(
    chooser: Chooser, library: Library, findings: Findings, topic: str, limit: int
) -> list[BriefLine]:
    """Questions that the documents ask and answer, then some of our own with the place of the answer."""
    wanted = set(stems(topic))
    asked = [
        told
        for told in answered_questions(findings.sentences)
        if wanted & set(stems(told.text)) and awkwardness(told) < _AWKWARD
    ]
    lines = chooser.lines("Asked in the documents", asked[: (limit + 1) // 2])
    own = [
        (f"What does {speaker} say about {topic}?", told)
        for speaker, told in _speakers(chooser, library, findings.ranked).items()
    ]
    own += [
        (f"What happened on {day_label(date.iso)}?", told)
        for date, told in _days(chooser, findings.ranked)
    ]
    return lines + [
        chooser.asking(ANSWERED, question, [told]) for question, told in own[: limit - len(lines)]
    ]


def _speakers(chooser: Chooser, library: Library, ranked: Sequence[Told]) -> dict[str, Told]:
    """The best sentence of each person who speaks on the topic, by the whole name where that is known."""
    said: dict[str, list[Told]] = {}
    names: dict[int, list[str]] = {}
    for told in ranked:
        if told.speaker is None:
            continue
        ident = told.passage.document_id
        if ident not in names:
            names[ident] = [name for name, *_ in library.store.speakers(ident)]
        whole = (name for name in names[ident] if same_person(told.speaker, name))
        said.setdefault(next(whole, told.speaker), []).append(told)
    best = {who: chooser.best(sentences) for who, sentences in said.items()}
    return {who: told for who, told in best.items() if told is not None}


def _days(chooser: Chooser, ranked: Sequence[Told]) -> list[tuple[When, Told]]:
    """The days that the best sentences tell of, each with its best."""
    dated = [(date, told) for told in ranked if (date := when(told)) and not leans(told)]
    exact = [one for one in dated if len(one[0].iso) == len("2025-01-13")]
    exact.sort(key=lambda one: chooser.worth(one[1]))
    best = {date.iso: (date, told) for date, told in exact}
    return sorted(best.values(), key=lambda one: -chooser.worth(one[1]))[:_DAYS]
