"""The promises of role `base`: no logins with passwords, and a host that maintains itself."""

from __future__ import annotations

import pytest
from testinfra.host import Host

SSH = {
    "passwordauthentication": "no",
    "kbdinteractiveauthentication": "no",
    "permitemptypasswords": "no",
    "permitrootlogin": "no",
    "x11forwarding": "no",
    "allowagentforwarding": "no",
    "allowtcpforwarding": "no",
    "maxauthtries": "4",
}
NETWORK = {
    "net.ipv4.conf.all.accept_redirects": 0,
    "net.ipv4.conf.all.accept_source_route": 0,
    "net.ipv4.conf.all.send_redirects": 0,
    "net.ipv4.conf.all.rp_filter": 1,
    "net.ipv6.conf.all.accept_redirects": 0,
}
KERNEL = {
    "vm.swappiness": 10,
    "vm.overcommit_memory": 1,
    "kernel.kptr_restrict": 2,
    "kernel.dmesg_restrict": 1,
    "kernel.sysrq": 0,
    "fs.suid_dumpable": 0,
}


def own_kernel(host: Host) -> bool:
    return bool(host.run("systemd-detect-virt --container").rc)


@pytest.mark.parametrize("setting", SSH)
def test_ssh(host: Host, setting: str) -> None:
    effective = dict(
        line.split(" ", 1) for line in host.check_output("sshd -T").splitlines() if " " in line
    )
    assert effective[setting] == SSH[setting]


@pytest.mark.parametrize("setting", NETWORK)
def test_network_settings(host: Host, setting: str) -> None:
    assert host.sysctl(setting) == NETWORK[setting]


@pytest.mark.parametrize("setting", KERNEL)
def test_kernel_settings(host: Host, setting: str) -> None:
    if not own_kernel(host):
        pytest.skip("a container shares its machine's kernel")
    assert host.sysctl(setting) == KERNEL[setting]


def test_swap_is_used_now_and_after_a_boot(host: Host) -> None:
    if not own_kernel(host):
        pytest.skip("a container shares its machine's swap")
    assert "/swapfile" in host.check_output("swapon --show=NAME --noheadings")
    assert "/swapfile" in host.file("/etc/fstab").content_string
    assert host.file("/swapfile").mode == 0o600


def test_security_upgrades_come_by_themselves(host: Host) -> None:
    assert host.package("unattended-upgrades").is_installed
    settings = host.check_output("apt-config dump")
    assert 'APT::Periodic::Unattended-Upgrade "1";' in settings
    assert 'Unattended-Upgrade::Automatic-Reboot "true";' in settings
    assert host.service("apt-daily-upgrade.timer").is_running


def test_the_journal_is_kept_and_capped(host: Host) -> None:
    settings = host.check_output("systemd-analyze cat-config systemd/journald.conf")
    assert "Storage=persistent" in settings
    assert "SystemMaxUse=200M" in settings


def test_nothing_dumps_core(host: Host) -> None:
    assert host.check_output("ulimit -c") in ("0", "0 0")


def test_every_unit_is_well(host: Host) -> None:
    assert host.check_output("systemctl list-units --failed --plain --no-legend") == ""
