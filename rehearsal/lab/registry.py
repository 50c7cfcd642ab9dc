"""Simulates the public registries: stand-ins are pulled under the originals' names.

Debian's docker-registry runs in the private engine's network; the host resolves the registries'
names to it and trusts its certificate. The product is unchanged.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trustme

from rehearsal.lab.engine import Engine
from rehearsal.lab.images import build_placeholder
from rehearsal.lab.private_engine import PrivateEngine
from rehearsal.lab.programs import Background, ProgramFailedError, run
from rehearsal.lab.workspace import LabError, Workspace

PROCESS = "registry"
NAMES = ("registry-1.docker.io", "ghcr.io")
START_SECONDS = 20
CONFIGURATION = """\
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: /var/lib/docker-registry}}
http:
  addr: :443
  tls: {certificate: /etc/docker/registry/server.pem, key: /etc/docker/registry/server.key}
"""


def authority(workspace: Workspace) -> bytes:
    """The certificate of the authority that signs for the simulated registries."""
    return _certificates(workspace)[0].read_bytes()


def start_registry(workspace: Workspace, engine: PrivateEngine) -> dict[str, str]:
    """Start the registry; returns the addresses of the names that it serves."""
    _, server, key = _certificates(workspace)
    settings = Path(f"/proc/{engine.process.pid}/root/etc/docker/registry")
    (settings / "server.pem").write_bytes(server.read_bytes())
    (settings / "server.key").write_bytes(key.read_bytes())
    (settings / "rehearsal.yml").write_text(CONFIGURATION)
    command = ("docker-registry", "serve", "/etc/docker/registry/rehearsal.yml")
    background = Background(workspace)
    background.start(PROCESS, engine.inside(*command))
    deadline = time.monotonic() + START_SECONDS
    while not _listens(engine):
        if background.find(PROCESS) is None or time.monotonic() > deadline:
            log = background.log(PROCESS).read_text()[-2000:]
            raise LabError(f"The registry of stand-ins did not start:\n{log}")
        time.sleep(0.05)
    return dict.fromkeys(NAMES, engine.gateway)


def publish(workspace: Workspace, engine: Engine, images: list[str]) -> None:
    """Build a stand-in for each of `images` and push it under the original's name."""
    for image in images:
        tag = local_tag(image)
        print(f"  {image} ...", flush=True)
        build_placeholder(engine, workspace, image, tag)
        _push(engine, tag)


def publish_older(workspace: Workspace, engine: Engine, image: str) -> str:
    """Publish what `image` was before its last security fixes; returns its digest.

    Nothing is named by it: the tag of `image` keeps naming the newest.
    """
    tag = f"{local_tag(image)}-before"
    build_placeholder(engine, workspace, image, tag, {"SECURITY": "no"})
    return _push(engine, tag)


def publish_successor(engine: Engine, image: str, instructions: str) -> str:
    """Let the tag of `image` name it with further `instructions` applied; returns the digest."""
    tag = local_tag(image)
    dockerfile = f"FROM {tag}\n{instructions}\n".encode()
    engine.docker.images.build(fileobj=io.BytesIO(dockerfile), tag=tag, rm=True)
    return _push(engine, tag)


@contextmanager
def published(engine: Engine, image: str, instructions: str) -> Iterator[str]:
    """A successor that is taken back at the end; yields its digest."""
    tag = local_tag(image)
    before = engine.docker.images.get(tag)
    try:
        yield publish_successor(engine, image, instructions)
    finally:
        before.tag(tag)
        _push(engine, tag)


def _push(engine: Engine, tag: str) -> str:
    """Push an image and return its digest.

    Raises:
        LabError: when the registry does not take it.
    """
    digest = ""
    for line in engine.docker.images.push(tag, stream=True, decode=True):
        if "error" in line:
            raise LabError(f"{tag} cannot be put into the registry: {line['error']}")
        digest = line.get("aux", {}).get("Digest") or digest
    return digest


def local_tag(image: str) -> str:
    """The name of the stand-in for `image` in the private engine.

    Docker accepts any certificate from a registry on loopback.
    """
    path = re.sub(r"^(docker\.io|ghcr\.io)/", "", image)
    # `python:3` is short for `docker.io/library/python:3`.
    return f"127.0.0.1:443/{path if '/' in path else f'library/{path}'}"


def _listens(engine: PrivateEngine) -> bool:
    try:
        listening = run(*engine.inside("ss", "--listening", "--tcp", "--numeric"), timeout=10)
    except ProgramFailedError:
        return False
    return ":443 " in listening


def _certificates(workspace: Workspace) -> tuple[Path, Path, Path]:
    """Authority, server certificate and server key; created once, so that image layers are
    stable.
    """
    folder = workspace.cache / "certificates"
    files = (folder / "authority.crt", folder / "server.pem", folder / "server.key")
    if not all(file.exists() for file in files):
        folder.mkdir(exist_ok=True)
        signer = trustme.CA(organization_name="HN Pal rehearsal")
        server = signer.issue_cert(*NAMES)
        signer.cert_pem.write_to_path(files[0])
        server.cert_chain_pems[0].write_to_path(files[1])
        server.private_key_pem.write_to_path(files[2])
    return files
