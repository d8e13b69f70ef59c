"""Recognises a refusal in what a model writes, in the words it was given and in its own.

"The documents do not say" comes in many wordings and languages, and must never be shown as an
answer with a footnote. Knows no documents.
"""

import re

from rag.prompts import REFUSAL

_TOLD = re.compile(r"not\s+in\s+the\s+documents?", re.I)

# The wording asked for, as models put it into the language of the question.
_TRANSLATED = (
    r"nicht\s+in\s+den\s+(?:dokumenten|unterlagen)( enthalten)?|(?:no|non|pas|não|niet)\s+"
    r"(?:en|dans|nei|nos|in)\s+(?:los|les|de|i)?\s*(?:document\w*)|"
    r"no\s+(?:est[áa]|figura|aparece)\s+en\s+los\s+documentos|(?:文档|文件|资料|文書|資料)中?"
    r"(?:没有|无|無|沒有|には?ありません)|нет\s+в\s+документах|غير\s+موجود\s+في\s+(?:المستندات|الوثائق)"
)
_SOURCE = (
    r"(?:documents?|passages?|sources?|texts?|excerpts?|context|(?:provided |given |available )"
    r"(?:information|material|content)|information (?:provided|given|available))"
)
_SAY = (
    r"(?:say|state|mention|contain|specify|provide|include|give|answer|address|indicate|tell|"
    r"disclose|reveal|discuss|list|name|describe|explain|cover|have|offer|clarify|identify|detail)"
)
_ADVERB = r"(?:\s+(?:explicitly|directly|specifically|clearly|actually|any|enough|sufficient))*"
_WHICH = r"(?:\s+(?:provided|given|above|available|themselves|itself|I have|(?:about|on)\s[^.!?]{0,40}?))?"
_ENGLISH = (
    rf"\b{_SOURCE}{_WHICH}\s+(?:do(?:es)?\s+not|don['’]t|doesn['’]t|did\s+not|didn['’]t|cannot|"
    rf"fails?\s+to){_ADVERB}\s+{_SAY}\b",
    r"\b(?:(?:is|are|was|were)\s+not|isn['’]t|aren['’]t|not)"
    rf"{_ADVERB}\s+(?:mentioned|stated|specified|given|provided|found|contained|included|addressed|"
    r"disclosed|answered|discussed|available|present|covered|indicated|listed|described)"
    rf"(?:\s+\w+){{0,2}}\s+(?:in|by|from)\b[^.!?]{{0,30}}\b{_SOURCE}\b",
    r"\b(?:no|not\s+enough|insufficient)\s+(?:\w+\s+)?(?:information|mention|details?|evidence|answer)"
    rf"\b[^.!?]*\b{_SOURCE}\b",
    rf"\b{_SOURCE}{_WHICH}\s+(?:contains?|provides?|gives?|includes?|offers?|makes?|has|have)\s+no\b",
    rf"\b(?:none|no\s+part)\s+of\s+the\s+{_SOURCE}\b",
    r"\bI\s+(?:can(?:not|['’]t)|could\s+not|couldn['’]t|am\s+unable\s+to|am\s+not\s+able\s+to|"
    r"do\s+not|don['’]t)\s+(?:answer|find|determine|tell|know|provide|have|see|say|give)\b",
    rf"\b(?:cannot|can['’]t|could\s+not)\s+be\s+(?:answered|determined|found)\b[^.!?]*\b{_SOURCE}\b",
)


def _together(*stems: str, end: str = ".!?") -> str:
    """A sentence that holds words of each of these kinds, in any order."""
    ahead = "".join(rf"(?=[^{end}]*?(?:{stem}))" for stem in stems)
    # Tried where a sentence begins only: elsewhere it would take quadratic time.
    return rf"(?:\A|(?<=[{end}])){ahead}[^{end}]+"


