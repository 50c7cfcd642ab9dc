"""The images of the services: named by tag in the code, pinned by digest in a lock on the host.

The lock is a Compose file that is read after the code's own, so every container is started with its
reference, by a play or by hand. Without an entry the tag is used. Compose cannot pin the base of
the app's image; the lock contains it as a build argument.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import hnpal_files
from hnpal_host import docker, engine_api, settings
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError
from hnpal_host.image_versions import APP, refusal, running_version, version_in_image

BASE_ARGUMENT = "PYTHON_IMAGE"
BASE_LINE = re.compile(rf"^ARG {BASE_ARGUMENT}=(\S+)", re.MULTILINE)
PINNED = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")
# The characters of a base's digest in the tag of an app's image built on it.
MARK_CHARACTERS = 12
PULL_SECONDS = 900

Content = dict[str, Any]


def ensure(config: HostConfig) -> None:
    """Create an empty lock if there is none, because Compose requires every named file."""
    if not config.images.exists():
        config.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        _write(config.images, {"services": {}})


def read(config: HostConfig) -> dict[str, str]:
    """The pinned references by service.

    Raises:
        HostError: the lock is damaged; the message names the file.
    """
    return _references(_content(config.images))


def named(config: HostConfig) -> dict[str, str]:
    """The images in the code: the data services', and the base of the app's.

    Raises:
        HostError: Compose rejects its file.
    """
    arguments = [f"--file={config.clone / config.compose_file}", "config", "--format", "json"]
    services = json.loads(docker.compose_alone(config, *arguments))["services"]
    found = {name: str(services[name]["image"]) for name in config.data_services}
    try:
        base = BASE_LINE.search((config.clone / "backend" / "Dockerfile").read_text())
    except OSError:
        base = None
    return found | ({APP: base[1]} if base else {})


def base(config: HostConfig) -> str:
    """The pinned base of the app's image, if the code still names its tag."""
    pinned = read(config).get(APP, "")
    return pinned if pinned.partition("@")[0] == named(config).get(APP) else ""


def running(config: HostConfig, service: str) -> str:
    """A data service's running image, pinned if its digest is known; empty if there is none."""
    reference = _named_by(config, service)
    if not reference or "@" in reference:
        return reference
    return (
        _pinned(reference, docker.inspect(f"{config.project}-{service}")[0]["Image"]) or reference
    )


def resolve(config: HostConfig, services: list[str], given: dict[str, str]) -> list[Content]:
    """Fetch the newest image of each tag, or the one that is `given`, and describe it.

    Running containers are not changed. An image of another major version, or older than the
    running one, has the reason under `refused`.

    Raises:
        HostError: a registry does not answer.
    """
    tags = named(config)
    return [_candidate(config, name, tags[name], given.get(name, "")) for name in services]


def _candidate(config: HostConfig, service: str, tag: str, given: str) -> Content:
    reference = given or f"{tag}@{engine_api.digest_in_registry(tag)}"
    if not PINNED.fullmatch(reference):
        raise HostError(f"{service}: {reference} is not pinned as name:tag@sha256:digest")
    docker.run("pull", "--quiet", reference, seconds=PULL_SECONDS)
    image = json.loads(docker.run("image", "inspect", reference))[0]
    version = version_in_image(service, reference)
    before = running_version(config, service)
    named_now = read(config).get(service, "") if service == APP else _named_by(config, service)
    return {
        "service": service,
        "reference": reference,
        "version": version,
        "created": str(image.get("Created", "")),
        "running_version": before,
        # Also for an image that runs by its tag, which is then pinned.
        "is_due": named_now != reference,
        "refused": refusal(service, reference, version, before),
    }


def pin(config: HostConfig, service: str, reference: str, by: str) -> None:
    """Write a reference to the lock; the previous one is kept until `confirm`.

    Raises:
        HostError: the reference has no digest.
    """
    if not PINNED.fullmatch(reference):
        raise HostError(f"{reference} is not pinned as name:tag@sha256:digest")
    before = _content(config.images)
    if service != APP and service not in _references(before) and not _is_tag(config, service):
        _put(before, service, running(config, service))
    if not config.images_before.exists():
        _write(config.images_before, before)
    content = _content(config.images)
    _put(content, service, reference)
    at = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    version = version_in_image(service, reference)
    content.setdefault("x-upgraded", {})[service] = {"at": at, "by": by, "version": version}
    _write(config.images, content)


def confirm(config: HostConfig) -> None:
    """Confirm the lock's images: delete the previous references, and move the tags."""
    for reference in read(config).values():
        docker.run("tag", reference, reference.partition("@")[0])
    config.images_before.unlink(missing_ok=True)
    hnpal_files.sync_directory(config.home)


