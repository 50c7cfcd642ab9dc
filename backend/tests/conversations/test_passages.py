"""Which passages are relevant to a question."""

from __future__ import annotations

import random

from app.conversations.passages import MAX_OF_A_PASSAGE, Passage, chosen, of_text, scores


def test_a_page_becomes_passages_of_whole_sentences() -> None:
    sentence = "This sentence has exactly eight words, all told. "
    text = "\n\n".join([sentence * 40, "A short one.", sentence * 3])
    passages = of_text(text)
    assert " ".join(one.text for one in passages).split() == text.split()
    assert all(len(one.text) <= MAX_OF_A_PASSAGE for one in passages)
    assert all(one.text.endswith(".") for one in passages)
    assert [one.id for one in passages] == [f"p{n}" for n in range(1, len(passages) + 1)]


def test_a_wall_of_text_is_cut_rather_than_kept_whole() -> None:
    assert all(len(one.text) <= MAX_OF_A_PASSAGE for one in of_text("word " * 5000))


def test_rare_words_count_more_than_frequent_ones() -> None:
    texts = ["The cache is a cache of caches", "The cache forgets", "Locks and the cache"]
    rare = scores(texts, "How do locks and the cache work?")
    assert rare.index(max(rare)) == 2


def test_plural_and_case_do_not_matter_and_common_words_count_nothing() -> None:
    [locks, nothing] = scores(["A lock is held.", "What is it that you use?"], "what LOCKS you use")
    assert locks > 0
    assert nothing == 0


def test_a_question_without_words_has_no_score() -> None:
    assert scores(["Some text"], "???") == [0]
    assert scores(["", ""], "anything") == [0, 0]
    assert scores([], "anything") == []


def test_the_best_passages_and_the_first_ones_are_shown_in_their_order() -> None:
    filler = random.Random(3)
    passages = [
        Passage(f"p{n}", " ".join(filler.choices(["wood", "stone", "iron"], k=100)))
        for n in range(30)
    ]
    passages[20] = Passage("p20", "Here the zebra is explained. " * 10)
    shown = chosen(passages, "What about the zebra?", characters=2500, first=2)
    assert [one.id for one in shown][:2] == ["p0", "p1"]
    assert "p20" in [one.id for one in shown]
    assert sum(len(one.text) for one in shown) <= 2500
    assert chosen(passages[:2], "zebra", characters=2500, first=2) == passages[:2]
