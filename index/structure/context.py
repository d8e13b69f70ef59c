"""What the learned model is told about a block's place: its neighbours and the lines above it."""

from collections import Counter

from index.structure.drafts import Draft
from index.structure.features import Features, is_author_line, own_features
from index.structure.speakers import turn_of
from index.structure.zones import is_prose
from index.types import Role

# What a block is told about the blocks around it.
_SEEN = (
    "short without end", "ends a sentence", "several sentences", "a question", "all capitals", "capitalised",
    "words of a site", "half words of a site", "opens like a button", "legal words", "invites",
    "a date", "a name and a date", "looks like a name", "heads comments", "heads links", "heads a summary",
    "heads corrections", "says, said, wrote", "words before a colon", "a list item", "opens with a time",
    "markup heading", "rule furniture", "rule comment", "rule speaker turn", "rule heading", "rule summary",
    "rule correction", "set apart", "signed", "quoted", "marked whole",
)  # fmt: skip
_FROM_START = (0, 1, 2, 4, 7, 12, 25)
_RUNS = (1, 2, 4, 8)
_MIN_SPEAKERS = 2


def features_of(drafts: list[Draft], rules: list[Role | None]) -> list[Features]:
    """One set of features for each block."""
    counts = Counter(d.key for d in drafts if d.key)
    own = [
        own_features(d, counts[d.key] if d.key else 1, r)
        for d, r in zip(drafts, rules, strict=True)
    ]
    found = [dict(features) for features in own]
    _add_neighbours(own, found)
    _add_places(drafts, found)
    _add_zones(drafts, own, found)
    _add_turns(drafts, found)
    return found


def _add_neighbours(own: list[Features], found: list[Features]) -> None:
    for i, features in enumerate(found):
        for step, name in ((-1, "above"), (1, "below"), (-2, "2 above"), (2, "2 below")):
            j = i + step
            if not 0 <= j < len(own):
                features[f"{name}: nothing"] = 1.0
                continue
            other = own[j]
            for sign in _SEEN:
                if sign in other:
                    features[f"{name}: {sign}"] = 1.0


def _add_places(drafts: list[Draft], found: list[Features]) -> None:
    n = len(drafts)
    prose = [is_prose(d) for d in drafts]
    lengths = [d.n if p else 0 for d, p in zip(drafts, prose, strict=True)]
    total = sum(lengths) or 1
    before, since = 0, 99
    for i, features in enumerate(found):
        start = next((k for k in _FROM_START if i <= k), "far")
        end = next((k for k in _FROM_START if n - 1 - i <= k), "far")
        features[f"from the start {start}"] = features[f"from the end {end}"] = 1.0
        features["place"] = i / n
        features["text before"] = before / total
        features["no text before"] = float(before == 0)
        features["little text before"] = float(before < 0.1 * total)
        after = total - before - lengths[i]
        features["no text after"] = float(after <= 0)
        features["little text after"] = float(after < 0.1 * total)
        distance = next((k for k in _RUNS if since <= k), "far")
        features[f"text above {distance}"] = 1.0
        since = 1 if prose[i] else since + 1
        before += lengths[i]
    ahead = 99
    for i in range(n - 1, -1, -1):
        distance = next((k for k in _RUNS if ahead <= k), "far")
        found[i][f"text below {distance}"] = 1.0
        ahead = 1 if prose[i] else ahead + 1
    _add_runs(prose, found)


def _add_runs(prose: list[bool], found: list[Features]) -> None:
    """How many blocks without a sentence stand together."""
    start = 0
    for i in range(len(prose) + 1):
        if i < len(prose) and not prose[i]:
            continue
        length = i - start
        name = next((k for k in (1, 2, 3, 5, 9) if length <= k), "many")
        for k in range(start, i):
            found[k][f"short lines together {name}"] = 1.0
        start = i + 1


def _add_zones(drafts: list[Draft], own: list[Features], found: list[Features]) -> None:
    """Which line last announced comments, links, a summary or corrections, and how far above."""
    authors = [is_author_line(d) for d in drafts]
    n_authors = sum(authors)
    zone, since, author = "", 0, 99
    for i, features in enumerate(found):
        opened = _opens(drafts[i], own[i])
        if zone:
            features[f"under {zone}"] = 1.0
            features[f"just under {zone}"] = float(since <= 1)
        if opened is not None:
            zone, since = opened, 0
        since += 1
        author = 0 if authors[i] else author + 1
        features["below a name and a date"] = float(0 < author <= 2)
        features["many names and dates"] = float(n_authors >= 3)
        features["below one of many names and dates"] = float(0 < author <= 4 and n_authors >= 3)


def _opens(draft: Draft, own: Features) -> str | None:
    """The zone this line opens; "" where it is a heading of another kind; None for no heading."""
    if draft.n > 80 or draft.text[-1] in ".,;":
        return None
    for name in ("heads comments", "heads corrections", "heads a summary"):
        if name in own:
            return name[6:]
    if "heads links" in own and "a button" not in own:
        return "links"
    is_heading = draft.level or "rule heading" in own or "all capitals" in own
    return "" if is_heading or "name of a section" in own else None


def _add_turns(drafts: list[Draft], found: list[Features]) -> None:
    """Whether the document is a conversation, and where in it a block stands."""
    names = [turn[0] if (turn := turn_of(d)) else "" for d in drafts]
    counts = Counter(filter(None, names))
    n_back = sum(c >= _MIN_SPEAKERS for c in counts.values())
    n_rule = sum(d.role is Role.SPEAKER for d in drafts) / max(1, len(drafts))
    since = 99
    for name, features in zip(names, found, strict=True):
        since = 0 if name and counts[name] > 1 else since + 1
        features["a speaker's label"] = float(bool(name))
        features["a label that comes again"] = float(bool(name) and counts[name] > 1)
        features["a label that comes often"] = float(bool(name) and counts[name] > 2)
        features["below a label"] = float(0 < since <= 3)
        features["among labels"] = float(since <= 6)
        features["a conversation"] = float(n_back >= 2)
        features["mostly a conversation"] = float(n_rule > 0.25)
