"""Searches for leaked secrets in everything that was printed or logged."""

from __future__ import annotations

from rehearsal.lab.secrets import ADMIN_CHAT
from rehearsal.stage import Stage

# The journal, all logs, all command lines, the containers' settings without their environment, the
# images' histories, and all files of the clone.
PLACES = {
    "journal": "journalctl --no-pager",
    "logs": "find /var/log -type f -not -path '*/journal/*' -exec cat {} +",
    "containers' logs": "for c in $(docker ps -aq); do docker logs $c 2>&1; done",
    "processes": "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
    "images": "for i in $(docker images -q | sort -u); do docker history --no-trunc $i; done",
    "clone": "grep -r --binary-files=text --exclude=.env '' /opt/hnpal/app | head -c 50000000",
    "releases": "cat /opt/hnpal/releases.jsonl",
}
# The key's identifier is no secret, and this repository contains it.
IDENTIFIERS = ("s3fs_access_key_id",)


def find_leaks(stage: Stage) -> list[str]:
    """Each leaked secret and where it was found."""
    texts = stage.operator.outputs()
    for place, command in PLACES.items():
        texts[place] = stage.host.ssh(f"({command}) 2>/dev/null || true", timeout=120)
    secrets = {
        name: value
        for name, value in stage.secrets.items()
        if value and value != str(ADMIN_CHAT) and name not in IDENTIFIERS
    }
    return [
        f"{name} in {place}"
        for place, text in texts.items()
        for name, value in secrets.items()
        if value in text
    ]
