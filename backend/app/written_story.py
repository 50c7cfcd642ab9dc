"""An invented story with an article, comments and a question, for testing a model.

It is as long as the longest prompt about a real story, and has different facts at its beginning
and its end.
"""

from __future__ import annotations

from app.hackernews.items import Comment

TITLE = "The town of Oakridge rebuilds its wooden bridge in stone"
_PARAGRAPH = (
    "The council of Oakridge voted on {day} May 2026 for part {part} of the work. Engineer Mary "
    "Holm said that the stone comes from a quarry {distance} miles away and costs ${cost},000. "
    "The old bridge had been carried away by three floods in as many years, and ferries took "
    "{people} people a day across the river meanwhile. The new one is to open in 2028. "
)
ARTICLE = "\n\n".join(
    _PARAGRAPH.format(day=n, part=n, distance=3 * n, cost=100 + 7 * n, people=400 + 10 * n)
    for n in range(1, 31)
)
COMMENTS = [
    Comment(id=number, parent_id=1, author=author, text=text, posted_at=None)
    for number, (author, text) in enumerate(
        (
            (
                "ada",
                "I grew up there. Stone is right: the wood rotted within ten years.",
            ),
            ("bob", "Stone costs four times as much. A steel bridge would have been open in 2027."),
            ("cyd", "Steel rusts where the river floods every spring, so I would not trust it."),
            ("dan", "The ferries were free, and I am going to miss them."),
            (
                "eve",
                "Three floods in three years say more about the dam upstream than about it.",
            ),
        ),
        101,
    )
]
QUESTION = "When is the new bridge going to open, and what do commenters say against stone?"
