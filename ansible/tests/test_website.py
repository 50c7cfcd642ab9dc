"""Publishing from the host: to a folder, a simulated bucket and a git branch."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from test_templates import render

ANSIBLE = Path(__file__).resolve().parents[1]
PUBLISH = ANSIBLE.parent / "scripts" / "publish.py"
UPLOAD = ANSIBLE / "roles/website/files/upload_website.py"
VARS = yaml.safe_load((ANSIBLE / "roles/website/vars/main.yml").read_text())
DEFAULTS = yaml.safe_load((ANSIBLE / "roles/website/defaults/main.yml").read_text())
KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
BUCKET = "hnpal-website-1"

specification = importlib.util.spec_from_file_location("upload_website", UPLOAD)
assert specification is not None and specification.loader is not None
upload_website = importlib.util.module_from_spec(specification)
specification.loader.exec_module(upload_website)

# What `docker run` does to the site, in place of the app's image: the arguments are written down.
DOCKER = """#!/bin/bash
[ "$1" = inspect ] && echo sha256:the-app && exit
echo "$@" > {folder}/docker.log
[ -e {folder}/exit ] && exit "$(cat {folder}/exit)"
cp -r {folder}/built/. {folder}/website/site/
"""


@pytest.fixture
def s3() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    # All servers of a process share one account.
    reset = urllib.request.Request(f"{client.meta.endpoint_url}/moto-api/reset", method="POST")
    urllib.request.urlopen(reset).close()
    client.create_bucket(Bucket=BUCKET)
    yield client
    server.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a built website, a fake docker, and room for the program's own files."""
    built = tmp_path / "built"
    (built / "story").mkdir(parents=True)
    for name in (".hnpal-website", "index.html", "feed.xml", "feed.json", "story/1.html"):
        (built / name).write_text(name)
    (tmp_path / "website/site").mkdir(parents=True)
    (tmp_path / "library").mkdir()
    for program in PUBLISH, UPLOAD:
        (tmp_path / "library" / program.name).write_text(program.read_text())
    docker = tmp_path / "docker"
    docker.write_text(DOCKER.format(folder=tmp_path))
    docker.chmod(0o755)
    return tmp_path


def run(folder: Path, **variables: Any) -> subprocess.CompletedProcess[str]:
    """Run the host's program, rendered with variables of the role."""
    values = {
        **DEFAULTS,
        **VARS,
        "website_address": "https://news.example.com/",
        "website_directory": str(folder / "website"),
        "website_library": str(folder / "library"),
        "website_uses_key": False,
        **variables,
    }
    program = folder / "hnpal-website"
    script = render("roles/website/templates/hnpal-website.sh.j2", **values)
    # The tests' own Python has boto3; on a host it is Debian's.
    program.write_text(script.replace("/usr/bin/python3", sys.executable))
    return subprocess.run(
        ["bash", program],
        env={**os.environ, **KEYS, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )


def endpoint(s3: Any) -> dict[str, str]:
    return {"website_bucket": BUCKET, "website_bucket_endpoint": s3.meta.endpoint_url}


def files(s3: Any) -> dict[str, Any]:
    return {one["Key"]: one for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def test_the_container_that_builds_has_no_network_and_no_more_rights(folder: Path) -> None:
    done = run(folder, website_title="Our “news” & more")
    assert done.returncode == 0, done.stderr
    arguments = (folder / "docker.log").read_text()
    rights = "--network none", "--read-only", "--cap-drop ALL", "--volumes-from hnpal-app:ro"
    for option in rights:
        assert option in arguments
    assert "sha256:the-app python -m app.website /app/data/exports /website" in arguments
    assert arguments.endswith("--address https://news.example.com/ --title Our “news” & more\n")
    assert (folder / "website/site/story/1.html").exists()


def test_changed_files_go_to_the_bucket_and_old_ones_leave_it(folder: Path, s3: Any) -> None:
    assert run(folder, **endpoint(s3)).stdout == "Uploaded: 5, removed: 0.\n"
    assert set(files(s3)) == {
        ".hnpal-website", "index.html", "feed.xml", "feed.json", "story/1.html",
    }  # fmt: skip
    types = {name: s3.head_object(Bucket=BUCKET, Key=name)["ContentType"] for name in files(s3)}
    assert types["index.html"] == "text/html; charset=utf-8"
    assert types["feed.xml"] == "application/atom+xml; charset=utf-8"
    assert run(folder, **endpoint(s3)).stdout == "Uploaded: 0, removed: 0.\n"

    (folder / "built/index.html").write_text("today")
    (folder / "website/site/story/1.html").unlink()
    (folder / "built/story/1.html").unlink()
    assert run(folder, **endpoint(s3)).stdout == "Uploaded: 1, removed: 1.\n"
    assert s3.get_object(Bucket=BUCKET, Key="index.html")["Body"].read() == b"today"


def test_the_front_page_is_the_last_to_change(folder: Path, s3: Any) -> None:
    order = []
    s3.meta.events.register(
        "provide-client-params.s3.PutObject", lambda params, **_: order.append(params["Key"])
    )
    upload_website.upload(folder / "built", s3, BUCKET)
    assert order[0] == ".hnpal-website"
    assert order[-1] == "index.html"


def test_a_bucket_with_other_files_is_left_alone(folder: Path, s3: Any) -> None:
    s3.put_object(Bucket=BUCKET, Key="backups/today.dump", Body=b"everything")
    done = run(folder, **endpoint(s3))
    assert done.returncode == 1
    assert "holds other files" in done.stderr
    assert set(files(s3)) == {"backups/today.dump"}


def test_a_bucket_that_is_not_there_is_named(folder: Path, s3: Any) -> None:
    done = run(folder, **endpoint(s3) | {"website_bucket": "nowhere-at-all"})
    assert done.returncode == 1
    assert "Nothing more was published" in done.stderr
    assert "NoSuchBucket" in done.stderr


def test_the_branch_of_a_repository_gets_the_website(folder: Path) -> None:
    remote = folder / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", remote], check=True)
    assert run(folder, website_git_remote=str(remote)).stdout == "Published.\n"
    listed = subprocess.check_output(["git", "-C", remote, "ls-tree", "--name-only", "gh-pages"])
    assert b"index.html" in listed


def test_nothing_is_published_before_the_first_day(folder: Path, s3: Any) -> None:
    (folder / "exit").write_text(str(VARS["website_nothing_yet"]))
    assert run(folder, **endpoint(s3)).returncode == 0
    assert files(s3) == {}


def test_a_failed_build_publishes_nothing_and_fails(folder: Path, s3: Any) -> None:
    (folder / "exit").write_text("1")
    assert run(folder, **endpoint(s3)).returncode == 1
    assert files(s3) == {}
