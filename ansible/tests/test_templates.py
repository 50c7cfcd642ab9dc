"""The rendered templates, checked by the programs that read them if they are installed."""

from __future__ import annotations

import os
import re
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
# On systemd's scale from 0 (isolated) to 10.
MAX_EXPOSURE = 4.0


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
    environment.filters["dirname"] = os.path.dirname
    role = ANSIBLE / Path(*Path(path).parts[:2])
    facts = {"ansible_managed": "Ansible managed", "role_path": str(role), "lookup": read_file}
    return environment.get_template(path).render(**facts, **variables)


def read_file(plugin: str, path: str) -> str:
    """What Ansible's lookup of a file returns."""
    assert plugin == "ansible.builtin.file"
    return Path(path).read_text().rstrip()


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
    job = {
        "description": "A job",
        "commands": ["dump", "logs"],
        "calendar": "*-*-* 03:00",
        "memory": "256M",
    }
    backup = {
        "job": job,
        "backup_directory": "/var/backups/hnpal",
        "backup_bucket_directory": "/mnt/s3data/backups",
    }
    recovery = {
        "app_home": "/opt/hnpal",
        "app_host_configuration": {"backup_lock": "/var/backups/hnpal/.lock"},
    }
    return {
        "hnpal-backup.service": render(
            "roles/backup/templates/job.service.j2",
            backup_postgres_prefix=["docker", "exec"],
            **backup,
        ),
        "hnpal-backup-managed.service": render(
            "roles/backup/templates/job.service.j2", backup_postgres_prefix=[], **backup
        ),
        "hnpal-backup.timer": render("roles/backup/templates/job.timer.j2", job=job),
        "docker-prune.service": render(
            "roles/docker/templates/docker-prune.service.j2", docker_build_cache_limit="1GB"
        ),
        "docker-prune.timer": render(
            "roles/docker/templates/docker-prune.timer.j2", docker_prune_calendar="*-*-* 05:00"
        ),
        "hnpal-upkeep.service": render(
            "roles/app/templates/upkeep.service.j2", app_home="/opt/hnpal"
        ),
        "hnpal-upkeep.timer": render("roles/app/templates/upkeep.timer.j2"),
        "hnpal-website.service": render(
            "roles/website/templates/website.service.j2",
            website_directory="/var/lib/hnpal-website",
        ),
        "hnpal-website.timer": render(
            "roles/website/templates/website.timer.j2", website_calendar="hourly"
        ),
        "hnpal-recovery@.service": render(
            "roles/app/templates/recovery.service.j2", after_boot=False, **recovery
        ),
        "hnpal-recovery-boot.service": render(
            "roles/app/templates/recovery.service.j2", after_boot=True, **recovery
        ),
        "hnpal-ssh-way-back.service": render(
            "roles/base/templates/ssh-way-back.service.j2",
            base_sshd_settings="/etc/ssh/sshd_config.d/10-hnpal.conf",
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


SERVICES = sorted(name for name in units() if name.endswith(".service"))


def test_every_template_of_a_service_is_rendered_here() -> None:
    templates = {path.name for path in ANSIBLE.glob("roles/*/templates/*.service.j2")}
    rendered = set(re.findall(r"[\w-]+\.service\.j2", Path(__file__).read_text()))
    assert templates == rendered


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_confined(name: str) -> None:
    lines = units()[name].splitlines()
    in_section = lines[lines.index("[Service]") :]
    for directive in (
        *("NoNewPrivileges=yes", "LockPersonality=yes", "MemoryDenyWriteExecute=yes"),
        *("RestrictNamespaces=yes", "RestrictRealtime=yes", "RestrictSUIDSGID=yes"),
        *("ProtectClock=yes", "ProtectHostname=yes", "SystemCallArchitectures=native"),
    ):
        assert directive in in_section
    for setting in ("CapabilityBoundingSet", "SystemCallFilter", "RestrictAddressFamilies"):
        assert any(line.startswith(f"{setting}=") for line in in_section)
    if name != "s3fs.service":
        assert "ProtectSystem=strict" in in_section
        assert "PrivateDevices=yes" in in_section


def test_a_service_that_mounts_has_no_mount_namespace() -> None:
    # systemd.exec(5): these would keep the mount from the host.
    apart = (
        *("Private(?!Network|Users)", "ProtectSystem", "ProtectHome", "ProtectKernel"),
        *("ProtectControlGroups", "ProtectProc", "ProcSubset", "ReadWritePaths"),
    )
    for line in units()["s3fs.service"].splitlines():
        assert not re.match(rf"({'|'.join(apart)})\w*=", line)


def test_only_the_jobs_of_a_managed_database_reach_the_network() -> None:
    for name, alone in (("hnpal-backup.service", True), ("hnpal-backup-managed.service", False)):
        networks = [line for line in units()[name].splitlines() if "PrivateNetwork=" in line]
        assert (networks[-1] == "PrivateNetwork=yes") is alone


def test_a_bucket_that_hangs_does_not_delay_the_start_of_a_job() -> None:
    assert "/mnt/s3data" not in units()["hnpal-backup.service"]


@pytest.mark.skipif(SYSTEMD_ANALYZE is None, reason="no systemd here")
@pytest.mark.parametrize("name", SERVICES)
def test_the_exposure_of_a_service_is_bounded(tmp_path: Path, name: str) -> None:
    unit = tmp_path / name.replace("@.", "@instance.")
    unit.write_text(units()[name])
    done = subprocess.run(
        [str(SYSTEMD_ANALYZE), "security", "--offline=true", "--no-pager", unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    exposure = re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure, done.stderr
    assert float(exposure[1]) <= MAX_EXPOSURE


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
