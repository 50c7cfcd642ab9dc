"""A machine that is reached over SSH, as the host: a cloud instance, a spare computer.

The simulated services run beside the rehearsal. The host and its containers reach them at
`ADDRESS`, which is an address of a bridge without ports on the host, through remote forwarding of
one SSH connection. sshd allows that for the time of the rehearsal only.
"""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from rehearsal.lab.host import NAME, Host
from rehearsal.lab.programs import Background, ProgramFailedError
from rehearsal.lab.services import ExternalServices
from rehearsal.lab.workspace import LabError, Workspace

SCHEME = "ssh"
PROCESS = "tunnel"
# Of the network for benchmarks (RFC 2544), which is routed nowhere.
ADDRESS = "198.18.255.1"
BRIDGE = "hnpal-lab"
FOLDER = "/var/lib/hnpal-rehearsal"
LOGIN_SECONDS = 60
TUNNEL_SECONDS = 30
TAKE_BACK_SECONDS = 900
# Names before Ansible's, because sshd takes the first value of a setting.
SSHD = "/etc/ssh/sshd_config.d/00-hnpal-rehearsal.conf"
UNIT = "/etc/systemd/system/hnpal-lab.service"
# What the plays make outside of packages.
MADE = (
    "^/(etc/|opt/hnpal|usr/local/s?bin/hnpal|usr/local/lib/hnpal|var/backups/hnpal|var/cache/hnpal"
    "|mnt/s3data|swapfile)"
)
WHAT_IS_THERE = """
for path in /opt/hnpal /etc/hnpal /usr/local/sbin/hnpal-host; do
    test -e $path && echo $path
done
docker ps --all --format 'container {{.Names}}' 2>/dev/null
docker volume ls --format 'volume {{.Name}}' 2>/dev/null
true
"""
LIST = """
export LC_ALL=C
packages() { dpkg-query --show --showformat '${Package} ${Version}\n' | sort; }
files() {
    find /etc /opt /srv /usr/local /mnt /var/backups /var/cache/hnpal /swapfile -xdev 2>/dev/null |
        sort
}
units() { systemctl list-unit-files --no-legend --state=enabled | cut -d' ' -f1 | sort; }
settings() { sysctl --all 2>/dev/null | grep -E '^(kernel|net|vm|fs)\\.' |
    grep -vE 'random|quota|ns_last_pid|file-nr|inode|dentry|conntrack|netdev|neigh|\\.conf\\.' |
    sort; }
"""
REMEMBER = f"""
set -eu
{LIST}
mkdir -p {FOLDER}
cd {FOLDER}
packages >packages; files >files; units >units; settings >settings
command -v docker >docker || true
swapon --show=NAME --noheadings >swap
tar --create --file etc.tar --directory / etc
"""
OPEN = f"""
set -eu
cat >{SSHD} <<'END'
# Until the rehearsal of HN Pal ends.
AllowTcpForwarding remote
GatewayPorts clientspecified
PermitListen {ADDRESS}:*
END
cat >{UNIT} <<'END'
[Unit]
Description=An address for the simulated services of HN Pal's rehearsal
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=ip link add {BRIDGE} type bridge
ExecStart=ip address add {ADDRESS}/32 dev {BRIDGE}
ExecStart=ip link set {BRIDGE} up
ExecStop=ip link delete {BRIDGE}
[Install]
WantedBy=multi-user.target
END
sshd -t
systemctl daemon-reload
systemctl enable --quiet --now hnpal-lab.service
systemctl reload ssh.service
"""
# What was installed goes, /etc is put back, and what still differs is printed.
TAKE_BACK = f"""
{LIST}
cd {FOLDER} || exit
export DEBIAN_FRONTEND=noninteractive
{{
    systemctl disable --now hnpal-lab.service
    systemctl stop 'hnpal-*' 'docker-prune*'
    docker ps --all --quiet | xargs --no-run-if-empty docker rm --force --volumes
    docker volume ls --quiet | xargs --no-run-if-empty docker volume rm --force
    if ! test -s docker; then systemctl stop docker.socket docker containerd; fi
    systemctl stop s3fs
    while umount --lazy /mnt/s3data; do :; done
    chattr -i /mnt/s3data
    swapon --show=NAME --noheadings | grep -vxFf swap | xargs --no-run-if-empty swapoff
    packages | cut -d' ' -f1 >now
    cut -d' ' -f1 packages | comm -13 - now | xargs --no-run-if-empty apt-get purge --yes
    if ! test -s docker; then
        ip link delete docker0
        rm -rf /var/lib/docker /var/lib/containerd
    fi
    files | comm -13 files - | grep -E '{MADE}' | while read -r path; do
        rm -rf --one-file-system "$path"
    done
    tar --extract --file etc.tar --directory /
    systemctl daemon-reload
    sshd -t && systemctl reload ssh.service
    sysctl --system
}} >log 2>&1
packages | diff packages - | sed -n 's/^< /package gone: /p; s/^> /package: /p'
files | diff files - | sed -n 's/^< /file gone: /p; s/^> /file: /p'
units | diff units - | sed -n 's/^< /unit disabled: /p; s/^> /unit: /p'
settings | diff settings - | sed -n 's/^> /kernel setting: /p'
tar --compare --file etc.tar --directory / 2>&1 | grep -v 'Mod time\\|Cannot stat' |
    sed 's/^/changed: /'
cd / && rm -rf {FOLDER}
"""


