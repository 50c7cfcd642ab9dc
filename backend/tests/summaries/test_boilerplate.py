"""Boilerplate that excerpts omit, and sentences that resemble it but are kept."""

from __future__ import annotations

import pytest

from app.summaries.boilerplate import is_boilerplate


@pytest.mark.parametrize(
    "sentence",
    [
        "To upgrade, run the script in the folder that it came in.",
        "Sign up for our Morning Wire newsletter.",
        "This issue is brought to you by Vaultly, the password manager for teams.",
        "Use code SOUND for a discount on your first order.",
        "If somebody forwarded this to you, you can get your own.",
        "Welcome to issue 212 of Small Sounds, a letter about noises!",
        "By Jane Smith and Tom Jones | Updated at noon",
        "(EDIT: removed the link to the letter, because its author asked for it.)",
        "Associated writer Tom Jones contributed to this report from Houston.",
        "Would love feedback and any problems that you encounter.",
        "Feedback is always welcome, and so are bug reports.",
        "This material may not be published, broadcast, rewritten or redistributed.",
        "Подписывайтесь на наш канал!",
        "This document is subject to BCP 78 and the Legal Provisions of a trust.",
        "Tales > Tales of today > January > The greedy dog",
        "For a list of bridges of any kind, see bridges by length.",
        "Editor's note: This article was amended to correct the spelling of a name.",
        "UPDATE (May 3): Several people have asked for the schema, which is below.",
        "We may earn a commission if you buy something.",
        "Copyright (c) 2026 the persons identified as the document authors.",
        "In this post I will explain what broke first.",
        "Steps to reproduce the behavior: 1.",
        "This is an Internet Standards Track document.",
        "This document is a product of the Internet Engineering Task Force (IETF).",
        "Get started today and save 20 %.",
        "Asked 14 years ago and viewed two million times.",
    ],
)
def test_requests_offers_greetings_and_bylines_are_boilerplate(sentence: str) -> None:
    assert is_boilerplate(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "By Friday morning the river had risen by two metres.",
        "The bridge was built by Jane Smith and Tom Jones.",
        "The court updated its ruling on 40 cases.",
        "For two years nobody could see the bridge for fog.",
        "A value x > 3 is cut off.",
        "Photographs show that the glacier has lost a third of its length.",
        "The agency wants feedback from pilots within a month.",
        "Updates of the firmware reach every lamp within a day.",
        "The correction of the figures cost the bank its chairman.",
        "The newsletter industry signs up fewer writers than last year.",
    ],
)
def test_sentences_about_the_subject_are_not_boilerplate(sentence: str) -> None:
    assert not is_boilerplate(sentence)
