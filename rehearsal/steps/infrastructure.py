"""`terraform apply` of the unchanged `terraform/` on a simulated AWS, and the dynamic inventory."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from rehearsal.lab import aws
from rehearsal.lab.programs import changed
from rehearsal.lab.programs import run as run_program
from rehearsal.lab.terraform import environment as environment_of_terraform
from rehearsal.operators import TOOLS
from rehearsal.stage import Stage, StepFailedError

APPLY_SECONDS = 600
ADMIN_NETWORK = "198.51.100.7/32"


def run(stage: Stage) -> None:
    """Create the infrastructure, check for drift, find the host."""
    expect = stage.record.expect
    made = terraform(stage, "./create.sh", YES="1")
    if made.returncode != 0:
        raise StepFailedError(f"terraform apply failed:\n{(made.stdout + made.stderr)[-2000:]}")
    expect("terraform apply creates everything", True, _added(made.stdout))

    plan = terraform(stage, "terraform", "plan", "-detailed-exitcode", "-input=false")
    expect("A second plan is empty", plan.returncode == 0, f"exit code {plan.returncode}")

    address = terraform(stage, "terraform", "output", "-raw", "public_address").stdout
    stage.bucket = terraform(stage, "terraform", "output", "-raw", "bucket").stdout
    listed = run_program(
        TOOLS / "ansible-inventory",
        *("-i", stage.operator.clone / "inventory/production", "--list"),
        timeout=60,
        directory=stage.operator.clone / "ansible",
        environment=aws.environment(stage.lab.outside),
    )
    found = json.loads(listed)
    hosts = found.get("hnpal", {}).get("hosts", [])
    facts = found["_meta"]["hostvars"].get(hosts[0], {}) if hosts else {}
    plain = {name: _unwrapped(value) for name, value in facts.items()}
    right = plain.get("ansible_host") == address and plain.get("s3fs_bucket") == stage.bucket
    expect("The inventory finds the host, its address and its bucket", right, ", ".join(hosts))


def terraform(stage: Stage, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the operator's `terraform/` on the simulated AWS."""
    settings: dict[str, str | None] = {name: None for name in os.environ if name.startswith("TF_")}
    settings |= environment_of_terraform(stage.lab.workspace)
    settings |= aws.environment(stage.lab.outside)
    settings |= {
        "NO_COLOR": "1",
        "TF_VAR_admin_cidr": json.dumps([ADMIN_NETWORK]),
        "TF_VAR_public_key_file": str(_public_key(stage)),
    }
    return subprocess.run(
        command,
        cwd=stage.operator.clone / "terraform",
        env=changed(os.environ, settings | environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=APPLY_SECONDS,
        check=False,
    )


def _public_key(stage: Stage) -> Path:
    return stage.operator.clone / "terraform/tests/keys/ed25519.pub"


def _added(output: str) -> str:
    summary = [line for line in output.splitlines() if line.startswith("Apply complete")]
    return summary[0].removeprefix("Apply complete! Resources: ") if summary else "no summary"


def _unwrapped(value: object) -> object:
    """Ansible marks outside data by wrapping it in an object."""
    return value.get("__ansible_unsafe", value) if isinstance(value, dict) else value
