#!/usr/bin/env python3
"""Copy a website built by `python -m app.website` into an S3 bucket of its own.

Changed files are uploaded, the front page after the pages that it links to, and files of earlier
builds are removed. A bucket that holds other files is rejected.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

MARKER = ".hnpal-website"
FRONT_PAGE = "index.html"
# The media types of the files; feed readers depend on those of the feeds.
TYPES = {
    "feed.xml": "application/atom+xml; charset=utf-8",
    "feed.json": "application/feed+json; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
}
CACHE = "public, max-age=300"
SECONDS = 30


class UploadError(Exception):
    """Nothing was published; the message says why."""


def content_type(name: str) -> str:
    """The media type of a file of the website."""
    return TYPES.get(name) or TYPES.get(Path(name).suffix, "text/plain; charset=utf-8")


def stored(s3: Any, bucket: str) -> dict[str, str]:
    """The MD5 checksums of the bucket's files, by key; S3 gives them as the files' tags."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    found = (one for page in pages for one in page.get("Contents", ()))
    return {one["Key"]: one["ETag"].strip('"') for one in found}


def upload(website: Path, s3: Any, bucket: str) -> tuple[int, int]:
    """Make the bucket's files those of the website; the numbers of uploaded and removed files.

    Raises:
        UploadError: the folder is not a website, or the bucket has other files.
        ClientError: S3 refused a request.
        BotoCoreError: S3 was not reached.
    """
    if not (website / MARKER).is_file():
        raise UploadError(f"{website} is not a website that python -m app.website made")
    before = stored(s3, bucket)
    if before and MARKER not in before:
        raise UploadError(f"the bucket {bucket} holds other files; name another bucket")
    names = {
        path.relative_to(website).as_posix()
        for path in website.rglob("*")
        if path.is_file() and not path.is_symlink()
    }
    uploaded = 0
    # The marker is first, so that an interrupted upload to an empty bucket can be repeated.
    for name in sorted(names, key=lambda name: (name != MARKER, name == FRONT_PAGE, name)):
        content = (website / name).read_bytes()
        if before.get(name) == hashlib.md5(content, usedforsecurity=False).hexdigest():
            continue
        s3.put_object(
            Bucket=bucket,
            Key=name,
            Body=content,
            ContentType=content_type(name),
            CacheControl=CACHE,
        )
        uploaded += 1
    removed = sorted(set(before) - names)
    for name in removed:
        s3.delete_object(Bucket=bucket, Key=name)
    return uploaded, len(removed)


def main() -> int:
    """Returns 0 if the bucket has the website, otherwise 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("website", type=Path, help="the website's folder")
    parser.add_argument("bucket", help="the name of the bucket")
    parser.add_argument("--region", help="the bucket's region")
    parser.add_argument("--endpoint", help="the address of the S3 service, if not Amazon's")
    arguments = parser.parse_args()
    s3 = boto3.client(
        "s3",
        region_name=arguments.region or "us-east-1",
        endpoint_url=arguments.endpoint,
        config=Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"max_attempts": 3}),
    )
    try:
        uploaded, removed = upload(arguments.website, s3, arguments.bucket)
    except (UploadError, BotoCoreError, ClientError, OSError) as error:
        print(f"Nothing more was published: {error}", file=sys.stderr)
        return 1
    print(f"Uploaded: {uploaded}, removed: {removed}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
