"""Puts the learned model's labels where it disagrees with the rules."""

from index.structure.context import features_of
from index.structure.cues import SUMMARY_HEAD, WRONG_OPENING
from index.structure.drafts import Draft
from index.structure.facts import FACT, ROW, has_site_words, is_sentence
from index.structure.features import Features
from index.structure.learned import ROLES, Matrix, Model
from index.structure.wording import CORRECTION_WORDS, SECTION_NAMES
from index.structure.zones import is_prose
from index.types import Role

GUESS = "running text"
_MOST = 600
_ENDS = 60
_TITLE_BEFORE = 60
_HEADING = ROLES.index(Role.HEADING)
_LEAST, _LIKELY = 0.4, 0.1
_ADVANTAGE, _MARKED, _USUAL = 0.5, 0.6, 0.2
_SHORTEST, _LONGEST = 20, 200
_TEXTS = 2
_COMMENT = ROLES.index(Role.COMMENT)
_CLEARLY = 2.0
_SURELY = 0.85
_RATHER = 0.6
_MOSTLY = 0.7


def rules_of(drafts: list[Draft]) -> list[Role | None]:
    """What the rules found; None where they only guess."""
    return [None if d.reason == GUESS else d.role for d in drafts]


def weigh(
    drafts: list[Draft],
    title: Draft | None,
    *,
    is_first: bool,
    has_title: bool,
    model: Model | None,
) -> Draft | None:
    """Relabel blocks; gives the title, which may be another one now."""
    if model is None or not drafts:
        return title
    seen = drafts
    if len(drafts) > _MOST:
        # The middle of a long text is text; what surrounds it stands at its ends.
        seen = drafts[:_ENDS] + drafts[-_ENDS:] if is_first else drafts[-_ENDS:]
    features = features_of(seen, rules_of(seen))
    chances = model.probabilities(features)
    _relabel(seen, features, chances, model)
    _free_text(drafts)
    if not is_first or not has_title:
        return None
    return _choose_title(seen[:_TITLE_BEFORE], chances[:, _HEADING], title)


def _relabel(drafts: list[Draft], features: list[Features], chances: Matrix, model: Model) -> None:
    """Where the rules have a reason, the model must be clearly of another mind."""
    first_comment = next((i for i, d in enumerate(drafts) if d.role is Role.COMMENT), 0)
    is_letter = any(d.category == FACT for d in drafts)
    heading = ""
    for i, (draft, found, row) in enumerate(zip(drafts, features, chances, strict=True)):
        heading = draft.text if draft.role is Role.HEADING else heading
        if i < first_comment:
            row[_COMMENT] = 0.0
        role = ROLES[int(row.argmax())]
        if role is draft.role or draft.role is None or _is_settled(draft):
            continue
        around = [drafts[max(0, i - 1)], draft, drafts[min(i + 1, len(drafts) - 1)]]
        for _ in range(len(ROLES)):
            above = heading if row.max() >= _RATHER else ""
            if not _lacks_cue(role, around, above, is_letter=is_letter):
                break
            row[ROLES.index(role)] = 0.0
            role = ROLES[int(row.argmax())]
        if role is draft.role:
            continue
        if draft.reason != GUESS and row.max() < _CLEARLY * row[ROLES.index(draft.role)]:
            continue
        # Text called furniture is lost to answers, furniture called text is only a nuisance.
        if role is Role.FURNITURE and is_prose(draft) and row.max() < _SURELY:
            continue
        draft.label(role, model.reason(found, role))
        draft.category = ""
        draft.speaker = None


def _lacks_cue(role: Role, around: list[Draft], heading: str, *, is_letter: bool) -> bool:
    """Whether the model says of a block what no word in it, nor what stands around, says.

    Args:
        role: what the model says.
        around: the block and its neighbours, the block second.
        heading: the one above, where the model is rather sure.
        is_letter: whether the document is a letter or minutes.
    """
    above, draft, below = around
    if role is Role.CORRECTION:
        goes_on = above.role is Role.CORRECTION
        return not (goes_on or _says_corrected(draft.text) or CORRECTION_WORDS.search(heading))
    if role is Role.SUMMARY:
        return is_letter and not (SUMMARY_HEAD.match(draft.text) or SUMMARY_HEAD.match(heading))
    if role is Role.COMMENT:
        return is_letter
    if role is Role.FURNITURE:
        among = Role.FURNITURE in (above.role, below.role) and not is_letter
        is_text = is_letter or is_sentence(draft)
        return is_text and not among and not has_site_words(draft)
    return False


def _says_corrected(text: str) -> bool:
    return bool(CORRECTION_WORDS.search(text) or WRONG_OPENING.match(text))


def _free_text(drafts: list[Draft]) -> None:
    """A document is never mostly furniture: what no word shows to be furniture is text then."""
    if sum(d.n for d in drafts if d.role is Role.FURNITURE) <= _MOSTLY * sum(d.n for d in drafts):
        return
    for draft in drafts:
        is_guess = draft.reason.startswith("learned") or draft.category == "teaser"
        if draft.role is Role.FURNITURE and is_guess and not has_site_words(draft):
            draft.role, draft.reason, draft.category = Role.BODY, "hardly anything else is text", ""


def _is_settled(draft: Draft) -> bool:
    """Turns with names that come back are sure, and a correction missed costs more than one more."""
    by_rule = draft.role is Role.CORRECTION and draft.reason.startswith("opens")
    is_marked = draft.role is Role.HEADING and draft.text.startswith("#")
    return draft.category in ("turn", FACT, ROW) or by_rule or is_marked


def _choose_title(drafts: list[Draft], chances: Matrix, guess: Draft | None) -> Draft | None:
    """The likeliest heading above the text; the rules' guess has an advantage."""
    best, best_score = None, _LEAST
    n_text = 0
    # Beside a title in a style of its own, headings of the first level are sections.
    has_style = any("title" in d.kinds and d.level == 0 for d in drafts)
    opening = next((d for d in drafts if d.role is not Role.FURNITURE), None)
    if guess is None and opening is not None and opening.key in SECTION_NAMES:
        return None  # the text begins with a section: it has no title of its own
    for draft, chance in zip(drafts, chances, strict=False):
        names_section = draft.key in SECTION_NAMES and draft is not guess
        may_be = (
            not names_section
            and draft.text[-1] not in ".,;"
            and draft.category not in (FACT, ROW)
            and draft.role not in (Role.SPEAKER, Role.COMMENT, Role.CORRECTION)
        )
        score = float(chance) + (_ADVANTAGE if draft is guess else 0.0)
        is_marked = "title" in draft.kinds or draft.text.startswith("# ")
        score += _MARKED if is_marked or (draft.level == 1 and not has_style) else 0.0
        score += _USUAL if _SHORTEST <= draft.n <= _LONGEST else 0.0
        if (
            may_be
            and draft.n <= _LONGEST
            and score > best_score
            and (chance > _LIKELY or is_marked)
        ):
            best, best_score = draft, score
        n_text += draft.role in (Role.BODY, Role.SUMMARY, Role.SPEAKER) and is_prose(draft)
        if n_text >= _TEXTS:
            break
    if guess is not None and guess is not best:
        guess.category = ""
    if best is not None:
        if best.role is not Role.HEADING:
            best.role, best.reason = Role.HEADING, "the likeliest title"
        best.category = "title"
    return best
