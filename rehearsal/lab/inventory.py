"""The inventory of the host, which directs the roles to the simulated services."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

from rehearsal.lab.docker_packages import find_repository
from rehearsal.lab.host import NAME, Host
from rehearsal.lab.services import ExternalServices
from rehearsal.lab.workspace import Workspace

BUCKET = "hnpal-rehearsal"


def write_inventory(
    workspace: Workspace,
    host: Host,
    outside: ExternalServices,
    bucket: str = BUCKET,
    name: str = NAME,
) -> Path:
    """Write the inventory of one host; returns its path."""
    return write_group(workspace, name, {name: host}, outside, bucket)


def write_group(
    workspace: Workspace,
    file: str,
    hosts: Mapping[str, Host],
    outside: ExternalServices,
    bucket: str = BUCKET,
    **more: object,
) -> Path:
    """Write an inventory, with the services as the hosts see them and `more` variables of the
    group; returns its path.
    """
    variables: dict[str, Any] = {
        "s3fs_bucket": bucket,
        "s3fs_endpoint": f"http://{outside.aws}",
        "s3fs_options": ["use_path_request_style"],
        "app_repository": f"git://{outside.git}/hnpal.git",
        "app_telegram_api_url": f"http://{outside.telegram}",
        "app_environment": {
            "HN_API_URL": f"http://{outside.hackernews}/v0",
            "OPENAI_BASE_URL": f"http://{outside.llm}/v1",
            "FETCH_PRIVATE_HOSTS": outside.hackernews,
        },
    }
    # Docker's package server, where it cannot be reached.
    packages = find_repository(workspace)
    if packages is not None:
        variables["docker_upstream_url"] = packages.url
        variables["docker_upstream_key_checksum"] = packages.key_checksum
    # What a host needs where it stands, such as a mirror of Docker's packages.
    named = os.environ.get("HOST_VARIABLES")
    if named:
        variables |= yaml.safe_load(Path(named).read_text())
    variables |= more
    logins = {name: _how_to_log_in(host) for name, host in hosts.items()}
    inventory = {"hnpal": {"hosts": logins, "vars": variables}}
    path = workspace.inventory.with_stem(file)
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(inventory, sort_keys=False))
    return path


def _how_to_log_in(host: Host) -> dict[str, Any]:
    login: dict[str, Any] = {
        "ansible_host": host.address,
        "ansible_port": host.port,
        "ansible_user": host.user,
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={host.known_hosts}",
    }
    if host.key:
        login["ansible_ssh_private_key_file"] = str(host.key)
        login["ansible_ssh_common_args"] += " -o IdentitiesOnly=yes"
    return login


def bucket_in(inventory: Path) -> str:
    """The bucket in an inventory."""
    bucket: str = yaml.safe_load(inventory.read_text())["hnpal"]["vars"]["s3fs_bucket"]
    return bucket


@contextmanager
def changed_variables(workspace: Workspace, **variables: object) -> Iterator[None]:
    """The inventory with other variables of its hosts during the block."""
    before = workspace.inventory.read_text()
    inventory = yaml.safe_load(before)
    inventory["hnpal"]["vars"] |= variables
    workspace.inventory.write_text(yaml.safe_dump(inventory))
    try:
        yield
    finally:
        workspace.inventory.write_text(before)