# What speaks of the documents, a negation, and what documents do: stems, for all their forms.
_OTHER_LANGUAGES = (
    _together(
        r"\b(?:dokument|unterlagen|passage|text|quelle|abschnitt)",
        r"\b(?:kein\w*|nichts?)\b",
        r"\b(?:enth[aä]l|nenn|erwähn|sag|angab|angegeb|information|hervor|find|entnehm|beantwort|geht|"
        r"steht|auskunft)",
    ),
    _together(
        r"\b(?:documents?|passages?|textes?|extraits?|sources?)\b",
        r"\bn(?:e\b|['’])[^.!?]*\b(?:pas|aucune?)\b|\baucune?\b|\bpas\s+d['’e]",
        r"\b(?:mention|indiqu|contien|précis|dis|fourni|permett|donn|répon|information)",
    ),
    _together(
        r"\b(?:document|pasaje|texto|fuente|trecho|fonte|passage)",
        r"\b(?:no|não|ningun\w+|nenhum\w*)\b",
        r"\b(?:dice|indica|menciona|conti?en|contém|especifica|proporciona|incluy|diz|inform|respond)",
    ),
    _together(
        r"\b(?:document[oi]|test[oi]|font[ei]|passaggi|brani)\b",
        r"\b(?:non|nessun\w*)\b",
        r"\b(?:dic|indica|menziona|cont[ei]|specifica|forni|riporta|informazion|rispond)",
    ),
    _together(
        r"\b(?:document|tekst|bron|passage)",
        r"\b(?:niet|geen)\b",
        r"\b(?:bevat|vermeld|noem|zegg|staat|informatie|gevonden|antwoord)",
    ),
    _together(
        r"документ|текст|источник|отрыв",
        r"\b(?:не|нет)\b",
        r"сказан|указан|упом|содерж|говор|информац|сведен|ответ",
    ),
    _together(
        "文档|文件|文章|段落|资料|資料|文本|材料|上下文",
        "没有|并未|未|無|沒有|不",
        "提|说|說|包含|给出|信息|資訊|答|涉及|记载|記載|找到",
        end="。！？",
    ),
    _together(
        "文書|資料|文章|段落|パッセージ|ドキュメント",
        "ません|ない|なし|なかった",
        "記載|書かれ|情報|言及|含まれ|答え|述べ|見つか",
        end="。！？",
    ),
    _together(
        "المستندات|الوثائق|النصوص|المقاطع|النص|المستند",
        r"\b(?:لا|لم|ليس|ليست)\b",
        "ذكر|حتوي|وضح|قول|معلومات|حدد|جيب",
    ),
)
_WORDINGS = re.compile("|".join((*_ENGLISH, _TRANSLATED, *_OTHER_LANGUAGES)), re.I)
# "Not its date, but the city is ...": what comes after may be an answer.
_GOES_ON = re.compile(
    r"\b(?:but|however|although|though|aber|jedoch|mais|cependant|pero|aunque|però|ma|mas)\b|但|しかし|لكن",
    re.I,
)

_SORRY = re.compile(
    r"\A\W*(?:I['’]m |I am )?(?:sorry|unfortunately|apologies)[^.!?]{0,20}?\bbut\b", re.I
)


def refuses_outright(sentence: str) -> bool:
    """Whether it is the refusal as the prompt words it, or in its translation, and nothing else."""
    if REFUSAL in sentence:
        return True
    match = _TOLD.search(sentence) or re.search(_TRANSLATED, sentence, re.I)
    rest = sentence if match is None else sentence[: match.start()] + sentence[match.end() :]
    return match is not None and not any(char.isalnum() for char in rest)


def refusal_words(sentence: str) -> str | None:
    """The words that say that the documents do not say, or None where it says something else."""
    told = _TOLD.search(sentence)
    match = told or _WORDINGS.search(sentence)
    goes_on = told is None and _GOES_ON.search(_SORRY.sub("", sentence))
    return None if match is None or goes_on else match.group()
