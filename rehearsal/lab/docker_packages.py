"""Simulates Docker's package repository where the real one cannot be reached.

It serves Debian 13's Docker under the names of Docker's packages, signed with a key created here.
runc is Debian 12's, so that the packages also work on Debian 12, which has no Compose v2.
"""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from rehearsal.lab.private_engine import PrivateEngine
from rehearsal.lab.programs import Background, ProgramFailedError, run
from rehearsal.lab.workspace import LabError, Workspace

PROCESS = "docker-packages"
SUITES = ("bookworm", "trixie")
PORT = 8480
DEBIAN_URL = "http://deb.debian.org/debian"
# Debian's package → the name and dependencies of Docker's package.
PACKAGES = {
    "docker.io": ("docker-ce", "containerd.io, docker-ce-cli, iptables, adduser"),
    "docker-cli": ("docker-ce-cli", "libc6"),
    "containerd": ("containerd.io", "libc6, libseccomp2"),
    "docker-buildx": ("docker-buildx-plugin", "docker-ce-cli"),
    "docker-compose": ("docker-compose-plugin", "docker-ce-cli"),
}
RELATIONS = (
    r"^(Depends|Pre-Depends|Recommends|Suggests|Enhances|Breaks|Replaces|Conflicts|Provides|Source"
    r"|Built-Using|Static-Built-Using): .*\n(?: .*\n)*"
)
KEY_OWNER = "Docker packages of the rehearsal"


@dataclass(frozen=True, slots=True)
class DockerPackages:
    """The settings with which a host finds the repository."""

    url: str
    key_checksum: str


def start_repository(workspace: Workspace, engine: PrivateEngine) -> None:
    """Build the repository if necessary (half a minute), and serve it."""
    folder = _folder(workspace)
    if not folder.exists():
        print("  Docker's packages ...", flush=True)
        _build(folder, engine)
    web = (sys.executable, "-m", "http.server", "--bind", engine.outside_address, str(PORT))
    Background(workspace).start(PROCESS, [*web, "--directory", folder.parent])
    (workspace.run / "docker-packages.url").write_text(f"http://{engine.outside_address}:{PORT}")


def find_repository(workspace: Workspace) -> DockerPackages | None:
    """The repository that this run serves, if it does."""
    record = workspace.run / "docker-packages.url"
    if not record.exists():
        return None
    key = (_folder(workspace) / "gpg").read_bytes()
    return DockerPackages(record.read_text(), f"sha256:{hashlib.sha256(key).hexdigest()}")


def _folder(workspace: Workspace) -> Path:
    return workspace.cache / "docker-packages" / "debian"


def _build(folder: Path, engine: PrivateEngine) -> None:
    if not shutil.which("gpg") or not shutil.which("dpkg-deb"):
        raise LabError("Docker's packages need gpg and dpkg-deb: apt-get install gnupg dpkg")
    folder.parent.mkdir(exist_ok=True)
    draft = folder.with_name("unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    pool = draft / "pool"
    pool.mkdir(parents=True)
    originals = _download(engine)
    for name, (renamed, needs) in PACKAGES.items():
        _rename(originals[name], originals["runc"], pool / f"{renamed}.deb", renamed, needs)
    key_ring = draft.with_name("keys")
    shutil.rmtree(key_ring, ignore_errors=True)
    key_ring.mkdir(mode=0o700)
    gpg = ("gpg", "--homedir", key_ring, "--batch", "--yes", "--quiet")
    unlocked = ("--pinentry-mode=loopback", "--passphrase=")
    run(*gpg, *unlocked, "--quick-generate-key", KEY_OWNER, "ed25519", "sign", timeout=60)
    run(*gpg, "--armor", "--output", draft / "gpg", "--export", KEY_OWNER, timeout=30)
    for suite in SUITES:
        release = _index(draft, suite)
        run(*gpg, "--clearsign", "--output", release.with_name("InRelease"), release, timeout=30)
    run("gpgconf", "--homedir", key_ring, "--kill", "gpg-agent", timeout=30)
    shutil.rmtree(key_ring, ignore_errors=True)
    draft.rename(folder)


def _download(engine: PrivateEngine) -> dict[str, Path]:
    """Debian's packages by name, downloaded with the engine's apt."""
    root = Path(f"/proc/{engine.process.pid}/root")
    target = root / "var/cache/docker-packages"
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    sources = root / "etc/apt/sources.list.d/bookworm-runc.list"
    sources.write_text(f"deb {DEBIAN_URL} bookworm main\n")
    try:
        run(*engine.inside("apt-get", "update", "-qq"), timeout=300)
        wanted = [f"{name}/trixie" for name in PACKAGES] + ["runc/bookworm"]
        fetch = f"cd /var/cache/docker-packages && apt-get download -qq {' '.join(wanted)}"
        run(*engine.inside("sh", "-c", fetch), timeout=600)
    except ProgramFailedError as error:
        raise LabError(f"Debian's Docker packages cannot be fetched: {error}") from error
    finally:
        sources.unlink()
    return {deb.name.split("_")[0]: deb for deb in target.glob("*.deb")}


def _rename(deb: Path, runc: Path, target: Path, name: str, needs: str) -> None:
    """The package with another name and other dependencies; containerd includes runc."""
    tree = target.with_suffix("")
    run("dpkg-deb", "--raw-extract", deb, tree, timeout=120)
    if name == "containerd.io":
        run("dpkg-deb", "--extract", runc, tree, timeout=60)
    control = tree / "DEBIAN/control"
    text = re.sub(r"^Package: .*", f"Package: {name}", control.read_text(), flags=re.MULTILINE)
    text = re.sub(RELATIONS, "", text, flags=re.MULTILINE)
    control.write_text(text.replace("Description:", f"Depends: {needs}\nDescription:", 1))
    run("dpkg-deb", "--root-owner-group", "-Zgzip", "--build", tree, target, timeout=300)
    shutil.rmtree(tree)


def _index(folder: Path, suite: str) -> Path:
    """Write apt's index of a suite; returns the Release file, which must be signed."""
    entries = []
    for deb in sorted((folder / "pool").glob("*.deb")):
        control = run("dpkg-deb", "--field", deb, timeout=30).strip()
        digest = hashlib.sha256(deb.read_bytes()).hexdigest()
        place = f"Filename: pool/{deb.name}\nSize: {deb.stat().st_size}\nSHA256: {digest}\n"
        entries.append(f"{control}\n{place}")
    architecture = run("dpkg", "--print-architecture", timeout=10).strip()
    lists = folder / "dists" / suite / "stable" / f"binary-{architecture}"
    lists.mkdir(parents=True)
    index = "\n".join(entries).encode()
    (lists / "Packages").write_bytes(index)
    (lists / "Packages.gz").write_bytes(gzip.compress(index))
    release = folder / "dists" / suite / "Release"
    sums = "".join(
        f" {hashlib.sha256(file.read_bytes()).hexdigest()} {file.stat().st_size}"
        f" {file.relative_to(release.parent)}\n"
        for file in sorted(lists.iterdir())
    )
    release.write_text(
        f"Origin: Docker\nLabel: Docker CE\nSuite: {suite}\nCodename: {suite}\nComponents: stable\n"
        f"Architectures: {architecture}\nSHA256:\n{sums}"
    )
    return release
