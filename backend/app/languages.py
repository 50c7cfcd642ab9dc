"""The languages of summaries, which are independent of the interface's languages."""

from __future__ import annotations

from collections.abc import Mapping

ENGLISH = "en"
# The languages' own names by ISO 639-1 code. The model writes all of them; the checks of its texts
# support at least the script.
SUMMARIES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "it": "Italiano",
    "pt": "Português",
    "nl": "Nederlands",
    "pl": "Polski",
    "cs": "Čeština",
    "sv": "Svenska",
    "da": "Dansk",
    "fi": "Suomi",
    "tr": "Türkçe",
    "id": "Bahasa Indonesia",
    "vi": "Tiếng Việt",
    "uk": "Українська",
    "ru": "Русский",
    "el": "Ελληνικά",
    "ar": "العربية",
    "hi": "हिन्दी",
    "ja": "日本語",
    "ko": "한국어",
    "zh": "中文",
}
