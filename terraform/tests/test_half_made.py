"""An apply that AWS stops half-way says what to do, and what it made can be taken away."""

from __future__ import annotations

from conftest import Cloud


def left(cloud: Cloud) -> list[str]:
    return [
        line
        for line in cloud.run("terraform", "state", "list").stdout.split()
        if line.startswith("aws_")
    ]


def test_a_host_that_aws_has_no_room_for(account: Cloud) -> None:
    account.refuse(RunInstances="InsufficientInstanceCapacity")
    try:
        stopped = account.run("./create.sh", YES="1")
    finally:
        account.refuse()
    assert stopped.returncode == 1
    assert "AWS has no free t3.micro in this zone at the moment." in stopped.stderr
    assert "one of: ap-southeast-1a, ap-southeast-1b, ap-southeast-1c" in stopped.stderr
    assert "make destroy" in stopped.stderr
    assert "aws_vpc.main" in left(account) and "aws_instance.host" not in left(account)

    # Asked once: the network and the role go, the bucket stays.
    destroyed = account.run("./destroy.sh", YES="1")
    assert destroyed.returncode == 0, destroyed.stderr
    assert {address.split(".")[0] for address in left(account)} <= {
        "aws_s3_bucket",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
    }

    # In another zone there is room.
    made = account.run("./create.sh", YES="1", TF_VAR_zone="ap-southeast-1b")
    assert made.returncode == 0, made.stderr
    assert account.output("zone") == "ap-southeast-1b"

    gone = account.run("./destroy.sh", YES="1", DESTROY_DATA="yes, delete all backups")
    assert gone.returncode == 0, gone.stderr
    assert left(account) == []


def test_a_host_that_got_no_address(account: Cloud) -> None:
    """The instance is there, its outputs are not: a destroy goes by the resources."""
    account.refuse(AllocateAddress="AddressLimitExceeded")
    try:
        stopped = account.run("./create.sh", YES="1")
    finally:
        account.refuse()
    assert stopped.returncode == 1
    assert "`make destroy` takes it away instead." in stopped.stderr
    assert len(account.instances()) == 1

    gone = account.run("./destroy.sh", YES="1", DESTROY_DATA="yes, delete all backups")
    assert gone.returncode == 0, gone.stderr
    assert left(account) == [] and account.instances() == []
    volumes = account.client("ec2").describe_volumes()["Volumes"]
    assert not [volume for volume in volumes if volume["State"] == "in-use"]
