"""Finds contact and payment details in a text: phone numbers, accounts, wallets.

The text must have been normalised by `app.text.lookalikes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.text.language_words import alternatives

MIN_DIGITS, MAX_DIGITS = 7, 15  # of a phone number (E.164)
MIN_CODE = 25  # characters of the shortest wallet address in use

_DIGITS = re.compile(r"(?<![\w.,$€£¥])\+?[ (]{0,2}\d(?:[ ()./_-]{0,3}\d){4,24}(?![\w%])")
# Dates, pairs of years, and decimals.
_NO_PHONE = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4}|\d{4}[ /-]{1,3}\d{4}|0\.\d+")
_TOLL_FREE = re.compile(r"[18]?(?:8(?:00|22|33|44|55|66|77|88)|900)\d{7}")
_GROUPS = ([3, 3, 4], [1, 3, 3, 4])
_CALLING = re.compile(
    rf"\b(?:{alternatives('excerpts.calling')})\b\.?[^.!?]{{0,40}}$"
    r"|[☎📞📱][^.!?]{0,10}$",
    re.IGNORECASE,
)
_IN_LETTERS = re.compile(
    r"(?<![\w.,])(?:1[ .-]?\(?(?:8\d\d|900)\)?[ .-]|8\d\d-|0[89]00[ -])[A-Z0-9]{1,5}"
    r"(?:[ .-]?[A-Z0-9]{1,10}){0,3}(?!\w)"
)
_SHORT_CODE = re.compile(r"\b(?:text|sms|send) [\w\"']{1,20} to \d{4,6}\b", re.IGNORECASE)
_IN_WORDS = re.compile(
    r"\b(?:(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|hundred|double|triple)\b"
    r"[\s,.-]{0,3}){7,30}",
    re.IGNORECASE,
)

_CODE = re.compile(rf"[A-Za-z0-9]{{{MIN_CODE},}}")
_HASH = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_IN_FOURS = re.compile(r"(?<!\w)(?:[A-Za-z0-9]{4}[ -]){4,30}[A-Za-z0-9]{1,4}(?!\w)")
_ACCOUNT = re.compile(r"(?<!\w)[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{1,4}(?!\w)")
# For kinds with a fixed prefix, the beginning is enough.
_PREFIXED = re.compile(r"(?<!\w)(?:bc1|tb1|ltc1|addr1|lnbc)[a-z0-9]{12,}", re.IGNORECASE)
_IN_GROUPS = re.compile(r"(?<!\w)(?:[A-Za-z0-9]{3,6}[ -]){4,30}[A-Za-z0-9]{1,6}(?!\w)")
MIN_MIXED_OF_ANY_LENGTH = 5
MIN_MIXED = 3  # groups of letters and digits; words and years are not mixed
MIN_DIGITS_OF_AN_ACCOUNT = 8
_CARD = re.compile(r"(?<![\w.])(?!(?:(?:19|20)\d\d[ -]){3})(?:\d{4}[ -]){3}\d{4}(?!\w)")


def phones(text: str) -> Iterator[str]:
    """The numbers in `text` that could be called or paid to."""
    for found in _DIGITS.finditer(text):
        if _is_phone(found[0].strip(), text[max(0, found.start() - 60) : found.start()]):
            yield found[0].strip()
    for kind in (_IN_LETTERS, _SHORT_CODE, _IN_WORDS, _CARD):
        yield from (found[0].strip() for found in kind.finditer(text))


def digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def has_wallet(text: str) -> bool:
    """Whether the text contains the address of a wallet or a bank account, also in groups.

    Most wallet addresses are long codes of letters and digits; hashes of commits and files contain
    only hexadecimal digits.
    """
    return (
        any(map(_is_wallet, _CODE.findall(text)))
        or _PREFIXED.search(text) is not None
        or any(_mixed(one) >= MIN_MIXED for one in _IN_FOURS.findall(text))
        or any(_mixed(one) >= MIN_MIXED_OF_ANY_LENGTH for one in _IN_GROUPS.findall(text))
        or any(len(digits(one)) >= MIN_DIGITS_OF_AN_ACCOUNT for one in _ACCOUNT.findall(text))
    )


def _is_phone(number: str, before: str) -> bool:
    plain = digits(number)
    if not MIN_DIGITS <= len(plain) <= MAX_DIGITS or _NO_PHONE.fullmatch(number):
        return False
    if number.startswith("+") or plain.startswith("00") or _CALLING.search(before):
        return True
    groups = [len(group) for group in re.findall(r"\d+", number)]
    return (
        groups in _GROUPS
        or (len(groups) > 1 and _TOLL_FREE.fullmatch(plain) is not None)
        or (plain.startswith("0") and len(plain) >= 9)
    )


def _is_wallet(code: str) -> bool:
    if _HASH.fullmatch(code):
        return False
    return any(map(str.isdigit, code)) and any(map(str.isalpha, code))


def _mixed(groups: str) -> int:
    """The number of groups with letters and digits, if most of them have both."""
    parts = re.split("[ -]", groups)
    mixed = sum(not one.isalpha() and not one.isdigit() for one in parts)
    return mixed if 2 * mixed > len(parts) else 0
