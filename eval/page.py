"""The frame of a report: one HTML file that needs nothing else, light and dark.

Every text that comes from outside goes through `text`; nothing else may be put between the tags.
"""

from collections.abc import Sequence
from html import escape

OUTCOMES = {
    "right": "✓ right",
    "wrong": "✗ wrong",
    "refused": "– refused",
    "answered": "· answered",
    "error": "! error",
}
"""Label of each outcome; the sign and the word say what the colour says."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2129; --paper: #ffffff; --soft: #f3f4f7;
  --line: #cfd3dc; --quiet: #5b6270; --right: #1c6b3f; --wrong: #a8243b; --refused: #555b6e;
  --error: #7d5200; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e9ee; --paper: #15171c; --soft: #20242c;
  --line: #3a404c; --quiet: #a3abba; --right: #6fd49b; --wrong: #ff8fa0; --refused: #b3bacb;
  --error: #f0bb5c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 70rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
.quiet { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: right; }
th, td { white-space: nowrap; }
th:first-child, td.words, th.words { text-align: left; }
td.words { white-space: normal; min-width: 14rem; }
thead th { white-space: normal; vertical-align: bottom; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr));
  gap: 1.5rem; }
figure { margin: 0; } figcaption { font-weight: 600; }
svg { width: 100%; height: auto; }
svg * { stroke-linejoin: round; }
svg text { font-family: system-ui, sans-serif !important; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; }
summary { padding: .5rem .8rem; cursor: pointer; }
summary:focus-visible { outline: 3px solid #4c7fd0; }
details > div { padding: 0 .8rem .8rem; overflow-wrap: anywhere; }
dt { font-weight: 600; margin-top: .6rem; } dd { margin-left: 1rem; }
blockquote { margin: .2rem 0; padding: .3rem .8rem; background: var(--soft);
  border-left: 4px solid var(--line); white-space: pre-wrap; }
.badge { font-weight: 700; white-space: nowrap; }
.badge.right, .better { color: var(--right); } .badge.wrong, .worse { color: var(--wrong); }
.badge.refused { color: var(--refused); } .badge.error { color: var(--error); }
fieldset { border: 1px solid var(--line); border-radius: .4rem; margin: 1rem 0; }
fieldset label { margin-right: 1.2rem; white-space: nowrap; }
""" + "".join(
    f"body:has(#show-{outcome}:not(:checked)) details.{outcome} {{ display: none; }}\n"
    for outcome in OUTCOMES
)


def text(value: object) -> str:
    """A text made safe to stand anywhere in the page, attributes included."""
    return escape(str(value), quote=True)


def page(title: str, body: Sequence[str]) -> str:
    """The whole file."""
    html = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Whatever might slip in: the page may neither run nor load anything.
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{text(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join([f"<h1>{text(title)}</h1>", *body])
        + "\n</main>\n</body>\n</html>\n"
    )
    # Half a surrogate pair, as broken PDFs hold, cannot be written to a file.
    return html.encode("utf-8", "replace").decode("utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]], *, words: bool = False) -> str:
    """A table of plain texts; the first column names the row, the last holds `words` or a number."""
    last = len(head) - 1 if words else -1

    def cell(tag: str, column: int, content: str, more: str = "") -> str:
        kind = ' class="words"' if column == last else ""
        return f"<{tag}{more}{kind}>{text(content)}</{tag}>"

    heads = "".join(cell("th", n, name, ' scope="col"') for n, name in enumerate(head))
    lines = [f'<div class="scroll"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>']
    for first, *rest in rows:
        cells = "".join(cell("td", n, content) for n, content in enumerate(rest, start=1))
        name = cell("th", 0, first, ' scope="row"')
        lines.append(f"<tr>{name}{cells}</tr>")
    return "\n".join([*lines, "</tbody></table></div>"])


def badge(outcome: str) -> str:
    """The outcome of a question, in colour and in words."""
    return f'<span class="badge {text(outcome)}">{text(OUTCOMES.get(outcome, outcome))}</span>'


def definitions(entries: Sequence[tuple[str, str]]) -> str:
    """Names with what belongs to them; the second parts are HTML, already made safe."""
    parts = [f"<dt>{text(name)}</dt><dd>{content}</dd>" for name, content in entries if content]
    return f"<dl>{''.join(parts)}</dl>"


def quote(words: str, source: str) -> str:
    """Words of a document with where they stand."""
    return f'<blockquote>{text(words)}</blockquote><p class="quiet">{text(source)}</p>'
