"""The public registries, simulated: stand-ins are pulled from where the originals would be.

Debian's docker-registry answers in the private engine's network; the host finds it under the
registries' own names and trusts its certificate. Nothing in the product knows of it.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import trustme

from rehearsal.lab.engine import Engine
from rehearsal.lab.images import build_stand_in
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
    """Start the registry; returns the addresses of the names that it answers for."""
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
    """Build a stand-in for each of `images` and put it where the host looks for the original."""
    for image in images:
        # Docker takes any certificate from a registry on loopback.
        tag = f"127.0.0.1:443/{_path(image)}"
        print(f"  {image} ...", flush=True)
        build_stand_in(engine, workspace, image, tag)
        for line in engine.docker.images.push(tag, stream=True, decode=True):
            if "error" in line:
                raise LabError(f"{image} cannot be put into the registry: {line['error']}")


def _path(image: str) -> str:
    """`python:3` is short for `docker.io/library/python:3`."""
    path = re.sub(r"^(docker\.io|ghcr\.io)/", "", image)
    return path if "/" in path else f"library/{path}"


def _listens(engine: PrivateEngine) -> bool:
    try:
        listening = run(*engine.inside("ss", "--listening", "--tcp", "--numeric"), timeout=10)
    except ProgramFailedError:
        return False
    return ":443 " in listening


def _certificates(workspace: Workspace) -> tuple[Path, Path, Path]:
    """Authority, server certificate, server key: made once, so that image layers stay the same."""
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
