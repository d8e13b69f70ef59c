"""The wording given to models. Document text never becomes an order: see `LlamaSession.tokenize`."""

from collections.abc import Sequence

from models.protocols import Generator, Message, ReadingTask, ShowsChatPrompt
from models.spans import SpanPrompt

# What the reader adapter was trained on; another wording needs another adapter.
EXTRACT_PROMPT = SpanPrompt()

# Four made-up examples, one of them refused: a model without an adapter has to be shown what a short
# verbatim answer is.
_EXAMPLES = (
    (
        "Oslo Tramway",
        "The Oslo Tramway opened in 1875 and runs 87.7 kilometres of track. It is run by "
        "Sporveien, and carried 51 million passengers in 2019.",
        "How many passengers did it carry in 2019?",
        "51 million",
    ),
    (
        "Ida Holm › Studies",
        "Ida Holm moved to Paris in 1891. In 1903 she shared a prize in physics with her husband "
        "Karl and with the chemist Jonas Brandt.",
        "Who was her husband?",
        "Karl",
    ),
    (
        "Bridge report › Harbour Board › 2021-05-04",
        "The bridge will close for repairs in June. Costs are put at 4.2 million euros, paid by "
        "the city.",
        "Which company will do the repairs?",
        "not stated",
    ),
    (
        "Harbour newsletter",
        "Ferries were delayed because the pier had been damaged in the storm. Service resumed on "
        "3 March.",
        "Why were ferries late?",
        "the pier had been damaged in the storm",
    ),
)

FEW_SHOT_PROMPT = SpanPrompt(
    header="".join(
        f"{EXTRACT_PROMPT.render(ReadingTask(source, passage, question))} {answer}\n\n"
        for source, passage, question, answer in _EXAMPLES
    )
)


def chat_prompt(generator: Generator, messages: Sequence[Message]) -> str:
    """The text that a writing model is given, as exactly as it can say."""
    if isinstance(generator, ShowsChatPrompt):
        return generator.prompt(messages)
    return "\n\n".join(f"{message.role}:\n{message.content}" for message in messages)


REFUSAL = "NOT IN THE DOCUMENTS"

_SYSTEM = (
    "You answer questions from numbered passages of the user's own documents. Use only what the "
    "passages say. Put the number of the passage that proves it in square brackets after every "
    "sentence, like this: [2]. Answer in the language of the question, in at most five short "
    "sentences. Where the passages contradict each other, say so and give the dates. If the "
    f"passages do not answer the question, write only: {REFUSAL}"
)


def compose_messages(question: str, passages: Sequence[tuple[int, str, str]]) -> list[Message]:
    """The chat prompt of the compose reader.

    Args:
        question: a standalone question.
        passages: (number, breadcrumb, text) each, most relevant first.
    """
    numbered = "\n\n".join(f"[{n}] {crumb}\n{text}" for n, crumb, text in passages)
    return [
        Message("system", _SYSTEM),
        Message("user", f"Passages:\n\n{numbered}\n\nQuestion: {question}"),
    ]
