"""The bare host as a virtual machine, for drills that need a separate kernel.

qemu runs in a container, so that the machine needs neither root nor a package; the guest's SSH is
the container's port 22. qemu uses KVM where available. The guest is Debian's public cloud image
where it can be downloaded, else an equivalent built from packages.
"""

from __future__ import annotations

import hashlib
import io
import platform
import tarfile
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import yaml
from docker import DockerClient

from rehearsal.lab.host import (
    KIND,
    NAME,
    PREFIX,
    USER,
    Host,
    find_host,
    public_key,
    remove_leftovers,
)
from rehearsal.lab.workspace import LabError, Workspace

CLOUD_IMAGES = "https://cloud.debian.org/images/cloud/trixie/latest"
CLOUD_IMAGE = "debian-13-genericcloud-amd64.qcow2"
# Emulation without KVM is slow.
BOOT_SECONDS = 600
KVM = Path("/dev/kvm")


def start_machine(
    docker: DockerClient,
    workspace: Workspace,
    image: str,
    names: Mapping[str, str],
    certificates: Mapping[str, bytes],
) -> Host:
    """Boot a fresh machine in place of the previous host, and wait until it accepts logins.

    Raises:
        LabError: there is no recipe for this processor.
    """
    if platform.machine() != "x86_64":
        raise LabError("HOST=vm needs an x86_64 machine. Without it, the host is a container.")
    remove_leftovers(docker, workspace)
    container = docker.containers.create(
        image,
        name=PREFIX + NAME,
        labels={KIND: NAME},
        devices=[f"{KVM}:{KVM}:rwm"] if KVM.exists() else [],
        volumes={PREFIX + NAME: {"bind": "/disk"}},
        restart_policy={"Name": "always"},
    )
    seed = {
        "meta-data": b"instance-id: hnpal\nlocal-hostname: hnpal\n",
        "user-data": _user_data(public_key(workspace).decode(), names, certificates),
    }
    container.put_archive("/seed", _archive(seed))
    cloud_image = _cloud_image(workspace)
    if cloud_image is not None:
        container.put_archive("/disk", _archive({"cloud.qcow2": cloud_image.read_bytes()}))
    container.start()
    return find_host(docker, workspace, seconds=BOOT_SECONDS)


def how_it_runs(docker: DockerClient) -> str:
    """The image and the virtualisation of the machine, for the report."""
    said = docker.containers.get(PREFIX + NAME).exec_run(
        ["sh", "-c", "cat /disk/accelerator; ls /disk/cloud.qcow2 2>/dev/null"]
    )
    accelerator, *cloud = cast("bytes", said.output).decode().split()
    carried = "KVM" if accelerator == "kvm" else "plain emulation, no KVM"
    return f"{'public cloud image' if cloud else 'Debian from packages'}; {carried}"


def _user_data(key: str, names: Mapping[str, str], certificates: Mapping[str, bytes]) -> bytes:
    """cloud-init's configuration for the first boot, as on EC2."""
    user = {
        "name": USER,
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
        "shell": "/bin/bash",
        "ssh_authorized_keys": [key.strip()],
    }
    hosts = "".join(f"{address} {name}\n" for name, address in names.items())
    config = {
        "users": [user],
        "ca_certs": {"trusted": [one.decode() for one in certificates.values()]},
        "write_files": [{"path": "/etc/hosts", "append": True, "content": hosts}],
        # The playbook must find the host bare.
        "package_update": False,
    }
    return b"#cloud-config\n" + yaml.safe_dump(config).encode()


def _cloud_image(workspace: Workspace) -> Path | None:
    """The public image, downloaded once; None if it cannot be reached."""
    image = workspace.cache / CLOUD_IMAGE
    if image.exists():
        return image
    try:
        sums = _read(f"{CLOUD_IMAGES}/SHA512SUMS").decode()
        print(f"  fetching {CLOUD_IMAGE} ...", flush=True)
        data = _read(f"{CLOUD_IMAGES}/{CLOUD_IMAGE}")
    except OSError:
        return None
    if f"{hashlib.sha512(data).hexdigest()}  {CLOUD_IMAGE}" not in sums:
        raise LabError(f"{CLOUD_IMAGES}/{CLOUD_IMAGE} does not match its checksum.")
    image.write_bytes(data)
    return image


def _read(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return bytes(answer.read())


def _archive(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()
