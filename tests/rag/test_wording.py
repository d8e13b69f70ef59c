"""Words that can be compared, and texts that cannot."""

import pytest

from rag.wording import content_words, is_other_language, known_words

ENGLISH = "Workshops\nThe third workshop was held in Shanghai, and 38 countries took part."


@pytest.mark.parametrize(
    "sentence",
    [
        "Der dritte Workshop fand in Shanghai statt.",
        "Le troisième atelier s'est tenu à Shanghai.",
        "El tercer taller se celebró en Shanghái en septiembre.",
        "Il terzo workshop si è tenuto a Shanghai nel settembre.",
        "O terceiro workshop foi realizado em Xangai.",
        "De derde workshop werd in Shanghai gehouden.",
        "Третий семинар прошёл в Шанхае.",
        "第三次研讨会在上海举行。",
        "第3回ワークショップは上海で開かれた。",
        "عُقدت الورشة الثالثة في شنغهاي.",
    ],
)
def test_other_languages(sentence: str) -> None:
    assert is_other_language(sentence, ENGLISH)
    assert is_other_language(ENGLISH, sentence)
    assert not is_other_language(sentence, sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "The workshop was in Shanghai.",
        "Third workshop, Shanghai",
        "38 countries",
        "38",
        "",
        "The manager of Das Kapital came.",
        # Names in another script make no other language.
        "The workshop in 上海 was the third.",
    ],
)
def test_the_same_language_or_not_known(sentence: str) -> None:
    assert not is_other_language(sentence, ENGLISH)


def test_unspaced_scripts_are_compared_by_pairs() -> None:
    passage = "第三次研讨会于2024年9月在上海举行，共有38个国家参加。"
    said, invented = content_words("研讨会在上海举行。"), content_words("香蕉生长在温暖的地方。")
    assert len(said & known_words(passage)) / len(said) > 0.7
    assert len(invented & known_words(passage)) / len(invented) < 0.3


def test_spaced_words_are_stems_without_stop_words() -> None:
    assert content_words("The workshops were held") == {"workshop", "held"}
    assert content_words("The workshops were held") <= known_words("A workshop is held.")
