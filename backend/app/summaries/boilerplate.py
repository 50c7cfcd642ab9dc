"""Recognises sentences that are not part of a page's subject, so that no excerpt contains them.

Requests, offers, greetings, bylines, installation instructions, licences.
"""

from __future__ import annotations

import re

from app.text.language_words import alternatives

_INSTALLING = r"""
    (?:^|\s)(?:npm|pip3?|pipx|brew|apt(?:-get)?|cargo|yarn|pnpm|docker|go|gem|dnf|curl|git|uv)\s+
      (?:i|install|add|get|run|pull|clone|upgrade|update|-\S+)\b
    | ^\$[ ]
    | ^to\ (?:install|upgrade|update|get\ started|build|try)\b.{0,40}
      \b(?:run|type|use|clone|download)\b
"""
_PLEAS = r"""
    \b(?:give|leave|drop)\ (?:us|it|this\ \w+)\ a\ star\b | ⭐
    | \bstar\ (?:us|this|the)\ (?:repo\w*|on|if)\b | \bstar\ history\b
    | \b(?:sponsor|donat|patreon|ko-fi|buy\ me\ a\ coffee|open\ ?collective)\w*
    | \b(?:support|fund)\ (?:us|me|my\ work|this\ project|our\ work|development)\b
    | \b(?:consider|please)\ (?:subscribing|becoming)\b
    | \b(?:subscribe|sign(?:ing)?\ up)\b.{0,40}\b(?:newsletter|mailing|channel|updates|here)\b
    | \bfollow\ (?:us|me|along)\b | \bjoin\ (?:us|our|the)\ (?:on|discord|slack|community)
    | \b(?:contributions?|pull\ requests?|feedback|suggestions|questions)\ (?:are\ |is\ )?
      (?:very\ |always\ |most\ )?(?:welcome|appreciated)\b
    | \b(?:would|['’]d)\ (?:really\ )?(?:love|like|appreciate)\ (?:to\ hear\ )?
      (?:any\ |your\ |some\ )?(?:feedback|thoughts|comments|ideas|input|suggestions)\b
    | \blet\ (?:me|us)\ know\ (?:what|if|in|your|how)\b | \bhappy\ to\ (?:answer|help)\b
    | \bhit\ reply\b | \btell\ me\ what\ you\b | \bcheck\ (?:it|us|them)\ out\b
"""
_PLEAS_ELSEWHERE = alternatives("excerpts.pleas")
_OFFERS = r"""
    \bbrought\ to\ you\ by\b | \bsponsored\ by\b | \buse\ (?:the\ )?code\ [A-Z0-9]{3,}\b
    | \b\d+\ ?%\ off\b | \bsave\ (?:up\ to\ )?\d+\ ?% | ^get\ started\b
    | \bfree\ trial\b | \bno\ credit\ card\b | \btrusted\ by\b
    | \bbook\ a\ demo\b | ^advertisement\b | \bforwarded\ (?:this|it)\ to\ you\b
"""
_GREETINGS = r"""
    \bwelcome\ (?:to|back)\b | \bthat['’]s\ (?:all|it)\ for\ (?:this|now|today)\b
    | \bthanks?\ for\ reading\b | ^p\.\ ?s\.
    | \bif\ you\ (?:like|liked|enjoy(?:ed)?)\ (?:this|it|what)\b
"""
_BYLINES = rf"""
    ^(?:{alternatives("excerpts.pictures")})s?\ ?: | \breporting\ by\b.{{0,80}}\bediting\ by\b
    | \bcontributed\ to\ this\ (?:report|story|article)\b | \b\d+\s?min(?:ute)?s?\ read\b
    | ^(?:{alternatives("excerpts.dated")})\b.{{0,20}}\d
    | ^(?:asked|viewed|modified)\b.{{0,20}}\b(?:ago|times)\b
"""
_NOTES = r"""
    ^\W*(?:editor['’]?s?['’]?\ note|correction|clarification|disclosure|disclaimer)\b
    | ^\W*(?:update|edit)(?:d|\ \d+)?\b[^:]{0,30}: | ^n\.?b\.:
    | \bthis\ (?:article|story|post|page)\ (?:was|has\ been)\ (?:amended|updated|corrected|edited)\b
    | \baffiliate\b | \bearn\ a\ (?:small\ )?commission\b | \blisten\ to\ this\b
    | \bin\ this\ (?:post|article|video|tutorial|guide),?\ (?:i|we)(?:['’]ll|\ will)\b
    | \blet['’]s\ (?:dive|get\ started|jump)\b | \bas\ you\ can\ see\b | \bjump\ to\ recipe\b
    | ^(?:steps\ to|to\ reproduce|expected\ behaviou?r|describe\ the\ bug)\b
"""
_RIGHTS = r"""
    \binternet\ standards\ track\ document\b
    | \bproduct\ of\ the\ internet\ engineering\ task\ force\b
    | \bto\ be\ interpreted\ as\ described\ in\b | \bsubject\ to\ bcp\b
    | \blegal\ provisions\ relating\b | \bprovisions\ of\ bcp\b
    | \bconsensus\ of\ the\ ietf\b | \binternet-drafts\ are\b
    | \b(?:licen[cs]ed\ under|(?:mit|apache|bsd|gpl\w*|mozilla\ public)\ licen[cs]ed?)\b
    | \bpermission\ is\ hereby\ granted\b | \bwithout\ warranty\b | \ball\ rights\ reserved\b
    | \bcopyright\b.{0,6}\d{4} | © | \bthe\ software\ is\ provided\b | \bsee\ (?:the\ )?licen[cs]e\b
    | \bmay\ not\ be\ (?:published|reproduced|redistributed|copied)\b
"""
_NAVIGATION = r"""
    \b(?:click|tap)\ here\b | \bskip\ to\ (?:main\ )?content\b | \bread\ more\b | \bshare\ this\b
    | (?:\S\ +[>›»→]\ +\S.*){2} | ^for\ (?:an?\ list|other|more|further|details)\b.{0,120}\bsee\b
    | \btable\ of\ contents\b | ^see\ (?:the|our|my|also|below|here)\b
"""
_ALL = [
    *(_INSTALLING, _PLEAS, _PLEAS_ELSEWHERE, _OFFERS, _GREETINGS, _BYLINES, _NOTES, _RIGHTS),
    _NAVIGATION,
]
_BESIDE = re.compile("|".join(f"(?:{one})" for one in _ALL), re.IGNORECASE | re.VERBOSE)
# Names are capitalised: "By Jane Smith and Tom Jones | Updated …"
_AUTHORS = re.compile(
    rf"^(?:{alternatives('excerpts.by')}) (?:[A-ZÀ-Þ][\w.'’-]+ ){{2,4}}"
    rf"(?:{alternatives('excerpts.and')}|\||\d)"
)


def is_boilerplate(sentence: str) -> bool:
    """Whether a sentence requests, offers, greets or signs rather than states something."""
    return bool(_BESIDE.search(sentence) or _AUTHORS.search(f"{sentence} |"))
