"""The time zone assumed for a new chat; nothing else is known of it than its client's language."""

from __future__ import annotations

from functools import lru_cache

from app.readers.cities import zone_of_country

# The country assumed for a client's language that names none.
_COUNTRIES = {
    "cs": "CZ",
    "da": "DK",
    "el": "GR",
    "fa": "IR",
    "he": "IL",
    "hi": "IN",
    "ja": "JP",
    "ko": "KR",
    "sv": "SE",
    "uk": "UA",
    "vi": "VN",
    "zh": "CN",
    "pt": "BR",
    "de": "DE",
    "es": "ES",
    "fi": "FI",
    "fr": "FR",
    "hu": "HU",
    "id": "ID",
    "it": "IT",
    "nl": "NL",
    "pl": "PL",
    "ro": "RO",
    "ru": "RU",
    "th": "TH",
    "tr": "TR",
}


@lru_cache(maxsize=200)
def guess_zone(language_code: str | None) -> str:
    """The assumed zone for a client's language, such as `pt-br`."""
    language, _, region = (language_code or "").partition("-")
    # Four letters are a script, as in zh-hant.
    region = region if len(region) == 2 else _COUNTRIES.get(language.lower(), "")
    if not region:
        return "UTC"
    return zone_of_country(region.lower()) or "UTC"
