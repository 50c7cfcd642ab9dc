"""The simulated AWS: environment variables that select it, and a bucket without Terraform."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import boto3

from rehearsal.lab.services import ExternalServices

REGION = "ap-southeast-1"
ACCESS_KEY_ID = "AKIAREHEARSAL0000000"
SECRET_ACCESS_KEY = "any is accepted"  # noqa: S105 - of no account


def environment(outside: ExternalServices) -> dict[str, str | None]:
    """The variables that make Terraform, Ansible and boto3 use the simulated AWS."""
    return {
        "AWS_ENDPOINT_URL": f"http://{outside.aws}",
        "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "2",
        "AWS_PROFILE": None,
        "AWS_SESSION_TOKEN": None,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }


def client(outside: ExternalServices, service: str) -> Any:
    """A boto3 client of the simulated AWS."""
    return boto3.client(
        service,
        endpoint_url=f"http://{outside.aws}",
        region_name=REGION,
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
    )


def make_bucket(outside: ExternalServices, name: str) -> None:
    """Create an empty bucket; an existing one is kept."""
    s3 = client(outside, "s3")
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
