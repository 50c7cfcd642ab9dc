"""What readers say they like to read about: topics to tap, and phrases of their own."""

from __future__ import annotations

import re

# Offered as buttons; anything else can be typed. The button shows the name, the phrase is what is matched.
TOPICS: dict[str, str] = {
    "AI": "AI",
    "LLM": "LLM",
    "Programming": "programming",
    "Python": "Python",
    "Rust": "Rust",
    "JavaScript": "JavaScript",
    "Web": "web",
    "Databases": "database",
    "Linux": "Linux",
    "Security": "security",
    "Privacy": "privacy",
    "Open source": "open source",
    "Startups": "startup",
    "Business": "business",
    "Science": "science",
    "Space": "space",
    "Hardware": "hardware",
    "Games": "game",
    "Design": "design",
    "History": "history",
}
MOST_INTERESTS = 50
MOST_LENGTH = 60
_SEPARATORS = re.compile(r"[,;\n]+")


def parse_phrases(words: str) -> list[str]:
    """The phrases of a typed list: commas, semicolons and line ends separate, blanks do not."""
    phrases = (" ".join(part.split()).strip(".#\"'“”") for part in _SEPARATORS.split(words))
    return list(dict.fromkeys(phrase[:MOST_LENGTH] for phrase in phrases if phrase))
