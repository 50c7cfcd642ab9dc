"""`python -m hnpal_backup.unpack`: reads a tar archive and says which plain files are in it.

The archive comes from where the app may write, so it is read by a process that is not root, may
write nothing, and gets little memory and time. It prints each file as a frame: the length of the
name (2 bytes), the name, the length of the content (8 bytes), the content.
"""

from __future__ import annotations

import re
import resource
import shutil
import struct
import sys
import tarfile
from pathlib import PurePosixPath

MAX_FILES = 5000
MAX_FILE_BYTES = 16 << 20
MAX_ALL_BYTES = 512 << 20
MAX_MEMORY_BYTES = 256 << 20
MAX_CPU_SECONDS = 120
# Of what is said of refused files, which goes to a file.
MAX_WORDS_BYTES = 64 << 10
HEAD = struct.Struct(">H")
LENGTH = struct.Struct(">Q")
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,120}")
BLOCK_BYTES = 1 << 16
# So many are named.
MAX_REFUSALS = 20
NO_ARCHIVE = 3


def confine() -> None:
    """Give up what reading does not need."""
    for what, most in (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, MAX_CPU_SECONDS),
        (resource.RLIMIT_FSIZE, MAX_WORDS_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def main() -> int:
    confine()
    output, files, every, refused = sys.stdout.buffer, 0, 0, 0
    try:
        with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
            for member in archive:
                if member.isdir():
                    continue
                name = PurePosixPath(member.name).name
                if reason := refusal(member, name, files, every):
                    refused += 1
                    if refused <= MAX_REFUSALS:
                        print(f"refused {name[:120]!a}: {reason}", file=sys.stderr)
                    continue
                content = archive.extractfile(member)
                assert content is not None
                files, every = files + 1, every + member.size
                output.write(HEAD.pack(len(name)) + name.encode() + LENGTH.pack(member.size))
                shutil.copyfileobj(content, output)
        # The rest of the last block, so that the packing program can end by itself.
        while sys.stdin.buffer.read(BLOCK_BYTES):
            pass
    except tarfile.TarError as error:
        print(f"no archive: {error}", file=sys.stderr)
        return NO_ARCHIVE
    output.flush()
    return 0


def refusal(member: tarfile.TarInfo, name: str, files: int, every: int) -> str:
    """Why a file is left out; empty if it is not."""
    if not member.isreg() or member.issparse():
        return "it is no plain file"
    if not NAME.fullmatch(name):
        return "its name"
    if member.size > MAX_FILE_BYTES:
        return f"it is larger than {MAX_FILE_BYTES} bytes"
    if files >= MAX_FILES or every + member.size > MAX_ALL_BYTES:
        return "there are too many before it"
    return ""


if __name__ == "__main__":
    sys.exit(main())
