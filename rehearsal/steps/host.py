"""A bare host of t3.micro size, with systemd, sshd and Python only."""

from __future__ import annotations

from rehearsal.lab.aws import make_bucket
from rehearsal.lab.inventory import write_inventory
from rehearsal.lab.machine import how_it_runs
from rehearsal.stage import Stage

# The limit of a container, or of a machine, whose kernel reserves some.
MEMORY_LIMIT = """
    cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null ||
        awk '/^MemTotal/ {print $2 * 1024}' /proc/meminfo
"""
KERNEL_BYTES = 128 * 2**20


def run(stage: Stage) -> None:
    """Boot the host and inspect it."""
    stage.operator.disconnect()
    host = stage.a_host = stage.lab.new_host()
    lab = stage.lab
    make_bucket(lab.outside, stage.bucket)  # unless Terraform has created it
    write_inventory(lab.workspace, host, lab.for_host, stage.bucket)

    system = host.ssh(". /etc/os-release; echo $PRETTY_NAME; systemctl is-system-running || true")
    name, state = system.split("\n")[:2]
    stage.record.expect("A fresh host boots and accepts logins", state == "running", name)
    if lab.remote is not None:
        stage.host_kind = f"{name} at {host.address}, reached over SSH"
        return
    memory = int(host.ssh(MEMORY_LIMIT).split()[0])
    fits = 2**30 - KERNEL_BYTES <= memory <= 2**30 if lab.virtual else memory == 2**30
    stage.record.expect("It has 1 GiB of memory", fits, f"{memory / 2**20:.0f} MiB")
    stage.host_kind = f"a container with {name} as host"
    if lab.virtual:
        kernel = host.ssh("uname --kernel-release").strip()
        how = how_it_runs(lab.engine.docker)
        stage.host_kind = f"a virtual machine with {name}, kernel {kernel}, as host ({how})"
    there = host.ssh("command -v docker git s3fs || true").split()
    stage.record.expect("Nothing is preinstalled on it", not there, ", ".join(there) or "bare")
