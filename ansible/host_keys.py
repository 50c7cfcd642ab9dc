"""Before the first login to a host on EC2: its SSH keys, from the console of the instance.

    python host_keys.py --address A --instance I --region R [--launched TIME]

cloud-init prints the host's public keys to the console, which only the owner of the account and
the host's root can write. They are added to the operator's known_hosts, so that the first login is
verified like every later one. Prints what was done, or nothing if the address is known already.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

# As cloud-init prints them: https://github.com/canonical/cloud-init,
# tools/write-ssh-key-fingerprints.
BEGIN, END = "-----BEGIN SSH HOST KEY KEYS-----", "-----END SSH HOST KEY KEYS-----"
KEY = re.compile(r"\b(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) ([A-Za-z0-9+/]+={0,2})")
# A new instance prints them within a minute or two of its launch.
NEW = timedelta(minutes=10)
WAIT_SECONDS = 180
POLL_SECONDS = 5
SSH_SECONDS = 20


def host_keys(console: str) -> list[str]:
    """The host's public keys in a console's text, as `type base64`; the last block counts."""
    block = console.rpartition(END)[0].rpartition(BEGIN)[2] if BEGIN in console else ""
    return [f"{kind} {data}" for kind, data in KEY.findall(block) if _is_key(kind, data)]


def _is_key(kind: str, data: str) -> bool:
    """Whether the data is complete and names its type: strings with a length (RFC 4253, 6.6)."""
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        return False
    fields, at = [], 0
    while at + 4 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        fields.append(content[at + 4 : at + 4 + length])
        at += 4 + length
    return at == len(content) and len(fields) > 1 and fields[0] == kind.encode()


def known_hosts(address: str) -> list[Path]:
    """The files in which ssh looks for the keys of this address; the first one is written to."""
    said = _run("ssh", "-G", address)
    files = re.search(r"^userknownhostsfile (.+)$", said, re.MULTILINE)
    named = files[1].split() if files else []
    return [Path(name).expanduser() for name in named if name != "none"]


def is_known(address: str, files: list[Path]) -> bool:
    return any(
        path.exists() and bool(_run("ssh-keygen", "-F", address, "-f", str(path))) for path in files
    )


def read_console(instance: str, region: str, seconds: float) -> list[str]:
    """The keys on an instance's console, which is read until it shows them or time is up.

    Raises:
        ClientError, BotoCoreError: EC2 does not answer, or does not allow it.
    """
    ec2 = boto3.client("ec2", region_name=region)
    deadline = time.monotonic() + seconds
    while not (keys := host_keys(_console(ec2, instance))) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return keys


def _console(ec2: Any, instance: str) -> str:
    try:
        said = ec2.get_console_output(InstanceId=instance, Latest=True)
    except ClientError as error:
        # Only instances on Nitro show what is newest.
        if error.response["Error"]["Code"] != "UnsupportedOperation":
            raise
        said = ec2.get_console_output(InstanceId=instance)
    return str(said.get("Output", ""))


def add(address: str, keys: list[str], path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        is_cut = bool(content := file.read()) and not content.endswith("\n")
        file.write("\n" * is_cut + "".join(f"{address} {key}\n" for key in keys))


def _run(*command: str) -> str:
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=SSH_SECONDS,
            stdin=subprocess.DEVNULL,
        ).stdout  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="host_keys.py", description=__doc__)
    parser.add_argument("--address", required=True)
    parser.add_argument("--instance", required=True)
    parser.add_argument("--region", required=True)
    parser.add_argument("--launched", default="", help="the time of its start, in ISO 8601")
    arguments = parser.parse_args()
    address = arguments.address
    files = known_hosts(address)
    if not files or is_known(address, files):
        return 0
    try:
        keys = read_console(arguments.instance, arguments.region, _patience(arguments.launched))
        reason = "it shows none"
    except (ClientError, BotoCoreError) as error:
        keys, reason = [], str(error)
    if keys:
        add(address, keys, files[0])
        print(f"{address}: its host keys were read from the console of EC2 into {files[0]}.")
    else:
        print(
            f"{address}: its host keys cannot be read from the console of EC2 ({reason}). The key"
            " of this first login is accepted, and every later one must be the same."
        )
    return 0


def _patience(launched: str) -> float:
    try:
        at = datetime.fromisoformat(launched.replace("Z", "+00:00"))
    except ValueError:
        return 0
    return WAIT_SECONDS if datetime.now(timezone.utc) - at < NEW else 0


if __name__ == "__main__":
    sys.exit(main())
