"""Destroys the infrastructure; the data only on explicit request."""

from __future__ import annotations

from rehearsal.lab import aws
from rehearsal.stage import Stage
from rehearsal.steps.infrastructure import terraform

ALL_DATA = "yes, delete all backups"


def run(stage: Stage) -> None:
    """Without the confirmation the data is kept; with it, nothing is."""
    expect = stage.record.expect
    s3 = aws.client(stage.lab.outside, "s3")
    s3.put_object(Bucket=stage.bucket, Key="backups/of-the-rehearsal", Body=b"kept")
    once = terraform(stage, "./destroy.sh", YES="1")
    kept = stage.lab.objects(stage.bucket, "backups/of-the-rehearsal")
    instances = _instances(stage)
    expect(
        "terraform destroy removes the host and keeps the data",
        once.returncode == 0 and bool(kept) and not instances,
        f"{len(instances)} instances, {len(kept)} of 1 object",
    )
    twice = terraform(stage, "./destroy.sh", YES="1", DESTROY_DATA=ALL_DATA)
    buckets = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    left = terraform(stage, "terraform", "state", "list").stdout.split()
    expect(
        "With the explicit confirmation, it deletes the data too",
        twice.returncode == 0 and stage.bucket not in buckets and not left,
        f"{len(left)} resources left",
    )


def _instances(stage: Stage) -> list[str]:
    running = [{"Name": "instance-state-name", "Values": ["running"]}]
    found = aws.client(stage.lab.outside, "ec2").describe_instances(Filters=running)
    return [one["InstanceId"] for group in found["Reservations"] for one in group["Instances"]]
