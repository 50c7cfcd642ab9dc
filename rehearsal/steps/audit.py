"""Audits of the host by independent tools: lynis, ssh-audit, systemd, Compose, testinfra, and by
the CIS Docker Benchmark.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from rehearsal import docker_benchmark
from rehearsal.lab.host import USER
from rehearsal.lab.workspace import CLONE
from rehearsal.stage import Stage

HARDENING = 80
# By systemd-analyze, from 0 (isolated) to 10.
MAX_EXPOSURE = 4.0
INSTALL_LYNIS = """
    apt-get install --yes --no-install-recommends lynis >/dev/null 2>&1 || {
        apt-get update && apt-get install --yes --no-install-recommends lynis; } >/dev/null 2>&1
"""
LYNIS = """
    lynis audit system --quick --no-colors --quiet >/dev/null 2>&1
    grep -E '^(hardening_index|lynis_version|warning\\[\\])=' /var/log/lynis-report.dat
"""
# A container cannot set the kernel settings of its machine, except those of its network.
SKIP_KERNEL = """
    sed -n 's/^config-data=sysctl;\\([^;]*\\);.*/skip-test=KRNL-6000:\\1/p' /etc/lynis/default.prf |
        grep -v ':net\\.' >/etc/lynis/custom.prf
"""
ROLES = sorted(path.name for path in (CLONE / "ansible/roles").iterdir())
TESTS = CLONE / "rehearsal/host_tests"


def run(stage: Stage) -> None:
    """Run each in turn; ssh-audit last, because the SSH server then blocks its address."""
    _containers(stage)
    _services(stage)
    _testinfra(stage)
    _lynis(stage)
    _ssh_audit(stage)


def _containers(stage: Stage) -> None:
    expect = stage.record.expect
    said = stage.host.ssh("cd /opt/hnpal/app && docker compose config --quiet 2>&1 || echo failed")
    expect("docker compose config reports no error", not said.strip(), said.strip() or "ok")
    containers = docker_benchmark.read_containers(stage.host)
    bench = docker_benchmark.check(docker_benchmark.read_daemon(stage.host), containers)
    kept = bench.checked - len(bench.failed) - len(bench.by_choice)
    expect(
        "CIS Docker Benchmark: every item holds, except those that do not on purpose",
        len(containers) == 3 and not bench.failed,
        "; ".join(bench.failed)
        or f"{kept} of {bench.checked}; not on purpose: {', '.join(bench.by_choice) or 'none'}",
    )
    wrong = {
        one["Name"].removeprefix("/"): docker_benchmark.processes(stage.host, one)
        for one in containers
    }
    expect(
        "No process of a container is root's or has a capability",
        not any(wrong.values()),
        "; ".join(f"{name} {one}" for name, ones in wrong.items() for one in ones)
        or ", ".join(wrong),
    )


def _services(stage: Stage) -> None:
    found = docker_benchmark.exposures(stage.host)
    above = {name: exposure for name, exposure in found.items() if exposure > MAX_EXPOSURE}
    stage.record.expect(
        f"systemd-analyze: exposure of every service of ours at most {MAX_EXPOSURE}",
        len(found) > 0 and not above,
        ", ".join(f"{name} {exposure}" for name, exposure in (above or found).items()),
    )


def _ssh_audit(stage: Stage) -> None:
    audit = Path(sys.executable).with_name("ssh-audit")
    done = subprocess.run(
        [audit, "--json", stage.host.address],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    said = json.loads(done.stdout)
    failures = [
        f"{kind} {algorithm['algorithm']}"
        for kind in ("kex", "key", "enc", "mac")
        for algorithm in said[kind]
        if algorithm.get("notes", {}).get("fail")
    ]
    counted = sum(len(said[kind]) for kind in ("kex", "key", "enc", "mac"))
    stage.record.expect(
        "ssh-audit reports no failure",
        counted > 0 and not failures,
        ", ".join(failures) or f"{counted} algorithms, {said['banner']['software']}",
    )


def _testinfra(stage: Stage) -> None:
    workspace = stage.lab.workspace
    settings = workspace.run / "ssh_config"
    settings.write_text(
        f"Host rehearsal\n  HostName {stage.host.address}\n  User {USER}\n"
        f"  IdentityFile {stage.host.key}\n  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {stage.host.known_hosts}\n  LogLevel ERROR\n"
    )
    results = workspace.run / "testinfra.xml"
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--quiet", str(TESTS)]
    how = [
        "--hosts=ssh://rehearsal",
        f"--ssh-config={settings}",
        "--sudo",
        f"--junit-xml={results}",
    ]
    with (workspace.logs / "testinfra.log").open("wb") as log:
        subprocess.run(
            [*command, *how],
            cwd=TESTS,
            stdout=log,
            stderr=subprocess.STDOUT,
            timeout=600,
            check=False,
        )
    cases = list(ElementTree.parse(results).iter("testcase"))  # noqa: S314 - pytest's own
    for role in ROLES:
        of_role = [case for case in cases if case.get("classname", "").endswith(f"test_{role}")]
        ends = Counter(_end(case) for case in of_role)
        failed = [_name(case) for case in of_role if _end(case) == "failed"]
        passed = ends["passed"] > 0 and not failed
        skipped = f", {ends['skipped']} need a separate kernel" if ends["skipped"] else ""
        stage.record.expect(
            f"testinfra: the promises of role {role}",
            passed,
            ", ".join(failed) or f"{ends['passed']} checks passed{skipped}",
        )


def _name(case: ElementTree.Element) -> str:
    """`test_ssh[ssh://rehearsal-maxauthtries]` is `ssh maxauthtries`."""
    name = str(case.get("name")).removeprefix("test_").replace("ssh://rehearsal", "")
    return re.sub(r"[\[\]_-]+", " ", name).strip()


def _end(case: ElementTree.Element) -> str:
    ends = {"failure": "failed", "error": "failed", "skipped": "skipped"}
    return next((ends[child.tag] for child in case if child.tag in ends), "passed")


def _lynis(stage: Stage) -> None:
    stage.host.ssh(INSTALL_LYNIS, timeout=600)
    if not stage.lab.virtual:
        stage.host.ssh(SKIP_KERNEL)
    said = stage.host.ssh(LYNIS, timeout=600)
    found = dict(line.split("=", 1) for line in said.splitlines())
    warnings = [line.split("=", 1)[1] for line in said.splitlines() if line.startswith("warning")]
    index = int(found.get("hardening_index", 0))
    stage.record.expect(
        f"lynis: hardening index of at least {HARDENING}",
        index >= HARDENING,
        f"{index} (lynis {found.get('lynis_version', '?')}), {len(warnings)} warnings",
    )
    report = stage.host.ssh("cat /var/log/lynis-report.dat")
    (stage.lab.workspace.logs / "lynis-report.dat").write_text(report)
