"""Contacts, payment details and links that are written to evade a filter."""

from __future__ import annotations

import time

import pytest

from app.summaries.source_filter import SourceFilter
from app.text.lookalikes import normalise

GOOD = "The bridge was rebuilt."
SOURCE = (
    "Node.js 24 is out. The <dialog> element, crates.io and /etc/hosts were spoken of by @dang, "
    "+44 20 7946 0958, and boss@town.example. notevil.com and big-evil.com.au are not meant."
)
FAITHFUL = SourceFilter(SOURCE, site="town.example")
# fmt: off
FOREIGN = [
    "See evil．com now.",
    "See \uff45ｖｉｌ．ｃｏｍ now.",
    "See ⓔⓥⓘⓛ.ⓒⓞⓜ now.",
    "See evil\u2024com now.",
    "See evil。com now.",
    "See evil｡com now.",
    "See ev\u200bil.c\u200bom now.",
    "See evil\u2060.com now.",
    "See evil\u00ad.com now.",
    "See evil[.]com now.",
    "See evil(dot)com now.",
    "See evil [dot] com now.",
    "See evil dot com now.",
    "See evil DOT com today.",
    "See evil-dot-com today.",
    "See evil . com now.",
    "See evil. com now.",
    "See hxxps://evil.com now.",
    "See e v i l . c o m now.",
    "See evil&#46;com now.",
    "See evil%2Ecom now.",
    "See evil·com now.",
    "See evil•com now.",
    "Write to boss at evil dot com.",
    "Write to boss(at)evil.com now.",
    "Write to boss＠evil．com now.",
    "Ask ＠evil_support for help.",
    "Send ∕delete_me to the bot.",
    "Send ／delete_me to the bot.",
    "See t․me/evil now.",
    "See t dot me slash evil now.",
    "See xn--evil-9ya.com now.",
    "See \u0435vil.com now.",
    "See evil.com:443 now.",
    "See evil.eth now.",
    "Pay to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa.",
    "Pay to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq.",
    "Pay to BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4.",
    "Pay to bc1p5d7rjq7g6rdk2yhzks9smlaqtedr4dekq08ge8ztwac72sfr9rusxg3297.",
    "Pay to 3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy.",
    "Pay to 0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe.",
    "Pay to bc1q ar0s rrr7 xfkv y5l6 43ly dnw9 re59 gtzz wf5m dq.",
    "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VB.",
    "Pay to 7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV now.",
    "Pay to TJRyWwFs9wTFGZg3JbrVriFbNfCug5tDeC.",
    "Pay to rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh.",
    "Pay to DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L.",
    "Pay addr1qx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzer3jcu5d8ps7zex2k2xt3uqxgjqn.",
    "Pay to EQCD39VS5jcptHL8vMjEXrzGaRcCVYto7HUn4bpAOg8xqB2N.",
    "Pay to lnbc20u1p3y0x3hpp5743k2g0fsqqxj7n8qzuhns5gmkk4djeejk3wkp64ppevgekvc0jsdq.",
    "Pay to DE89 3704 0044 0532 0130 00.",
    "Pay to GB29NWBK60161331926819.",
    "Pay with 4111 1111 1111 1111 now.",
    "Call 1-800-555-0199 now.",
    "Call 1 800 555 0199 now.",
    "Call 1.800.555.0199 now.",
    "Call 18005550199 now.",
    "Call (800) 555-0199 now.",
    "Dial 800-555-0199 now.",
    "It is reached on (415) 555-2671 now.",
    "It is reached on 415-555-2671 now.",
    "Call 1-800-FLOWERS now.",
    "Call 1-800-GET-CASH now.",
    "Call +1 (900) 555-0199 now.",
    "Call ＋１ ９００ ５５５ ０１９９ now.",
    "Call 1‑800‑555‑0199 now.",
    "Call １－８００－５５５－０１９９ now.",
    "Call 1\ufe0f\u20e3800\ufe0f\u20e3 555 0199 now.",
    "Call 0044 20 7946 0999 now.",
    "Call 0800 123 4567 now.",
    "Call 020 7946 0999 now.",
    "Call 01 23 45 67 89 now.",
    "Call 0170/1234567 now.",
    "Call 555-0199 now.",
    "WhatsApp 447911123456 now.",
    "Text WIN to 80085 now.",
    "Call one eight hundred five five five zero one nine nine now.",
    "Call 1\u200b-800-555-0199 now.",
    "Call tel:18005550199 now.",
    "Buy $EVILCOIN now.",
    "See evil (d0t) com now.",
    "See evil_dot_com now.",
    "See eviL[.]cOm now.",
    "See evil point com now.",
    "See evil,com now.",
    "See w w w . evil . com now.",
    "See evil◦com now.",
    "See evil∙com now.",
    "See http colon slash slash evil dot com now.",
    "See evil dot c o m now.",
    "See evil DOT org slash login now.",
    "See evil{.}com now.",
    "See evil -dot- com now.",
    "See evil*com now.",
    "See evil dot co dot uk now.",
    "See evil\u3002com now.",
    "See evil\u200d.\u200dcom now.",
    "See evil.\u200bcom now.",
    "See evil .com now.",
    "See evil.c0m now.",
    "See evil.com\u0336 now.",
    "See 𝐞𝐯𝐢𝐥.𝐜𝐨𝐦 now.",
    "See ｈｔｔｐ：／／evil now.",
    "See ᴇᴠɪʟ.ᴄᴏᴍ now.",
    "Call 1 (800) 555 0199 now.",
    "Call +1.800.555.0199 now.",
    "Call 1_800_555_0199 now.",
    "Call 1 800 KL5 0199 now.",
    "Reach it at 800.555.0199 now.",
    "Its tel. 555 01 99 is open.",
    "Reach ☎ 5550199 now.",
    "Reach ＋４９ ３０ １２３４５６７ now.",
    "Call ٠٨٠٠ ١٢٣ ٤٥٦٧ now.",
    "Call ١٨٠٠٥٥٥٠١٩٩ now.",
    "Ring 0-800-123-4567 now.",
    "Dial (0)20 7946 0999 now.",
    "Reach 030/12345678 now.",
    "Reach 8 800 555-35-35 now.",
    "Reach 1-888-EVIL-NOW now.",
    "Call one-eight-hundred-five-five-five-oh-one-nine-nine now.",
    "Pay 1 A1zP1 eP5QG efi2D MPTfT L5SLm v7Div fNa now.",
    "Pay bc1qar0srrr7xfkvy5l643\u200blydnw9re59gtzzwf5mdq now.",
    "Pay bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa now.",
    "Pay BC1QAR0SRRR7XFKVY5L643LYDNW9RE59GTZZWF5MDQ now.",
    "Pay ethereum:0xde0b295669a9fd93d5f28d9ec85e40f4cb697bae now.",
    "Pay 0xDE0B 2956 69A9 FD93 D5F2 8D9E C85E 40F4 CB69 7BAE now.",
    "Pay evil@getalby.com now.",
    "Pay $eviltag now.",
    "Pay alice.eth now.",
    "Pay bc1qar0srrr7xfkvy5l643-lydnw9re59gtzzwf5mdq now.",
    "Join t.me/+AbCdEf now.",
    "Join telegram.me slash evil now.",
    "Join discord.gg/evil now.",
    "Write evil at proton dot me now.",
    "Write evil＠proton.me now.",
    "Write evil AT evil DOT com now.",
    "Use ⁄delete_me now.",
    "Use \u29f8delete_me now.",
]
FAITHFUL_ONES = [
    "It ran at 20°C and 68°Fahrenheit on an RTX 4090, H100 and B200.",
    "The point common to both is that they are at c, o and m.",
    "They compared GPT4o with R1 and V3 on x86 and arm64 at 4K.",
    "Node.js 24 is faster, e.g. at start, by 1.5 times.",
    "The <dialog> element and crates.io were spoken of.",
    "It reads /etc/hosts and/or waits 24/7, as in TCP/IP.",
    "It costs $1.2M, i.e. 3.5% more than in the U.S. before.",
    "The town is at +44 20 7946 0958 by day.",
    "The town is at 020 7946 0958 by day.",
    "It was released on 2024-01-15 and again on 15.01.2024, 01/15/2024.",
    "It handles 1,000,000,000 rows and 10 000 000 rows in 0.123456789 s.",
    "The years 2019-2020 and 1990 - 2000 were good, as were 2019 2020 2021 2022 and 2023.",
    "CVE-2024-12345 and RFC 2119 are named, as are 192 kHz and 800 MHz.",
    "The dot com bubble burst in 2000, and the dot-com boom ended.",
    "A blue dot in the image is a star; a dot me.",
    "The hash is 3f786850e387550fdab836ed7e6dc881de23001b in Git.",
    "AbstractSingletonProxyFactoryBean and Donaudampfschifffahrtsgesellschaft are words.",
    "In 2019, 150 people paid $300 million, 45% of 2,000,000.",
    "Version 10.15.7 replaced 10.14.6 on 5 machines.",
    "They measured 12 345 678 and 0.00012345678 units.",
    "He said so in 1999. 2000 followed.",
    "It ended.Then it began again.",
    "ISBN 978-0-13-468599-1 is the book.",
    "The model has 1 234 567 890 parameters and 70B tokens.",
    "x86_64-unknown-linux-gnu and gpt-4o-mini-2024-07-18 are names.",
    "Python 3.14.1rc2 calls np.float64.",
    "UUID 123e4567-e89b-12d3-a456-426614174000 is random.",
    "The score was 3-2 in 1994, 555-1234 votes.",
]
# fmt: on


