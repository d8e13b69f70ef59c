"""Where a model of one's own is added, as HTML: a file on this machine, or the address of a server."""

from ui.markup import Attribute, Markup, el
from ui.pieces import field


def own_html() -> Markup:
    """Both forms, folded, with what is to be known before an address is added."""
    return el(
        "details",
        el("summary", "Add a model of your own"),
        el(
            "form",
            _line(
                "models-path", "Path of a GGUF file on this machine; it stays where it is", "where"
            ),
            _line("models-file-name", "Name in the list (if left out, the file's)", "name"),
            el("button", "Add the file", type="submit", id="models-add-file"),
            class_="fill-in",
            data_do="add-file",
        ),
        _sent(),
        _address_form(),
        data_keep="own",
    )


def _sent() -> Markup:
    return el(
        "p",
        el(
            "strong",
            "With an address, your questions and the passages found for them are sent to that server",
        ),
        ", which may keep them. A key is never stored: type the name of the environment variable that "
        "holds it, as it was set when Footnote was started.",
        class_="sent",
        id="models-sent",
    )


def _address_form() -> Markup:
    return el(
        "form",
        _line(
            "models-url",
            "Address of an OpenAI-compatible server",
            "url",
            placeholder="http://localhost:8080/v1",
        ),
        _line("models-model", "Model's name there (if it has several)", "model"),
        _line("models-key", "Environment variable with the key (if it needs one)", "key_env"),
        _line("models-address-name", "Name in the list (if left out, the model's)", "name"),
        el(
            "label",
            el("input", type="checkbox", id="models-trusted", name="trusted"),
            " I trust this network: allow plain http to another machine",
            class_="tick",
        ),
        el("button", "Add the address", type="submit", id="models-add-address"),
        class_="fill-in",
        data_do="add-address",
    )


def _line(ident: str, label: str, name: str, **attributes: Attribute) -> Markup:
    return field(
        ident,
        label,
        "input",
        type="text",
        name=name,
        autocomplete="off",
        spellcheck="false",
        **attributes,
    )
