"""A file that the browser is to save: hidden in the page, from where the page's script takes it."""

import itertools
import json

from ui.markup import Markup, el

_numbers = itertools.count(1)


def file_html(content: str, name: str) -> Markup:
    """The file as a hidden JSON string: a page changes some characters, ASCII comes through as it is.

    Args:
        content: its text.
        name: under which it is saved; with none, nothing is.
    """
    # A number of its own: the same file can be saved again.
    return el("div", json.dumps(content), data_name=name, data_number=next(_numbers))