def restore_previous(config: HostConfig) -> bool:
    """Restore the references from before an unfinished upgrade. Returns whether there was one."""
    try:
        before = _content(config.images_before) if config.images_before.exists() else None
    except HostError:
        before = None
    if before is not None:
        _write(config.images, before)
    confirm(config)
    return before is not None


def finish_upgrade(config: HostConfig) -> list[str]:
    """Finish an interrupted upgrade, according to what runs; returns what was done."""
    if not config.images_before.exists():
        return []
    if all(_runs(config, service, pinned) for service, pinned in read(config).items()):
        confirm(config)
        return ["the images of the upgrade that was cut off run, and stay"]
    restore_previous(config)
    if config.data_services:
        up = ["up", "--detach", "--no-deps", "--no-build", "--pull=never", "--wait"]
        docker.compose(config, *up, *config.data_services)
    return ["took back the images of the upgrade that was cut off"]


def _runs(config: HostConfig, service: str, reference: str) -> bool:
    """Whether a service runs an image and is healthy; for the app, whether its last release was."""
    if service == APP:
        tag = settings.read(config.good_settings).get("HNPAL_TAG", "")
        return tag.endswith(reference.partition("@sha256:")[2][:MARK_CHARACTERS])
    found = docker.inspect(f"{config.project}-{service}")
    health = found[0]["State"].get("Health") or {} if found else {}
    return running(config, service) == reference and health.get("Status") == "healthy"


def _is_tag(config: HostConfig, service: str) -> bool:
    """Whether a data service runs the image that its tag names on this host."""
    found = docker.inspect(f"{config.project}-{service}")
    tag = found[0]["Config"]["Image"] if found else ""
    if not found or "@" in tag:
        return False
    image = json.loads(docker.run("image", "inspect", tag))[0]
    return bool(image["Id"] == found[0]["Image"])


def repair(config: HostConfig) -> list[str]:
    """Replace a damaged lock by what runs; returns what was done."""
    try:
        read(config)
    except HostError:
        aside = config.images.with_name(f"{config.images.name}.damaged")
        config.images.replace(aside)
        content: Content = {"services": {}}
        for service in config.data_services:
            # What runs by its tag had no entry; with one, it would be replaced by the same image.
            if not _is_tag(config, service) and PINNED.fullmatch(
                reference := running(config, service)
            ):
                _put(content, service, reference)
        _put(content, APP, _base_of_running(config))
        _write(config.images, content)
        return [f"wrote {config.images} anew from what runs; what it was is in {aside}"]
    return []


def _base_of_running(config: HostConfig) -> str:
    """The base that the last good release was built on, if Docker still knows it by its digest."""
    mark = settings.read(config.good_settings).get("HNPAL_TAG", "").partition("-")[2]
    tag = named(config).get(APP, "") if mark else ""
    known = json.loads(docker.run("image", "inspect", tag))[0]["RepoDigests"] if tag else []
    digests = [one.partition("@")[2] for one in known]
    fits = [digest for digest in digests if digest.startswith(f"sha256:{mark}")]
    return f"{tag}@{fits[0]}" if fits else ""


def _content(path: Path) -> Content:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        _references(content)
    except FileNotFoundError:
        return {"services": {}}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise HostError(f"{path} is damaged ({error}); doctor.yml writes it anew") from error
    return dict(content)


def _references(content: Content) -> dict[str, str]:
    services = dict(content.get("services", {}))
    found = {name: _reference(name, dict(one)) for name, one in services.items()}
    return {name: reference for name, reference in found.items() if reference}


def _reference(service: str, definition: Content) -> str:
    if service == APP:
        return str(definition.get("build", {}).get("args", {}).get(BASE_ARGUMENT, ""))
    return str(definition.get("image", ""))


def _put(content: Content, service: str, reference: str) -> None:
    if service == APP:
        entry: Content = {"build": {"args": {BASE_ARGUMENT: reference}}}
    else:
        entry = {"image": reference}
    if reference:
        content.setdefault("services", {})[service] = entry


def _write(path: Path, content: Content) -> None:
    hnpal_files.write(path, json.dumps(content, indent=1) + "\n")


def _named_by(config: HostConfig, service: str) -> str:
    """The reference that a container was created from; empty if there is none."""
    found = docker.inspect(f"{config.project}-{service}")
    return str(found[0]["Config"]["Image"]) if found else ""


def _pinned(tag: str, image: str) -> str:
    """A running image with its digest in the tag's registry; empty if it has none."""
    try:
        digests = json.loads(docker.run("image", "inspect", image))[0].get("RepoDigests") or []
    except HostError:
        return ""
    name = tag.rpartition(":")[0] if ":" in tag.rpartition("/")[2] else tag
    known = [one for one in digests if one.partition("@")[0] in {name, f"docker.io/{name}"}]
    return f"{tag}@{known[0].partition('@')[2]}" if known else ""
