"""Refusals in the words of the prompt, in other words and in other languages; and what is none."""

import time

import pytest

from rag.prompts import REFUSAL
from rag.refusing import refusal_words, refuses_outright


@pytest.mark.parametrize(
    "sentence",
    [
        REFUSAL,
        REFUSAL.lower(),
        f"{REFUSAL}.",
        f"Answer {REFUSAL}",
        "“Not in the documents”",
        "NICHT IN DEN DOKUMENTEN",
        "NO EN LOS DOCUMENTOS",
        "No está en los documentos.",
        "NON DANS LES DOCUMENTS",
        "文档中没有",
        "文書にはありません",
        "Нет в документах",
    ],
)
def test_as_told(sentence: str) -> None:
    assert refuses_outright(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The documents do not say.",
        "The provided passages do not contain information about the budget.",
        "The passages don't mention this.",
        "The passages about the workshop do not state its cost.",
        "I cannot answer this question based on the given passages.",
        "I'm sorry, but I couldn't find that in the documents.",
        "This is not mentioned in the passages.",
        "It is not explicitly stated in any of the documents.",
        "There is no information about the city in the documents.",
        "The information provided does not specify the city.",
        "None of the passages mentions the budget.",
        "The context does not provide enough details.",
        "The answer cannot be determined from the passages.",
        "Based on the passages, I am unable to determine the city.",
        "The documents contain no information on that.",
        "Its cost is not in the documents.",
        "Die Dokumente enthalten dazu keine Angaben.",
        "In den Dokumenten steht dazu nichts.",
        "Das geht aus den Passagen nicht hervor.",
        "Les documents ne le précisent pas.",
        "Aucune information dans les passages.",
        "Los documentos no mencionan la ciudad.",
        "Os documentos não informam a cidade.",
        "I documenti non indicano la città.",
        "De documenten vermelden dit niet.",
        "В документах это не указано.",
        "文档中没有提到这一点。",
        "提供的段落中未提及该城市。",
        "文書には記載されていません。",
        "لا تذكر المستندات ذلك.",
    ],
)
def test_in_other_words(sentence: str) -> None:
    assert refusal_words(sentence)
    assert not refuses_outright(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The report does not mention the cost.",
        "The contract does not state a price.",
        "The company did not disclose its sources of income.",
        "Sources close to the minister did not name him.",
        "I do not think so, said Reyes.",
        "The passages of the strait were closed.",
        "The context of the talks was not friendly.",
        "Delegates said that no evidence was given.",
        "The passages do not give the date, but the city is Shanghai.",
        "Die Dokumente wurden nicht unterschrieben.",
        "Les passages étaient fermés.",
        "El texto fue aprobado.",
        "文件于2024年签署。",
        "",
    ],
)
def test_what_is_no_refusal(sentence: str) -> None:
    assert refusal_words(sentence) is None
    assert not refuses_outright(sentence)


@pytest.mark.parametrize(
    "text", ["text " * 300 + "kein", "документ " * 200, "文件" * 600, "no " * 400]
)
def test_long_sentences_take_no_time(text: str) -> None:
    started = time.process_time()
    refusal_words(text)
    assert time.process_time() - started < 0.5
