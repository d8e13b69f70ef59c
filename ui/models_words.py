"""Advice of the command line in the words of the page: fields and buttons instead of options."""

_ON_THE_PAGE = (
    ("add --anyway", "tick “I trust this network”"),
    (" with --name.", " in the field for it."),
    ("name that: --key-env NAME", "type that variable's name"),
    ("name one: --model NAME.", "type one as the model's name."),
    (
        ", or take that one off the list: footnote models remove ",
        ", or take that one off the list: ",
    ),
    ("footnote models list --here", "those in the list above"),
)


def for_the_page(message: str) -> str:
    """A message without options of the command line."""
    for words, shown in _ON_THE_PAGE:
        message = message.replace(words, shown)
    return message
