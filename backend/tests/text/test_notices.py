"""What a text says of itself when it does not hold."""

from __future__ import annotations

import pytest

from app.text.notices import is_retracted_title, notice_of

NOTICES = [
    "Update: this turned out to be wrong.",
    "UPDATE (2 May 2024): The numbers below are wrong.",
    "EDIT: I was wrong about the lock.",
    "Edit 2: Never mind, the bug is in my code.",
    "Correction: The cache holds 4 MB, not 4 GB.",
    "This article has been retracted.",
    "This paper was withdrawn by its authors in 2020.",
    "The authors have retracted this article.",
    "This is a work of fiction.",
    "This post is satire.",
    "This post was an April Fools' Day joke.",
    "This article was written with the help of ChatGPT.",
    "This article is sponsored by a maker of cranes.",
    "This is a sponsored post.",
    "Any resemblance to actual persons is coincidental.",
    "All characters in the story are fictitious.",
    "Dieser Artikel wurde am 3. Mai 2024 zurückgezogen.",
    "Dieser Beitrag wurde vollständig mit KI erstellt.",
    "Nachtrag: Die Messung war falsch.",
    "Korrektur: Der Speicher hat 4 MB, nicht 4 GB.",
    "Dies ist Satire.",
    "Este artículo ha sido retractado.",
    "Corrección: la caché tiene 4 MB y no 4 GB.",
    "Cet article a été rétracté.",
    "Mise à jour : ces chiffres sont erronés.",
    "Questo articolo è stato ritirato.",
    "Este artigo foi retratado.",
    "Dit artikel is ingetrokken.",
    "Эта статья отозвана.",
    "Обновление: я ошибся в расчётах.",
    "Ця стаття спростована.",
    "この記事はフィクションです。",
    "追記：この測定は間違っていました。",
    "本文已撤回。",
    "更正：缓存是4 MB，不是4 GB。",
    "이 기사는 AI가 작성했습니다.",
    "정정: 캐시는 4 MB입니다.",
    "Bu yazı tamamen kurgudur.",
    "Tento článek byl stažen.",
    "Tämä juttu on satiiria.",
    "Den här artikeln har dragits tillbaka.",
    "Denne artikel er trukket tilbage.",
    "Denne artikkelen er satire.",
    "Ten artykuł został wycofany.",
]
NO_NOTICES = [
    "Update: version 2 is out now.",
    "Update: the outage was fixed at noon.",
    "Update your config: the old one is wrong.",
    "Updates are wrong more often than not.",
    "We updated the driver: it was wrong.",
    "Edit the file: it is wrong otherwise.",
    "Correction: An earlier version of this article misspelled a name.",
    "Correction of the old figures is under way.",
    "This article has not been retracted.",
    "This post is not sponsored.",
    "This post was not written by AI.",
    "This article is about a study that was retracted.",
    "The paper has been retracted twice as often.",
    "He said “this article has been retracted” to us.",
    "The satire of the age was sharp.",
    "This is a joke, said the mayor.",
    "This article was written by Claude Morel in 1901.",
    "The names in the list are made up of two parts.",
    "Retractions of papers are rare.",
    "Dieser Artikel wurde nicht zurückgezogen.",
    "Dieser Beitrag ist keine Satire.",
    "Dies ist keine Satire.",
    "Este artículo trata de un estudio retractado.",
    "この記事は撤回されていません。",
]


@pytest.mark.parametrize("notice", NOTICES)
def test_a_text_that_says_that_it_does_not_hold(notice: str) -> None:
    text = f"The bridge is old. It stands.\nNobody knows why. {notice} It was built in 1901."
    assert notice_of(text) == notice


@pytest.mark.parametrize("sentence", NO_NOTICES)
def test_words_that_are_no_notice(sentence: str) -> None:
    assert notice_of(f"The bridge is old.\n{sentence} It was built in 1901.") == ""


def test_a_label_may_be_followed_by_a_sentence_first() -> None:
    measured = "Update, May 3: We measured with a debug build. The numbers were wrong."
    assert notice_of(f"The bridge is old.\n{measured} It stands.") == measured
    dated = "Update (May 3). I was wrong."
    assert notice_of(dated) == dated


@pytest.mark.parametrize("title", ["RETRACTED: A bridge of glass", "[Retracted article] A bridge"])
def test_a_title_that_is_marked(title: str) -> None:
    assert is_retracted_title(title)


@pytest.mark.parametrize(
    "title",
    ["Retracted", "Withdrawn from service last week", "Retractions are rare", "A retracted paper"],
)
def test_a_title_that_is_not_marked(title: str) -> None:
    assert not is_retracted_title(title)
