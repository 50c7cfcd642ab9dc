"""A simulated AWS account with a copy of terraform/, for the tests of a host's life."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
REGION = "ap-southeast-1"


@dataclass(frozen=True)
class Cloud:
    """A simulated AWS account and a copy of terraform/ with a state of its own."""

    directory: Path
    environment: dict[str, str]

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=1200,  # AWS is asked again and again, and this machine may be busy
        )

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    @property
    def record(self) -> Path:
        """Every permission that was asked for, one a line."""
        return self.directory.parent / "record"

    def refuse(self, **orders: str) -> None:
        """Answer EC2's actions named with an error of the code given, from now on; none ends that."""
        lines = [f"ec2:{action} {code}\n" for action, code in orders.items()]
        (self.directory.parent / "refusals").write_text("".join(lines))

    def output(self, name: str) -> str:
        return self.run("terraform", "output", "-raw", name).stdout

    def instances(self) -> list[dict[str, Any]]:
        reservations = self.client("ec2").describe_instances(
            Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
        )["Reservations"]
        return [instance for reservation in reservations for instance in reservation["Instances"]]


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    directory = tmp_path_factory.mktemp("cloud") / "terraform"
    shutil.copytree(
        ROOT / "terraform",
        directory,
        ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfvars"),
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))
    }
    if plugins := os.environ.get("TERRAFORM_PLUGIN_DIR"):
        environment["TF_CLI_ARGS_init"] = f"-plugin-dir={plugins}"
    environment |= {
        "AWS_ENDPOINT_URL": f"http://{address}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
        "MOTO_AMIS_PATH": str(ROOT / "terraform/tests/aws/images.json"),
        "NO_COLOR": "1",
        "TF_VAR_admin_cidr": '["198.51.100.7/32"]',
        "TF_VAR_public_key_file": str(ROOT / "terraform/tests/keys/ed25519.pub"),
    }
    server = subprocess.Popen(
        [
            sys.executable,
            str(ROOT / "terraform/tests/simulated_aws.py"),
            address.split(":")[1],
            str(directory.parent / "record"),
            str(directory.parent / "refusals"),
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_answering(f"http://{address}", server)
        yield Cloud(directory, environment)
    finally:
        server.terminate()
        server.wait()


def wait_until_answering(url: str, server: subprocess.Popen[bytes]) -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except OSError:
            continue
        return
    raise RuntimeError("The simulated AWS did not start.")
