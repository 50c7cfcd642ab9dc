#!/usr/bin/env python3
"""Install a pinned uv in .tools/, using only Python's standard library.

A fresh Debian has neither pip nor curl. The wheel on PyPI is a zip file with the static binary, so
the script downloads it, checks its hash and unpacks it.
"""

from __future__ import annotations

import hashlib
import io
import platform
import sys
import urllib.request
import zipfile
from pathlib import Path

VERSION = "0.13.9"
TOOLS = Path(__file__).resolve().parent.parent / ".tools"
# The static builds, which run on every distribution. For each architecture: path on PyPI's file
# host, SHA-256.
WHEELS = {
    ("Linux", "x86_64"): (
        "fe/fe/794884de0efd3ac77a427cab21aa72c0483e100c55a42cd5cbb02c141b84"
        "/uv-0.13.9-py3-none-musllinux_1_1_x86_64.whl",
        "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
    ),
    ("Linux", "aarch64"): (
        "57/15/94b6cd62ac3ff6550288328e8035288875197cbc183f51554b266a69877b"
        "/uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
    ),
    ("Darwin", "arm64"): (
        "f3/a7/a8d7b074798c7fb3b26b37584b8fe2e29df2ccdc24ce7902caab2a53edbf"
        "/uv-0.13.9-py3-none-macosx_11_0_arm64.whl",
        "66c512266d633bef48384a1f53003f41f2a8e7b36fe6e7fbfd3e0fd52d96fa63",
    ),
    ("Darwin", "x86_64"): (
        "1e/db/08e9ef4879bd667e6d7b4705e594e5bd3e4585f10fc63cb16b9fa2fac63e"
        "/uv-0.13.9-py3-none-macosx_10_12_x86_64.whl",
        "c16ed11e013557536b3e60065f1b912f6407bd6518e041b961e23ef9e6b4fbf5",
    ),
}


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this is the check a newcomer meets
        raise SystemExit(f"HN Pal needs Python 3.11 or newer; this is {platform.python_version()}.")
    target = TOOLS / "uv"
    stamp = TOOLS / "uv.version"
    if target.exists() and stamp.exists() and stamp.read_text() == VERSION:
        return
    machine = (platform.system(), platform.machine())
    if machine not in WHEELS:
        raise SystemExit(f"No uv is pinned for {machine}; put uv {VERSION} at {target} yourself.")
    sys.stderr.write(f"Installing uv {VERSION} into {target.parent} ...\n")
    wheel = _download(*WHEELS[machine])
    TOOLS.mkdir(exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        target.write_bytes(archive.read(f"uv-{VERSION}.data/scripts/uv"))
    target.chmod(0o755)
    stamp.write_text(VERSION)


def _download(path: str, sha256: str) -> bytes:
    url = f"https://files.pythonhosted.org/packages/{path}"
    try:
        with urllib.request.urlopen(url, timeout=180) as reply:
            content: bytes = reply.read()
    except OSError as error:
        raise SystemExit(
            f"Could not fetch {url}: {error}. Check the network and try again."
        ) from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise SystemExit(f"{url} does not have the pinned SHA-256 {sha256}.")
    return content


if __name__ == "__main__":
    main()
