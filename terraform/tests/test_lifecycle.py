"""A host's whole life in a simulated AWS: made, found by the inventory, taken down, its data kept.

The simulation speaks AWS's API, so Terraform, the inventory and both scripts run unchanged. The
tests share one host, as making it takes a minute, and the last of them ends it.
"""

from __future__ import annotations

import json
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
ALL_DATA = "yes, delete all backups"


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
            timeout=300,
        )

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
        )

    def output(self, name: str) -> str:
        return self.run("terraform", "output", "-raw", name).stdout

    def instances(self) -> list[dict[str, Any]]:
        reservations = self.client("ec2").describe_instances(
            Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
        )["Reservations"]
        return [instance for reservation in reservations for instance in reservation["Instances"]]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
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
        "TF_VAR_admin_cidr": "203.0.113.7/32",
        "TF_VAR_public_key_file": str(ROOT / "terraform/tests/keys/ed25519.pub"),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", address.split(":")[1]],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until_answering(f"http://{address}", server)
        cloud = Cloud(directory, environment)
        made = cloud.run("./create.sh", YES="1")
        assert made.returncode == 0, made.stderr
        yield cloud
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


def inventory(cloud: Cloud, *options: str, **environment: str) -> dict[str, Any]:
    listed = cloud.run(
        str(Path(sys.executable).parent / "ansible-inventory"),
        "-i",
        str(ROOT / "inventory/production"),
        "--list",
        *options,
        **environment,
    )
    assert listed.returncode == 0, listed.stderr
    parsed: dict[str, Any] = json.loads(listed.stdout)
    return parsed


def unwrapped(value: Any) -> Any:
    """Ansible marks what came from outside by wrapping it in an object."""
    return value["__ansible_unsafe"] if isinstance(value, dict) else value


def test_a_second_plan_is_empty(cloud: Cloud) -> None:
    assert cloud.run("terraform", "plan", "-detailed-exitcode").returncode == 0
    assert "Nothing to change." in cloud.run("./create.sh").stdout


def test_a_rule_added_by_hand_is_found(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    group = cloud.instances()[0]["SecurityGroups"][0]["GroupId"]
    by_hand = {
        "GroupId": group,
        "IpProtocol": "tcp",
        "FromPort": 5432,
        "ToPort": 5432,
        "CidrIp": "0.0.0.0/0",
    }
    ec2.authorize_security_group_ingress(**by_hand)
    try:
        assert cloud.run("terraform", "plan", "-detailed-exitcode").returncode == 2
    finally:
        ec2.revoke_security_group_ingress(**by_hand)


def test_nothing_is_changed_without_an_answer(cloud: Cloud) -> None:
    refused = cloud.run("./create.sh", TF_VAR_disk_gb="30")
    assert refused.returncode == 1
    assert "Do this in AWS account 123456789012 in ap-southeast-1?" in refused.stdout
    assert "Nothing was changed" in refused.stderr
    assert cloud.run("./destroy.sh").returncode == 1
    assert len(cloud.instances()) == 1


def test_another_region_does_not_forget_the_host(cloud: Cloud) -> None:
    refused = cloud.run("./create.sh", YES="1", TF_VAR_region="eu-central-1")
    assert refused.returncode == 1
    assert "What was made is in ap-southeast-1; region is now eu-central-1." in refused.stderr
    assert len(cloud.instances()) == 1


def test_the_host_comes_up_bare(cloud: Cloud) -> None:
    host = cloud.instances()[0]
    attribute = cloud.client("ec2").describe_instance_attribute(
        InstanceId=host["InstanceId"], Attribute="userData"
    )
    assert not attribute["UserData"].get("Value")


def test_the_inventory_finds_the_host_by_its_tag(cloud: Cloud) -> None:
    found = inventory(cloud)
    assert found["hnpal"]["hosts"] == ["hnpal-host"]
    facts = found["_meta"]["hostvars"]["hnpal-host"]
    assert unwrapped(facts["ansible_host"]) == cloud.output("public_address")
    assert unwrapped(facts["ansible_user"]) == "ubuntu"
    assert unwrapped(facts["s3fs_bucket"]) == cloud.output("bucket")
    assert unwrapped(facts["s3fs_region"]) == REGION


def test_the_inventory_passes_by_other_hosts(cloud: Cloud) -> None:
    ec2 = cloud.client("ec2")
    other = ec2.run_instances(
        ImageId="ami-0aaaaaaaaaaaaaaaa", InstanceType="t3.micro", MinCount=1, MaxCount=1
    )
    try:
        assert inventory(cloud)["hnpal"]["hosts"] == ["hnpal-host"]
    finally:
        ec2.terminate_instances(InstanceIds=[other["Instances"][0]["InstanceId"]])


def test_the_inventory_looks_in_the_region_it_is_told(cloud: Cloud) -> None:
    assert "hnpal" not in inventory(cloud, AWS_REGION="eu-west-1")


def test_what_a_destroy_takes(cloud: Cloud) -> None:
    s3, ec2 = cloud.client("s3"), cloud.client("ec2")
    bucket, disk = cloud.output("bucket"), cloud.output("disk")
    s3.put_object(Bucket=bucket, Key="backups/today.dump", Body=b"everything")

    # Asked once: the host goes, the data stays, and stays protected.
    destroyed = cloud.run("./destroy.sh", YES="1")
    assert destroyed.returncode == 0, destroyed.stderr
    assert cloud.instances() == []
    assert s3.get_object(Bucket=bucket, Key="backups/today.dump")["Body"].read() == b"everything"
    assert all(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"].values())
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
    assert ec2.describe_volumes(VolumeIds=[disk])["Volumes"][0]["State"] == "available"
    assert f"delete-volume --region {REGION} --volume-id {disk}" in destroyed.stdout

    # Terraform alone refuses to delete a bucket with something in it.
    refused = cloud.run("terraform", "destroy", "-auto-approve")
    assert refused.returncode == 1
    assert "BucketNotEmpty" in refused.stderr
    assert s3.get_object(Bucket=bucket, Key="backups/today.dump")["Body"].read() == b"everything"

    # A new host takes the old bucket over, and what protects it is back.
    again = cloud.run("./create.sh", YES="1")
    assert again.returncode == 0, again.stderr
    assert cloud.output("bucket") == bucket
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"

    # Asked twice, in so many words: everything goes but the disk of the host before.
    gone = cloud.run("./destroy.sh", YES="1", DESTROY_DATA=ALL_DATA)
    assert gone.returncode == 0, gone.stderr
    assert s3.list_buckets()["Buckets"] == []
    disks = ec2.describe_volumes(Filters=[{"Name": "tag:Project", "Values": ["hnpal"]}])["Volumes"]
    assert [kept["VolumeId"] for kept in disks] == [disk]
    assert cloud.run("terraform", "state", "list").stdout == ""
    assert cloud.run("./destroy.sh", YES="1").stdout == "There is nothing to destroy.\n"
