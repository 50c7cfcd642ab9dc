"""A host's whole life in a simulated AWS: made, found by the inventory, taken down, its data kept.

The simulation speaks AWS's API, so Terraform, the inventory and both scripts run unchanged. The
tests share one host, as making it takes a minute, and the last of them ends it.
"""

from __future__ import annotations

import json
import sys
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import REGION, ROOT, Cloud

ALL_DATA = "yes, delete all backups"
# So that the record knows the permissions of what is optional as well.
OPTIONS = {
    "TF_VAR_monthly_budget_usd": "20",
    "TF_VAR_budget_email": "operator@example.org",
    "TF_VAR_alarm_emails": '["operator@example.org"]',
    "TF_VAR_publish": "true",
}


@pytest.fixture(scope="module")
def cloud(account: Cloud) -> Cloud:
    """An account in which a host was made."""
    made = account.run("./create.sh", YES="1", **OPTIONS)
    assert made.returncode == 0, made.stderr
    return account


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
    assert cloud.run("terraform", "plan", "-detailed-exitcode", **OPTIONS).returncode == 0
    assert "Nothing to change." in cloud.run("./create.sh", **OPTIONS).stdout


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
    assert (
        "What was made has the region ap-southeast-1; region is now eu-central-1." in refused.stderr
    )
    assert len(cloud.instances()) == 1


def test_another_project_does_not_forget_the_host(cloud: Cloud) -> None:
    refused = cloud.run("./create.sh", YES="1", TF_VAR_project="other")
    assert refused.returncode == 1
    assert "What was made has the project hnpal; project is now other." in refused.stderr


def test_a_refused_login_says_how_to_log_in(cloud: Cloud) -> None:
    cloud.refuse(DescribeImages="ExpiredToken")
    try:
        refused = cloud.run("./create.sh", YES="1")
    finally:
        cloud.refuse()
    assert refused.returncode == 1
    assert "aws login" in refused.stderr


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


def test_the_inventory_and_ssh_command_agree_on_one_key(cloud: Cloud) -> None:
    key = str(ROOT / "terraform/tests/keys/ed25519")
    facts = inventory(cloud)["_meta"]["hostvars"]["hnpal-host"]
    assert unwrapped(facts["ansible_ssh_private_key_file"]) == key
    assert unwrapped(facts["ansible_ssh_common_args"]) == "-o IdentitiesOnly=yes"
    assert cloud.output("ssh_command").startswith(f"ssh -i {key} -o IdentitiesOnly=yes ubuntu@")


def test_the_inventory_finds_the_website_and_only_the_website_is_public(cloud: Cloud) -> None:
    facts = inventory(cloud)["_meta"]["hostvars"]["hnpal-host"]
    website = unwrapped(facts["website_bucket"])
    assert website != cloud.output("bucket")
    assert unwrapped(facts["website_bucket_region"]) == REGION
    s3 = cloud.client("s3")
    [statement] = json.loads(s3.get_bucket_policy(Bucket=website)["Policy"])["Statement"]
    assert (statement["Principal"], statement["Action"]) == ("*", "s3:GetObject")
    with pytest.raises(ClientError, match="NoSuchBucketPolicy"):
        s3.get_bucket_policy(Bucket=cloud.output("bucket"))
    block = s3.get_public_access_block(Bucket=cloud.output("bucket"))
    assert all(block["PublicAccessBlockConfiguration"].values())


def test_an_operator_can_have_a_key_of_their_own(cloud: Cloud) -> None:
    facts = inventory(cloud, HNPAL_SSH_KEY="~/.ssh/mine")["_meta"]["hostvars"]["hnpal-host"]
    assert unwrapped(facts["ansible_ssh_private_key_file"]) == "~/.ssh/mine"


def test_the_inventory_finds_another_project_only_when_told(cloud: Cloud) -> None:
    assert "hnpal" not in inventory(cloud, HNPAL_PROJECT="hnpal-staging")


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


def test_destroy_removes_the_host_and_keeps_the_data(cloud: Cloud) -> None:
    s3, ec2 = cloud.client("s3"), cloud.client("ec2")
    bucket, disk = cloud.output("bucket"), cloud.output("disk")
    s3.put_object(Bucket=bucket, Key="backups/today.dump", Body=b"everything")
    website = unwrapped(inventory(cloud)["_meta"]["hostvars"]["hnpal-host"]["website_bucket"])
    s3.put_object(Bucket=website, Key="index.html", Body=b"today")

    # Asked once: the host and its website go, the data stays, and stays protected.
    destroyed = cloud.run("./destroy.sh", YES="1")
    assert destroyed.returncode == 0, destroyed.stderr
    assert cloud.instances() == []
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [bucket]
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


def test_the_operators_policy_allows_every_request(cloud: Cloud) -> None:
    """Runs last: the record holds a host's whole life."""
    policy = json.loads((ROOT / "terraform/operator-policy.json").read_text())
    allowed = [
        action
        for statement in policy["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    ]
    asked = set(cloud.record.read_text().split())
    # Asked by these tests themselves, not by Terraform or the inventory.
    asked -= {"s3:PutObject", "s3:GetObject", "s3:ListAllMyBuckets"}
    assert {
        "ec2:RunInstances",
        "budgets:ModifyBudget",
        "iam:PutRolePolicy",
        "sns:Subscribe",
        "sns:DeleteTopic",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
    } <= asked
    assert not [
        one for one in sorted(asked) if not any(fnmatch(one, pattern) for pattern in allowed)
    ]
