from eval.baseline import baseline_answer, baseline_ask, best_sentence
from index.types import Document, Hit, Passage, Role

TEXT = "The talks began in May. Workshops were held in Shanghai. Nothing else happened."


def hit(text=TEXT, start=100, rank=1):
    passage = Passage(rank, 7, start, start + len(text), text, "", Role.BODY, section="News")
    return Hit(passage, 1 / rank, rank, "fused")


def test_best_sentence_by_stemmed_words():
    start, end, share = best_sentence("In which city was the workshop held?", TEXT)
    assert TEXT[start:end] == "Workshops were held in Shanghai."
    assert share == 2 / 3  # city, workshop, held; "in which was the" say nothing


def test_the_first_of_equals_wins_and_nothing_shared_is_zero():
    assert best_sentence("zebra?", TEXT) == (0, 23, 0.0)
    assert best_sentence("", TEXT) == (0, 23, 0.0)
    assert best_sentence("zebra?", " \n ") is None


def test_a_question_of_stop_words_still_counts_them():
    start, end, _ = best_sentence("Who were they in?", "It was. They were in.")
    assert (start, end) == (8, 21)


def test_answer_cites_the_sentence():
    document = Document(7, "docs/a.txt", "A", "f" * 64, 500)
    answer = baseline_answer(
        "Where were the workshops held?", [hit(), hit("Other.", 300, 2)], lambda _: document
    )
    (sentence,) = answer.sentences
    (cited,) = sentence.citations
    assert answer.status == "answered"
    assert answer.short_answer == sentence.text == cited.quote
    assert (cited.start, cited.end) == (124, 156)
    assert (cited.document, cited.path, cited.section) == ("7", "docs/a.txt", "News")
    assert [(p.n, p.read) for p in answer.passages] == [(1, True), (2, False)]
    assert 0 <= answer.confidence <= 1


def test_nothing_found_is_refused():
    ask = baseline_ask(lambda question, history: [])
    answer = ask("Anything?", ())
    assert (answer.status, answer.short_answer, answer.sentences) == ("refused", None, ())


def test_retrieval_sees_the_history():
    seen = []

    def retrieve(question, history):
        seen.append((question, tuple(history)))
        return [hit()]

    assert baseline_ask(retrieve, lambda _: None)("And then?", ["Who?"]).status == "answered"
    assert seen == [("And then?", ("Who?",))]
