"""Hooks before and after a release: real programs that succeed, fail, hang and say too much."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import run_hook

ANSIBLE = Path(__file__).resolve().parents[1]
SECRET = "123456789:AAbbCC-dd_EE"
KEY = "-----BEGIN KEY-----\nfirst line of it\n-----END KEY-----\n"
LONG = 60.0


def hook(folder: Path, name: str, script: str, mode: int = 0o755) -> Path:
    folder.mkdir(exist_ok=True)
    (file := folder / name).write_text(script)
    file.chmod(mode)
    return file


def test_no_hook_is_no_failure(tmp_path: Path) -> None:
    said = run_hook.run(tmp_path / "pre-release", LONG, [])
    assert said == {"ran": False, "complaint": "", "output": ""}


@pytest.mark.parametrize(
    ("script", "mode", "complaint"),
    [
        ("#!/bin/sh\nexit 0\n", 0o755, ""),
        ("#!/bin/sh\necho no >&2; exit 3\n", 0o755, "failed with exit code 3"),
        ("#!/bin/sh\nkill -9 $$\n", 0o755, "failed with exit code -9"),
        ("#!/bin/sh\nexit 0\n", 0o644, "is not executable: chmod +x"),
        ("#!/no/such/program\n", 0o755, "cannot be started"),
        ("exit 0\n", 0o755, "does its first line name its program?"),
    ],
)
def test_what_became_of_it(tmp_path: Path, script: str, mode: int, complaint: str) -> None:
    said = run_hook.run(hook(tmp_path, "pre-release", script, mode), LONG, [])
    assert complaint in said["complaint"] and bool(said["complaint"]) == bool(complaint)


def test_a_folder_is_no_hook(tmp_path: Path) -> None:
    (tmp_path / "pre-release").mkdir()
    assert "is not executable" in run_hook.run(tmp_path / "pre-release", LONG, [])["complaint"]


def test_one_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    # Held for as long as the child lives.
    script = f"#!/bin/sh\nflock {lock} sleep 600 &\nsleep 600\n"
    said = run_hook.run(hook(tmp_path, "pre-release", script), 3.0, [])
    assert said["complaint"] == "took longer than 3 s and was killed"
    subprocess.run(["flock", "--wait", "60", lock, "true"], check=True)


def test_what_it_leaves_behind_holds_up_nothing(tmp_path: Path) -> None:
    file = hook(tmp_path, "post-release", "#!/bin/sh\nsetsid sleep 5 &\necho done\n")
    assert run_hook.run(file, LONG, [])["output"] == "done"


def test_its_output_has_no_secret_and_an_end(tmp_path: Path) -> None:
    script = (
        f"#!/bin/sh\nyes line | head -10000\necho 'https://api/bot{SECRET}/x'\necho '{KEY}' >&2\n"
    )
    said = run_hook.run(hook(tmp_path, "pre-release", script), LONG, [SECRET, KEY, "", "lin"])
    assert SECRET not in said["output"] and "first line of it" not in said["output"]
    assert "https://api/bot(secret)/x" in said["output"]
    # A secret of three letters would hide everything.
    assert "line" in said["output"]
    assert len(said["output"]) <= run_hook.MAX_OUTPUT


# --- In a play

VARIABLES = {
    "secret_specs": {"app_telegram_bot_token": {}, "app_deploy_key": {}},
    "app_telegram_bot_token": SECRET,
    "app_secret_settings": {"OPENAI_API_KEY": "sk-of-the-model"},
    "app_derived_passwords": {"app": "derived-password"},
    "app_environment": {"LOG_LEVEL": "INFO", "SENTRY_DSN": "https://key@sentry.example/1"},
    "app_hook_seconds": 20,
    "role_path": str(ANSIBLE / "roles/app"),
    "app_hook_before": "before",
    "app_commit": "after",
}
PLAY = {
    "name": "Release",
    "hosts": "here",
    "gather_facts": False,
    "vars_files": [str(ANSIBLE / "roles/app/vars/main.yml")],
    "tasks": [
        {
            "name": "Run the hook",
            "ansible.builtin.include_tasks": str(ANSIBLE / "roles/app/tasks/hook.yml"),
        },
        {"name": "Go on", "ansible.builtin.debug": {"msg": "the release goes on"}},
    ],
}


def release(tmp_path: Path, **variables: Any) -> tuple[int, str]:
    (playbooks := tmp_path / "ansible").mkdir(exist_ok=True)
    (playbooks / "play.yml").write_text(yaml.safe_dump([PLAY]))
    given = {**VARIABLES, "app_hooks": str(tmp_path / "hooks"), **variables}
    filters = ":".join(map(str, [ANSIBLE / "plugins/filter", ANSIBLE / "roles/app/filter_plugins"]))
    done = subprocess.run(
        [
            *(Path(sys.executable).parent / "ansible-playbook", "-i", "here,", "-c", "local"),
            *("play.yml", "-v", "-e", f"ansible_python_interpreter={sys.executable}"),
            *("-e", json.dumps(given)),
        ],
        cwd=playbooks, capture_output=True, text=True, check=False,
        env=os.environ | {"ANSIBLE_CONFIG": str(ANSIBLE / "ansible.cfg"),
                          "ANSIBLE_FILTER_PLUGINS": filters},
    )  # fmt: skip
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


TELLS = f"""#!/bin/sh
commits="$HNPAL_COMMIT_BEFORE $HNPAL_COMMIT_AFTER"
echo "$HNPAL_HOOK $HNPAL_HOST $HNPAL_DESTINATION $commits [$HNPAL_RESULT]"
echo {SECRET} derived-password sk-of-the-model https://key@sentry.example/1; exit ${{EXIT:-0}}
"""


def test_it_is_told_what_is_released(tmp_path: Path) -> None:
    hook(tmp_path / "hooks", "pre-release", TELLS)
    code, said = release(tmp_path, app_hook="pre-release", destination="staging")
    assert code == 0, said
    assert "pre-release here staging before after []" in said
    hook(tmp_path / "hooks", "post-release", TELLS)
    code, said = release(tmp_path, app_hook="post-release", app_hook_result="ok", destination="")
    assert "post-release here production before after [ok]" in said
    assert "(secret) (secret) (secret) (secret)" in said
    for secret in SECRET, "derived-password", "sk-of", "sentry.example":
        assert secret not in said


def test_one_that_fails_before_a_release_ends_it(tmp_path: Path) -> None:
    hook(tmp_path / "hooks", "pre-release", TELLS.replace("${EXIT:-0}", "1"))
    code, said = release(tmp_path, app_hook="pre-release")
    assert code != 0 and "the release goes on" not in said
    assert "pre-release failed with exit code 1. Nothing that runs was changed." in said
    assert SECRET not in said


def test_one_that_fails_after_a_release_is_told_of(tmp_path: Path) -> None:
    hook(tmp_path / "hooks", "post-release", TELLS, mode=0o600)
    code, said = release(tmp_path, app_hook="post-release", app_hook_result="ok")
    assert code == 0 and "the release goes on" in said
    assert "WARNING: The hook" in said and "is not executable" in said


def test_without_hooks_nothing_is_said(tmp_path: Path) -> None:
    code, said = release(tmp_path, app_hook="pre-release")
    assert code == 0 and "the release goes on" in said
    assert "pre-release on" not in said


# --- Where they stand in a release


def test_the_hook_before_comes_before_anything_that_runs_is_changed() -> None:
    block, *_, after = yaml.safe_load((ANSIBLE / "roles/app/tasks/deploy.yml").read_text())
    names = [
        task.get("ansible.builtin.include_tasks", task.get("ansible.builtin.import_tasks"))
        for task in block["block"]
    ]
    assert names.index("code.yml") < names.index("hook.yml") < names.index("data_services.yml")
    before = block["block"][names.index("hook.yml")]
    assert "app_rollback is not defined" in before["when"]
    assert "app_hook_result" not in before["vars"]
    # After the block with its rescue: what fails there takes nothing back.
    assert after["ansible.builtin.include_tasks"] == "hook.yml"
    assert after["vars"] == {"app_hook": "post-release", "app_hook_result": "ok"}
