"""The promises of role `s3fs`: the bucket is mounted, is remounted, and hides no files."""

from __future__ import annotations

import re

import pytest
from testinfra.host import Host

MOUNT = "/mnt/s3data"


def test_the_bucket_is_mounted_now_and_after_a_boot(host: Host) -> None:
    assert host.run(f"findmnt --types fuse.s3fs {MOUNT}").succeeded
    assert host.service("s3fs").is_running
    assert host.service("s3fs").is_enabled


def test_the_mount_restarts_automatically(host: Host) -> None:
    assert host.check_output("systemctl show --property=Restart s3fs") == "Restart=always"


@pytest.mark.parametrize("folder", ["backups", "logs", "exports"])
def test_its_folders_are_there(host: Host, folder: str) -> None:
    assert host.file(f"{MOUNT}/{folder}").is_directory


def test_its_key_if_it_has_one_is_for_root_alone(host: Host) -> None:
    key = host.file("/etc/passwd-s3fs")
    if "iam_role=auto" in host.file("/etc/systemd/system/s3fs.service").content_string:
        assert not key.exists
    else:
        assert key.mode == 0o600
        assert key.user == "root"


def test_uploads_are_not_buffered_in_memory(host: Host) -> None:
    folder = re.search(r"tmpdir=([^,\s]+)", host.check_output("ps -C s3fs -o args="))
    assert folder
    kind = host.check_output(f"findmnt --noheadings --output FSTYPE --target {folder[1]}")
    assert kind not in {"tmpfs", "ramfs"}


def test_the_mount_point_is_an_empty_read_only_file_system(host: Host) -> None:
    beneath = host.check_output(f"findmnt --noheadings --types tmpfs --output OPTIONS {MOUNT}")
    assert "ro" in beneath.split(",")
