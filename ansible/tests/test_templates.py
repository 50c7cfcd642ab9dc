"""What the templates make, judged by the programs that will read it where this machine has them."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
import pytest

import containers
import releases

ANSIBLE = Path(__file__).resolve().parents[1]
SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin")
SYSTEMD_ANALYZE = shutil.which("systemd-analyze")
NOW = datetime(2026, 11, 23, 12, 0)


def render(path: str, **variables: Any) -> str:
    """Render a template as Ansible would; a variable that is not given is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ANSIBLE),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= releases.FilterModule().filters()
    environment.filters |= containers.FilterModule().filters()
    environment.filters |= {
        "from_json": json.loads,
        "split": str.split,
        "to_datetime": datetime.strptime,
    }
    environment.globals["now"] = lambda **_: NOW
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


def test_the_env_file_reads_in_a_shell_as_it_was_meant(tmp_path: Path) -> None:
    settings = {"TOKEN": "123:a-b_c", "MOTTO": "5 $HOME # and \\ more", "EMPTY": ""}
    path = tmp_path / ".env"
    path.write_text(
        render(
            "roles/app/templates/env.j2",
            app_wanted_settings=settings,
            app_clone="/opt/hnpal/app",
            app_compose_file="docker-compose.prod.yml",
            app_project="hnpal",
            app_env_file="/opt/hnpal/.env",
            app_commit="0123abc",
            app_env_hash="hash",
        )
    )
    for name, value in {**settings, "HNPAL_COMMIT": "0123abc"}.items():
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


def test_the_bucket_is_guarded_before_it_is_mounted() -> None:
    lines = units()["s3fs.service"].splitlines()
    guard = next(number for number, line in enumerate(lines) if "-o ro" in line)
    mount = next(number for number, line in enumerate(lines) if line.startswith("ExecStart="))
    assert guard < mount


def status_of(**answers: str) -> str:
    """The status of a host on which all is well, but for the given answers."""
    backup = {"at": "2026-11-23T03:05:00+00:00", "name": "a.dump", "bucket": True}
    well = {
        "system": "Debian GNU/Linux 13 (trixie), up 3 days",
        "memory": "600 957\n100 2047",
        "disk": "5.2G 7.6G 30%",
        "bucket": "/mnt/s3data s3fs fuse.s3fs",
        "containers": "hnpal-app 100MiB / 512MiB",
        "reports": json.dumps({"backup": backup, "drill": backup}),
        "upgrades": "0",
        "reboot": "",
        "failed_units": "",
        "head": "aaaa",
        "edited": "",
        "upstream": "aaaa",
        "settings": "",
        "definitions": "postgres d1",
    }
    labels = {"hnpal.commit": "aaaa", "com.docker.compose.config-hash": "d1"}
    one = {"Status": "Up 3 days (healthy)", "State": "running", "Labels": labels}
    event = {"at": "2026-11-20T10:00:00Z", "commit": "aaaa", "ref": "main", "by": "a@b", "why": ""}
    return render(
        "templates/status.txt.j2",
        inventory_hostname="hnpal",
        status=well | answers,
        app_containers={"app": one, "postgres": one},
        app_data_services=["postgres"],
        app_project="hnpal",
        app_ref="main",
        app_releases=[event | {"event": "live"}],
    )


def test_the_status_of_a_host_on_which_all_is_well() -> None:
    said = status_of()
    for line in ("drift     none", "units     none failed", "backup    8 h ago, in the bucket"):
        assert line in said


def test_the_status_says_what_is_wrong() -> None:
    assert "NOT MOUNTED" in status_of(bucket="missing")
    assert "NONE YET" in status_of(reports="{}")
    failure = {"at": "2026-11-23T11:30:00+00:00", "error": "no space left"}
    assert "NONE YET; FAILED under an hour ago: no space left" in status_of(
        reports=json.dumps({"backup_failure": failure})
    )
    assert "ssh.service FAILED" in status_of(failed_units="ssh.service")
    assert "edited: M backend/app/main.py" in status_of(edited=" M backend/app/main.py")
    assert "settings are not those" in status_of(settings="differ")
    assert "update.yml brings it" in status_of(upstream="bbbb")
    assert "not what the compose file says" in status_of(definitions="postgres d2")
