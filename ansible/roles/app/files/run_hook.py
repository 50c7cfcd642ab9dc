"""Runs one of the operator's hooks on the control node, and prints what it said as JSON.

    python run_hook.py FILE SECONDS < secrets.json

The input is a list of texts that are replaced in the output. A hook that takes longer is killed
with everything that it has started. The exit code is 0 whatever the hook did.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

# Shorter values could be part of any word.
MIN_SECRET = 4
MAX_OUTPUT = 4000
HIDDEN = "(secret)"


def main() -> int:
    parser = argparse.ArgumentParser(prog="run_hook.py", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("seconds", type=float)
    arguments = parser.parse_args()
    secrets = json.loads(sys.stdin.read() or "[]")
    print(json.dumps(run(arguments.file, arguments.seconds, secrets)))
    return 0


def run(file: Path, seconds: float, secrets: Iterable[Any]) -> dict[str, Any]:
    """Run the hook, if there is one. Returns whether it `ran`, its `complaint` (empty if it
    succeeded) and its `output` without the secrets.
    """
    try:
        mode = file.stat().st_mode
    except FileNotFoundError:
        return {"ran": False, "complaint": "", "output": ""}
    except OSError as error:
        return {"ran": False, "complaint": f"cannot be read: {error.strerror}", "output": ""}
    if not stat.S_ISREG(mode) or not os.access(file, os.X_OK):
        return {"ran": False, "complaint": f"is not executable: chmod +x {file}", "output": ""}
    # Not a pipe: a program that the hook leaves behind would keep it open.
    with tempfile.TemporaryFile() as output:
        complaint = _wait(file, seconds, output)
        output.seek(max(0, output.seek(0, os.SEEK_END) - 4 * MAX_OUTPUT))
        text = output.read().decode(errors="replace")
    return {"ran": True, "complaint": complaint, "output": without_secrets(text, secrets)}


def _wait(file: Path, seconds: float, output: IO[bytes]) -> str:
    try:
        process = subprocess.Popen(
            [file], stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    except OSError as error:
        return f"cannot be started: {error.strerror} (does its first line name its program?)"
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return f"took longer than {seconds:.0f} s and was killed"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return f"failed with exit code {code}" if code else ""


def without_secrets(text: str, secrets: Iterable[Any]) -> str:
    """The end of the text, with every secret replaced, also each line of one with several."""
    parts = {line.strip() for secret in secrets for line in str(secret).splitlines()}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= MIN_SECRET:
            text = text.replace(part, HIDDEN)
    return text.strip()[-MAX_OUTPUT:]


if __name__ == "__main__":
    sys.exit(main())
