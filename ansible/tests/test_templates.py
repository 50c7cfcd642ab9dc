"""The rendered templates, checked by the programs that read them if they are installed."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jinja2
import pytest

ANSIBLE = Path(__file__).resolve().parents[1]
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin")
SYSTEMD_ANALYZE = shutil.which("systemd-analyze")


def render(path: str, **variables: Any) -> str:
    """Render a template as Ansible does; a missing variable is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ANSIBLE),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    # What Ansible's filter does with the values that `-e name=false` gives.
    environment.filters["quote"] = shlex.quote
    environment.filters["bool"] = lambda value: str(value).lower() in {"true", "yes", "1"}
    return environment.get_template(path).render(ansible_managed="Ansible managed", **variables)


def sshd_settings(tmp_path: Path, user: str) -> str:
    settings = render(
        "roles/base/templates/sshd.conf.j2",
        base_login_user=user,
        base_ssh_allow_tcp_forwarding=False,
    )
    return settings.replace("/etc/ssh/", f"{tmp_path}/")


@pytest.mark.skipif(SSHD is None, reason="no sshd here")
def test_sshd_takes_its_settings_and_offers_nothing_weak(tmp_path: Path) -> None:
    path = tmp_path / "sshd.conf"
    path.write_text(sshd_settings(tmp_path, "admin"))
    for key in ("ed25519", "rsa"):
        host_key = tmp_path / f"ssh_host_{key}_key"
        subprocess.run(["ssh-keygen", "-q", "-t", key, "-N", "", "-f", host_key], check=True)
    Path("/run/sshd").mkdir(exist_ok=True)
    done = subprocess.run(
        [str(SSHD), "-T", "-f", path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    assert lines["passwordauthentication"] == "no"
    assert lines["permitrootlogin"] == "no"
    for weak in ("nistp", "sha1", "group14", "umac-64"):
        assert weak not in lines["kexalgorithms"] + lines["macs"]


def test_an_operator_who_logs_in_as_root_keeps_the_key_login(tmp_path: Path) -> None:
    assert "PermitRootLogin prohibit-password" in sshd_settings(tmp_path, "root")


def test_a_shell_reads_the_env_file_correctly(tmp_path: Path) -> None:
    settings = {"TOKEN": "123:a-b_c", "MOTTO": "5 $HOME # and \\ more", "EMPTY": ""}
    path = tmp_path / ".env"
    path.write_text(
        render(
            "roles/app/templates/env.j2",
            app_wanted_settings=settings,
            app_clone="/opt/hnpal/app",
            app_compose_file="docker-compose.prod.yml",
            app_images_file="/opt/hnpal/images.lock.json",
            app_tag="0123abc-0123456789ab",
            app_project="hnpal",
            app_env_file="/opt/hnpal/.env",
            app_commit="0123abc",
            app_env_hash="hash",
            app_metrics_directory="/var/lib/hnpal-metrics",
        )
    )
    compose = {
        "HNPAL_COMMIT": "0123abc",
        "HNPAL_TAG": "0123abc-0123456789ab",
        "HNPAL_METRICS_DIR": "/var/lib/hnpal-metrics",
    }
    for name, value in {**settings, **compose}.items():
        script = f'. {path}; printf %s "${name}"'
        assert subprocess.check_output(["sh", "-euc", script], text=True) == value


def units() -> dict[str, str]:
    """Every unit of the roles, by file name."""
    job = {"description": "A job", "commands": ["dump", "logs"], "calendar": "*-*-* 03:00"}
    return {
        "hnpal-backup.service": render("roles/backup/templates/job.service.j2", job=job),
        "hnpal-backup.timer": render("roles/backup/templates/job.timer.j2", job=job),
        "docker-prune.service": render(
            "roles/docker/templates/docker-prune.service.j2", docker_build_cache_limit="1GB"
        ),
        "docker-prune.timer": render(
            "roles/docker/templates/docker-prune.timer.j2", docker_prune_calendar="*-*-* 05:00"
        ),
        "hnpal-upkeep.service": render("roles/app/templates/upkeep.service.j2"),
        "hnpal-upkeep.timer": render("roles/app/templates/upkeep.timer.j2"),
        "hnpal-website.service": render("roles/website/templates/website.service.j2"),
        "hnpal-website.timer": render(
            "roles/website/templates/website.timer.j2", website_calendar="hourly"
        ),
        "s3fs.service": render(
            "roles/s3fs/templates/s3fs.service.j2",
            s3fs_bucket="a-bucket",
            s3fs_mount_point="/mnt/s3data",
            s3fs_mount_options=["url=https://s3.example", "iam_role=auto"],
            s3fs_directories=["backups", "logs"],
        ),
    }


@pytest.mark.skipif(SYSTEMD_ANALYZE is None, reason="no systemd here")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for name, content in units().items():
        (tmp_path / name).write_text(content)
    done = subprocess.run(
        [str(SYSTEMD_ANALYZE), "verify", *(tmp_path / name for name in units())],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    complaints = [
        line for line in done.stderr.splitlines()
        if str(tmp_path) in line and "is not executable" not in line
    ]  # fmt: skip
    assert complaints == []


def test_the_mount_point_is_protected_before_the_mount() -> None:
    lines = units()["s3fs.service"].splitlines()
    guard = next(number for number, line in enumerate(lines) if "-o ro" in line)
    mount = next(number for number, line in enumerate(lines) if line.startswith("ExecStart="))
    assert guard < mount


@pytest.mark.parametrize(
    ("live_restore", "hold_major", "taken"),
    [(True, True, True), (False, True, False), (True, False, False), (True, "false", False)],
)
def test_unattended_upgrades_include_docker_only_when_safe(
    *, live_restore: bool, hold_major: bool | str, taken: bool
) -> None:
    said = render(
        "roles/docker/templates/apt-upgrades.conf.j2",
        docker_live_restore=live_restore,
        docker_hold_major=hold_major,
    )
    lines = [line for line in said.splitlines() if not line.startswith("//")]
    assert any("origin=Docker" in line for line in lines) is taken
