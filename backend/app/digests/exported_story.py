"""A story in the form of the exports: plain text, and http(s) addresses only."""

from __future__ import annotations

from collections.abc import Sequence
from html import unescape
from typing import Any

from app.digests.addresses import hn_link, page_url
from app.digests.candidates import Candidate, DiscussionPoint
from app.digests.description import minutes_to_read, unread_reason
from app.digests.parts import MAX_POINT, MAX_TITLE, unread
from app.text.telegram_html import single_line

STYLE, LANGUAGE = "basic", "en"
MAX_SUMMARY = 1500

ExportedStory = dict[str, Any]


def exported_story(candidate: Candidate) -> ExportedStory:
    """The fields that docs/reading.md describes; missing texts are empty."""
    summary = candidate.summary(STYLE)
    talk = candidate.discussion
    reason = unread_reason(candidate, summary) if summary else None
    return {
        "id": candidate.id,
        "title": single_line(candidate.title, MAX_TITLE),
        "url": page_url(candidate),
        "site": single_line(candidate.site or "", MAX_TITLE),
        "points": candidate.points,
        "comments": candidate.comment_count,
        "discussion_url": hn_link(candidate.discussion_id),
        "reading_minutes": minutes_to_read(candidate),
        "first_seen_at": candidate.first_seen_at.isoformat(),
        "updated": (candidate.told_at or candidate.first_seen_at).isoformat(),
        "summary": single_line(summary.sentences, MAX_SUMMARY) if summary else "",
        "unread": unescape(unread(reason, LANGUAGE)) if reason else "",
        "excerpt": bool(summary and summary.extractive),
        "beginning_only": candidate.is_partial and bool(summary and summary.basis == "article"),
        "key_points": [single_line(point, MAX_POINT) for point in summary.key_points]
        if summary
        else [],
        "discussion": single_line(talk.line, MAX_POINT) if talk and talk.line else "",
        "voices": _claims(talk.voices if talk else ()),
        "agreements": _claims(talk.agreements if talk else ()),
        "disagreements": _claims(talk.disagreements if talk else ()),
    }


def _claims(points: Sequence[DiscussionPoint]) -> list[dict[str, Any]]:
    return [
        {
            "text": single_line(point.text, MAX_POINT),
            "comments": [hn_link(comment_id) for comment_id in point.comment_ids],
        }
        for point in points
    ]