def is_remote(kind: str) -> bool:
    """Whether HOST names a machine to reach over SSH."""
    return kind.startswith(f"{SCHEME}://")


def host_at(workspace: Workspace, url: str) -> Host:
    """The host at `ssh://user@address[:port]`, with the key that HNPAL_SSH_KEY names, or any.

    Raises:
        LabError: the address is not complete.
    """
    parts = urlsplit(url)
    if not parts.hostname or not parts.username:
        raise LabError(f"{url} is not of the form {SCHEME}://user@address[:port].")
    key = os.environ.get("HNPAL_SSH_KEY")
    return Host(
        address=parts.hostname,
        key=Path(key) if key else None,
        known_hosts=workspace.run / f"known_hosts-{NAME}",
        user=parts.username,
        port=parts.port or 22,
    )


def wait_for(host: Host, seconds: float = LOGIN_SECONDS) -> None:
    """Wait until the host accepts logins and has ended its boot.

    Raises:
        LabError: it does not in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            host.ssh("systemctl is-system-running --wait || true", timeout=seconds)
        except ProgramFailedError as error:
            if time.monotonic() > deadline:
                raise LabError(f"{host.user}@{host.address} refuses the login: {error}") from error
            time.sleep(1)
        else:
            return


def prepare_host(host: Host) -> None:
    """Remember the state of the host, and let it be reached through a tunnel.

    Raises:
        LabError: something is installed there that the rehearsal would damage.
    """
    if found := host.ssh(WHAT_IS_THERE).split("\n")[:-1]:
        raise LabError(
            f"{host.address} is in use, and the rehearsal would destroy it: {', '.join(found)}."
        )
    host.ssh(REMEMBER, timeout=300)
    host.ssh(OPEN)


def open_tunnel(workspace: Workspace, host: Host, outside: ExternalServices) -> None:
    """Keep the services within the host's reach, also after it has booted.

    Raises:
        LabError: the host does not listen for them.
    """
    ports = [place.rpartition(":")[2] for place in asdict(outside).values()]
    forward = [f"-R{ADDRESS}:{port}:127.0.0.1:{port}" for port in ports]
    command = [*host.login(), "-NT", "-oExitOnForwardFailure=yes", "-oServerAliveInterval=5"]
    script = 'trap "kill \\$!; exit" TERM; while :; do "$@" & wait $!; sleep 1; done'
    Background(workspace).start(PROCESS, ["sh", "-c", script, PROCESS, *command, *forward])
    listening = f"ss -Hltn | grep -c '^LISTEN.* {ADDRESS}:'"
    deadline = time.monotonic() + TUNNEL_SECONDS
    while host.ssh(f"{listening} || true").strip() != str(len(ports)):
        if time.monotonic() > deadline:
            said = Background(workspace).log(PROCESS).read_text()[-2000:]
            raise LabError(f"The host does not reach the simulated services:\n{said}")
        time.sleep(0.5)


def close_tunnel(workspace: Workspace) -> None:
    Background(workspace).stop(PROCESS)


def restore_host(host: Host) -> list[str]:
    """Remove what the rehearsal installed; returns what the host keeps of it."""
    return host.ssh(TAKE_BACK, timeout=TAKE_BACK_SECONDS).splitlines()


def for_host(outside: ExternalServices) -> ExternalServices:
    """The addresses of the services on the host."""
    return ExternalServices(
        **{name: f"{ADDRESS}:{place.rpartition(':')[2]}" for name, place in asdict(outside).items()}
    )
