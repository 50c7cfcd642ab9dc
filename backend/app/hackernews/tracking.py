"""Address parameters and fragments that do not identify a page: tracking, and places on a page."""

from __future__ import annotations

import re

QueryParameters = list[tuple[str, str]]

_CAMPAIGNS = r"""
    utm_?\w*(?:-\w+)? | mtm_\w+ | pk_\w+ | piwik_\w+ | hsa_\w+ | hsctatracking | at_\w+ | itm_\w+
    | otm_\w+ | ns_(?:mchannel|source|campaign|linkname|fee) | wt_z?mc | wtrid | mc_[ce]id
    | mkt_tok | mktc(?:id|val) | _hs(?:enc|mi) | __hs\w+ | vero_(?:id|conv) | _openstat | oref
    | reflink | sref | cmp | cmp_?id | ocid | ncid | icid | intcid | mbid | xtor | echobox | taid
    | leadsource | spm | trk | trkinfo | trackingid | lipi | licu | smid | smtyp
    | referringsource | ftcamp | wpisrc | itid
    | fsrc | sara_\w+ | lmd_\w+ | gaa_\w+ | triedredirect | embedded-checkout
"""
_CLICKS = r"""
    fbclid | fb_(?:action_ids|action_types|ref|source) | gclid | gclsrc | dclid | gbraid | wbraid
    | gad_\w+ | srsltid | msclkid | yclid | ysclid | twclid | ttclid | rdt_cid | li_fat_id | epik
    | igshid | igsh | __twitter_impression | _branch_\w+ | _ga | _gl | ga_\w+ | guce_\w+
    | guccounter
"""
# Parameters that grant access, such as gift links; the page is the same.
_GIFTS = r"""
    unlocked_article_code | gift | gift_?(?:id|token|code|copy|link|article) | gifted | freebie
    | share_?(?:token|code|type|id) | access_?token | pwapi_token | ptoken | paywall_?token
    | bm-verify | __cf_\w+ | cf_chl\w*
"""
_SOURCES = r"ref | ref_ | ref_src | ref_url | ref_source | ref_campaign | refsrc | referr?er | sh"
_VERSIONS = r"amp | outputtype | wprov"

_TRACKING = re.compile(
    "|".join((_CAMPAIGNS, _CLICKS, _GIFTS, _SOURCES, _VERSIONS)), re.VERBOSE | re.IGNORECASE
)
_SOURCE = re.compile(r"ref", re.IGNORECASE)

# Places on a page: text fragments, times, lines, headings, leftovers of sharing tools.
_PLACE = re.compile(
    r"""(?:t|time|page|zoom|toolbar|navpanes|nameddest|heading|bookmark|slide|gid|sthash|_|cxrecs_s
        |l\d+|lines?)(?:[=.].*)?
        | view=fit\w* | l\d+(?:[-:,]l?\d+)* | \.\w+
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Common names for the parts of a front page.
_PART = re.compile(
    r"""top | main | content | start | home | intro | body | header | footer | nav | menu | about
        | about-us | comments? | respond | readme | features? | pricing | faqs? | contact | demo
        | downloads? | install | installation | overview | getting-started | quick-?start | team
        | google_vignette
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Pages of single-page apps ("#!/page", "#/page"), and dated entries of a log
# ("/devlog/#2026-05-26").
_PAGE = re.compile(r"^!|^/|\d{4}-\d{2}-\d{2}")


def without_tracking(parameters: QueryParameters, *, has_branches: bool = False) -> QueryParameters:
    """The parameters that identify a page. On a site with branches, `ref` names a branch."""
    return [
        (name, value)
        for name, value in parameters
        if not _TRACKING.fullmatch(name) or (has_branches and _SOURCE.fullmatch(name))
    ]


def identifying_fragment(fragment: str, *, is_root: bool) -> str:
    """A fragment that identifies a page; empty if it is only a place on one.

    Fragments that identify a page are `#!/page`, `#/page`, `#q=words`, and on a site's front page
    any name that is not common for a part of one.
    """
    fragment = fragment.partition(":~:")[0]
    if _PAGE.search(fragment):
        return fragment
    if not fragment or _PLACE.fullmatch(fragment) or _PART.fullmatch(fragment):
        return ""
    pairs = [pair.partition("=") for pair in fragment.split("&")]
    if any(equals for _, equals, _ in pairs):
        return "&".join(
            "".join(pair)
            for pair in pairs
            if not _TRACKING.fullmatch(pair[0]) and not _PLACE.fullmatch("".join(pair))
        )
    return fragment if is_root else ""
