"""Half characters, which Python strings can hold and no tokenizer can read.

They come from file names and arguments that are not UTF-8, and from broken JSON.
"""


def without_surrogates(text: str) -> str:
    """The text with U+FFFD for each lone surrogate, which no tokenizer can read."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
