"""The images that the product names, and stand-ins for them where no registry can be reached."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Mapping
from pathlib import Path

import yaml
from docker.errors import BuildError, ImageNotFound

from rehearsal.lab import debian
from rehearsal.lab.engine import Engine
from rehearsal.lab.programs import run
from rehearsal.lab.workspace import CLONE, LabError, Workspace

RECIPES = CLONE / "rehearsal" / "images"
OWN_IMAGES = "hnpal-rehearsal"
SYSTEM = "debian:13"
# Their s3fs does not support a role with IMDSv2.
WITHOUT_ROLE = {"debian:12", "ubuntu:22.04"}
SUITES = {"debian:12": "bookworm", "debian:13": "trixie"}
LOCAL_AUTHORITIES = Path("/usr/local/share/ca-certificates")
# The images that a recipe can stand in for; another major version needs another recipe.
STAND_INS = {
    "python": r"python:3\.11-slim",
    "postgres": r"postgres:15-alpine",
    "redis": r"redis:7-alpine",
    "uv": r"ghcr\.io/astral-sh/uv:.+",
}


def image_names(clone: Path) -> list[str]:
    """The public images in the product's Dockerfile and compose file."""
    dockerfile = (clone / "backend/Dockerfile").read_text()
    stages = set(re.findall(r"(?i)^FROM \S+ AS (\S+)", dockerfile, re.MULTILINE))
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)", dockerfile, re.MULTILINE))
    found = re.findall(r"^(?:FROM |COPY --from=)(\S+)", dockerfile, re.MULTILINE)
    bases = {re.sub(r"\$\{(\w+)\}", lambda one: arguments[one[1]], base) for base in found}
    services = yaml.safe_load((clone / "docker-compose.prod.yml").read_text())["services"]
    built = {service["image"] for service in services.values() if "build" in service}
    used = {service["image"] for service in services.values()} - built
    return sorted({*bases, *used} - stages)


def build_placeholder(
    engine: Engine,
    workspace: Workspace,
    image: str,
    tag: str,
    arguments: Mapping[str, str] | None = None,
) -> None:
    """Build a stand-in for the public `image` from Debian packages, tagged `tag`."""
    recipe = next((name for name, fits in STAND_INS.items() if re.fullmatch(fits, image)), None)
    if recipe is None:
        raise LabError(f"No registry answers, and rehearsal/images has no stand-in for {image}.")
    extra = {"uv": _uv(image)} if recipe == "uv" else {}
    _build(engine, workspace, RECIPES / recipe, tag, extra, arguments)


def build_host(
    engine: Engine, workspace: Workspace, certificates: Mapping[str, bytes], system: str = SYSTEM
) -> str:
    """Build the image of a bare host with `system`, such as debian:12; returns its name."""
    tag = f"{OWN_IMAGES}/host:{system.replace(':', '-')}"
    if not engine.pulls and system not in SUITES:
        known = ", ".join(SUITES)
        raise LabError(f"No registry answers, and only {known} have stand-ins, not {system}.")
    extra = _to_trust(certificates)
    _build(engine, workspace, RECIPES / "host", tag, extra, {"SYSTEM": system})
    return tag


def build_machine(engine: Engine, workspace: Workspace, certificates: Mapping[str, bytes]) -> str:
    """Build the image of a virtual machine with Debian 13; returns its name."""
    tag = f"{OWN_IMAGES}/machine"
    _build(engine, workspace, RECIPES / "machine", tag, _to_trust(certificates))
    return tag


def local_authorities() -> dict[str, bytes]:
    """Certificate authorities that were added to this machine."""
    found = sorted(LOCAL_AUTHORITIES.glob("*.crt"))
    return {certificate.name: certificate.read_bytes() for certificate in found}


def _to_trust(certificates: Mapping[str, bytes]) -> dict[str, bytes]:
    return {f"certificates/{name}": data for name, data in certificates.items()}


def _build(
    engine: Engine,
    workspace: Workspace,
    recipe: Path,
    tag: str,
    extra: Mapping[str, bytes],
    arguments: Mapping[str, str] | None = None,
) -> None:
    named = re.search(r"^FROM (\S+)", (recipe / "Dockerfile").read_text(), re.MULTILINE)
    base = (arguments or {}).get("SYSTEM") or (named[1] if named else "")
    if base in SUITES and not engine.pulls:
        _ensure_debian(engine, workspace, base)
    try:
        engine.docker.images.build(
            fileobj=_context(recipe, extra),
            custom_context=True,
            tag=tag,
            rm=True,
            buildargs=dict(arguments or {}),
        )
    except BuildError as error:
        said = "".join(line.get("stream", "") for line in error.build_log)
        raise LabError(f"The image {tag} cannot be built: {error}\n{said[-2000:]}") from error


def _context(recipe: Path, extra: Mapping[str, bytes]) -> io.BytesIO:
    """A build context: the recipe, the machine's certificate authorities, and `extra` files."""
    files = {path.name: path.read_bytes() for path in recipe.iterdir()}
    files |= {f"certificates/{name}": data for name, data in local_authorities().items()}
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        folder = tarfile.TarInfo("certificates")
        folder.type, folder.mode = tarfile.DIRTYPE, 0o755
        archive.addfile(folder)
        for name, data in (files | dict(extra)).items():
            # Constant times and modes, so that the same files hit the layer cache.
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = (
                len(data),
                0o644 if name.endswith((".crt", "file", ".service")) else 0o755,
            )
            archive.addfile(entry, io.BytesIO(data))
    stream.seek(0)
    return stream


def _ensure_debian(engine: Engine, workspace: Workspace, image: str) -> None:
    try:
        engine.docker.images.get(image)
    except ImageNotFound:
        suite = SUITES[image]
        archive = workspace.cache / f"{suite}.tar"
        debian.unpack(workspace, suite, (), archive)
        repository, _, tag = image.partition(":")
        engine.docker.api.import_image_from_file(str(archive), repository=repository, tag=tag)


def _uv(image: str) -> bytes:
    wanted = image.rpartition(":")[2]
    program = CLONE / ".tools/uv"
    have = run(program, "--version", timeout=10).split()[1]
    if have != wanted:
        raise LabError(f"backend/Dockerfile names uv {wanted}, scripts/install_uv.py {have}.")
    return program.read_bytes()
