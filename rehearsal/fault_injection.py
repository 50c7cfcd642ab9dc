"""Injects faults into a host, from outside, as they would occur."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager

from rehearsal.lab.host import Host

# Exceeds the container's limit including swap; the bytes are written, not only reserved.
HOG = "b'x' * (2 << 30)"
BALLAST = "/var/log/ballast-of-the-rehearsal"
# Ever smaller files, until no block is free.
FILL = f"""
    number=0
    for size in 4G 1G 256M 64M 16M 4M 1M 256K 64K 16K 4K; do
        while fallocate --length $size {BALLAST}.$number 2>/dev/null; do
            number=$((number + 1))
        done
        rm -f {BALLAST}.$number
    done
    df --output=avail {BALLAST}.0 | tail -1
"""
CHAINS = ("OUTPUT", "FORWARD")


def kill(host: Host, container: str) -> None:
    """Send SIGKILL to a container's first process, from outside Docker, as in a crash."""
    host.ssh(f"kill -9 {_first_process(container)}")


def exhaust_memory(host: Host, container: str) -> None:
    """Use up a container's memory until the kernel kills its first process."""
    host.ssh(
        f"echo 1000 >/proc/{_first_process(container)}/oom_score_adj"
        f" && docker exec {container} python -c {shlex.quote(HOG)} || true"
    )


@contextmanager
def full_disk(host: Host) -> Iterator[int]:
    """Fill the host's disk to the last block; yields how many KiB were left."""
    try:
        yield int(host.ssh(FILL))
    finally:
        host.ssh(f"rm -f {BALLAST}.*")


@contextmanager
def unreachable(host: Host, place: str) -> Iterator[None]:
    """Drop every packet from the host and its containers to `host:port`."""
    address, _, port = place.partition(":")
    rule = f"--destination {address} --protocol tcp --dport {port} --jump DROP"
    host.ssh(" && ".join(f"iptables --insert {chain} {rule}" for chain in CHAINS))
    try:
        yield
    finally:
        host.ssh("; ".join(f"iptables --delete {chain} {rule}" for chain in CHAINS))


@contextmanager
def diverted(host: Host, place: str, stand_in: str) -> Iterator[None]:
    """Lead the host's and its containers' connections to `host:port` to another one.

    Open connections are reset by the next packet that the host sends.
    """
    address, _, port = place.partition(":")
    what = f"--destination {address} --protocol tcp --dport {port}"
    to = f"{what} --jump DNAT --to-destination {stand_in}"
    reset = f"{what} --jump REJECT --reject-with tcp-reset"
    rules = [f"-t nat {{}} {chain} {to}" for chain in ("OUTPUT", "PREROUTING")]
    rules += [f"{{}} {chain} {reset}" for chain in CHAINS]
    host.ssh(" && ".join("iptables " + rule.format("--insert") for rule in rules))
    try:
        yield
    finally:
        host.ssh("; ".join("iptables " + rule.format("--delete") for rule in rules))


@contextmanager
def stopped(host: Host, container: str) -> Iterator[None]:
    """Stop a container during the block."""
    host.ssh(f"docker stop --time 1 {container}")
    try:
        yield
    finally:
        host.ssh(f"docker start {container}")


def _first_process(container: str) -> str:
    return f"$(docker inspect --format '{{{{.State.Pid}}}}' {container})"
