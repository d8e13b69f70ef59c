"""A file that the browser is to save: hidden in the page, from where the page's script takes it."""

import json

from ui.markup import Markup, el


def file_html(content: str, name: str, *, number: int) -> Markup:
    """The file as a hidden JSON string: a page changes some characters, ASCII comes through as it is.

    Args:
        content: its text.
        name: under which it is saved; with none, nothing is.
        number: another one for each file, so that the same one can be saved again.
    """
    return el("div", json.dumps(content), data_name=name, data_number=number)
