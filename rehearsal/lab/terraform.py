"""Provides Terraform on machines without the program or without access to its registry."""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import urllib.request
import zipfile
from pathlib import Path

from rehearsal.lab.workspace import LabError, Workspace

VERSION = "1.11.4"
RELEASES = f"https://releases.hashicorp.com/terraform/{VERSION}"
REGISTRY = "registry.terraform.io"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
# Folders with plugins on machines without access to the registry.
MIRRORS = (
    Path.home() / ".terraform.d/plugins",
    Path("/usr/local/share/terraform/plugins"),
    Path("/usr/share/terraform/plugins"),
    *sorted(Path("/opt").glob("*")),
)


def environment(workspace: Workspace) -> dict[str, str]:
    """The variables with which a command finds Terraform, and Terraform its plugins.

    Raises:
        LabError: Terraform is missing and cannot be downloaded.
    """
    found = {}
    if not shutil.which("terraform"):
        found["PATH"] = f"{_fetched(workspace).parent}:{os.environ['PATH']}"
    settings = os.environ.get("TF_CLI_CONFIG_FILE")
    if settings and Path(settings).exists():
        found["TF_CLI_CONFIG_FILE"] = settings
    elif mirror := _mirror():
        found["TF_CLI_ARGS_init"] = f"-plugin-dir={mirror}"
    return found


def _mirror() -> str | None:
    named = os.environ.get("TERRAFORM_PLUGIN_DIR")
    if named:
        return named
    return next((str(folder) for folder in MIRRORS if (folder / REGISTRY).is_dir()), None)


def _fetched(workspace: Workspace) -> Path:
    program = workspace.cache / "terraform" / VERSION / "terraform"
    if program.exists():
        return program
    archive = f"terraform_{VERSION}_linux_{MACHINES.get(platform.machine(), 'amd64')}.zip"
    try:
        print(f"  fetching Terraform {VERSION} ...", flush=True)
        data = _read(f"{RELEASES}/{archive}")
        sums = _read(f"{RELEASES}/terraform_{VERSION}_SHA256SUMS").decode()
    except OSError as error:
        raise LabError(
            f"Terraform is missing and cannot be fetched ({error}). Install it:"
            " https://developer.hashicorp.com/terraform/install"
        ) from error
    if f"{hashlib.sha256(data).hexdigest()}  {archive}" not in sums:
        raise LabError(f"{RELEASES}/{archive} does not match its checksum; nothing was installed.")
    program.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(io.BytesIO(data)) as files:
        program.write_bytes(files.read("terraform"))
    program.chmod(0o755)
    return program


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        data: bytes = answer.read()
    return data