@pytest.mark.parametrize("foreign", FOREIGN)
def test_contacts_in_any_notation_are_removed_with_their_sentence(foreign: str) -> None:
    assert FAITHFUL.sentences(f"{GOOD} {foreign}", number=3, characters=900) == GOOD


@pytest.mark.parametrize("words", FAITHFUL_ONES)
def test_texts_that_resemble_contacts_are_kept(words: str) -> None:
    assert FAITHFUL.sentences(words, number=9, characters=900) == words


def test_wallets_are_removed_even_if_the_source_contains_them() -> None:
    asks = "Send it to bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq."
    assert not SourceFilter(asks).allows(asks)


@pytest.mark.parametrize(
    "contact", ["Call 1-800-555-0199.", "Write to boss@town.example.", "It is +1 (415) 555-0199."]
)
def test_phone_numbers_of_authors_are_kept_and_of_commenters_removed(contact: str) -> None:
    assert SourceFilter(contact).allows(contact)
    assert not SourceFilter(contact, contacts="").allows(contact)


@pytest.mark.parametrize("name", ["evil.com", "evil.com.au", "oss@town.example", "il.com"])
def test_a_part_of_a_name_does_not_match(name: str) -> None:
    assert not FAITHFUL.allows(f"It is at {name} now.")


@pytest.mark.parametrize(
    "piece",
    ["\u0301", "\u0323\u0301", "\u200b", "e ", "dot ", "a dot ", "1 ", "1-", "+1", "(", "a[dot]",
     "&#0", "one ", "ab12 ", "\u3002", "A1", "DE12 ", "a.", "call ", "$a", "1\ufe0f\u20e3"],
)  # fmt: skip
def test_long_hostile_texts_are_handled_quickly(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    normalise(text)
    SourceFilter(text).sentences(text, number=3, characters=600)
    assert time.process_time() - start < 5, "the time grows faster than the text"
