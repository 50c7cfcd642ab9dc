"""The seal of a manifest: only somebody with this host's key can have written it (HMAC, RFC 2104).

A bucket can be written by whoever gets its key or role. A dump from there is restored only if its
manifest bears the seal, and its bytes are those that the manifest promises.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import hnpal_files
from hnpal_backup.dumps import Manifest
from hnpal_backup.failure import BackupError

MIN_KEY_CHARACTERS = 32


@dataclass(frozen=True)
class Seal:
    key: bytes

    def put_on(self, manifest: Manifest) -> Manifest:
        return replace(manifest, seal=self._of(manifest))

    def is_on(self, manifest: Manifest) -> bool:
        return hmac.compare_digest(self._of(manifest), manifest.seal)

    def _of(self, manifest: Manifest) -> str:
        content = asdict(replace(manifest, seal=""))
        message = json.dumps(content, sort_keys=True).encode()
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()


def read_seal(path: Path) -> Seal:
    """The seal by the key in a file for root alone, which is made on first use.

    Raises:
        BackupError: when the file holds no key; the message names it.
    """
    try:
        key = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        key = secrets.token_hex(32)
        path.parent.mkdir(parents=True, exist_ok=True)
        hnpal_files.write(path, f"{key}\n", mode=0o600)
    except (OSError, ValueError) as error:
        raise BackupError(f"{path} cannot be read ({type(error).__name__})") from None
    if len(key) < MIN_KEY_CHARACTERS or path.stat().st_mode & 0o077:
        raise BackupError(
            f"{path} must hold a key of {MIN_KEY_CHARACTERS} characters or more, for root alone"
        )
    return Seal(key.encode())
