"""Terraform with a separate name and state, and what it left in the account."""

from __future__ import annotations

import os
import shutil
import subprocess
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import boto3

from rehearsal.lab.programs import ProgramFailedError, changed, run
from rehearsal.lab.terraform import environment as environment_of_terraform
from rehearsal.lab.workspace import CLONE, Workspace

PROJECT = "hnpal-try"
ALL_DATA = "yes, delete all backups"
APPLY_SECONDS = 1200
MY_ADDRESS = "https://checkip.amazonaws.com"


@dataclass(frozen=True, slots=True)
class Cloud:
    """The AWS account that the environment selects, and a folder for the state."""

    workspace: Workspace
    region: str
    instance_type: str
    image: str

    @property
    def folder(self) -> Path:
        return self.workspace.directory / "terraform"

    def apply(self, public_key: Path) -> None:
        """Create the host.

        Raises:
            ProgramFailedError: that fails; whatever was created still exists.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        for file in (CLONE / "terraform").iterdir():
            if file.suffix in (".tf", ".sh", ".hcl"):
                shutil.copy2(file, self.folder)
        choices = [
            f'admin_cidr = ["{_my_address()}/32"]',
            f'public_key_file = "{public_key}"',
            f'project = "{PROJECT}"',
            f'region = "{self.region}"',
            f'instance_type = "{self.instance_type}"',
            f'image = "{self.image}"',
        ]
        (self.folder / "terraform.tfvars").write_text("\n".join(choices) + "\n")
        self._script("create.sh")

    def output(self, name: str) -> str:
        return self._run("terraform", "output", "-raw", name, timeout=120).strip()

    def destroy(self) -> None:
        """Destroy everything including data; succeeds if there is nothing."""
        if self.folder.exists():
            self._script("destroy.sh", DESTROY_DATA=ALL_DATA)

    def left(self) -> list[str]:
        """Resources of this run that still cost money."""
        mine = [{"Name": "tag:Project", "Values": [PROJECT]}]
        ec2 = boto3.client("ec2", region_name=self.region)
        hosts = ec2.describe_instances(Filters=mine)["Reservations"]
        return [
            *(
                f"instance {host['InstanceId']} ({host['State']['Name']})"
                for group in hosts
                for host in group["Instances"]
                if host["State"]["Name"] not in ("terminated", "shutting-down")
            ),
            *(
                f"disk {one['VolumeId']}"
                for one in ec2.describe_volumes(Filters=mine)["Volumes"]
                if one["State"] != "deleting"
            ),
            *(
                f"address {one['AllocationId']}"
                for one in ec2.describe_addresses(Filters=mine)["Addresses"]
            ),
            *(f"network {one['VpcId']}" for one in ec2.describe_vpcs(Filters=mine)["Vpcs"]),
        ]

    def _script(self, name: str, **settings: str) -> None:
        self._run(f"./{name}", timeout=APPLY_SECONDS, **settings, YES="1")

    def _run(self, *command: str, timeout: float, **settings: str) -> str:
        mine = {name: None for name in os.environ if name.startswith("TF_VAR_")}
        environment = {
            **mine,
            **environment_of_terraform(self.workspace),
            "NO_COLOR": "1",
            **settings,
        }
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=changed(os.environ, environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode != 0:
            raise ProgramFailedError(f"{command[0]}: {done.stderr[-2000:] or done.stdout[-2000:]}")
        return done.stdout


def _my_address() -> str:
    given = os.environ.get("MY_ADDRESS")
    if given:
        return given
    with urllib.request.urlopen(MY_ADDRESS, timeout=20) as answer:
        return str(answer.read().decode().strip())


def make_key(workspace: Workspace) -> Path:
    """Create a key for this run; returns the path of its public half."""
    if not workspace.key.exists():
        keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", PROJECT)
        run(*keygen, "-f", workspace.key, timeout=10)
    return workspace.key.with_suffix(".pub")
