"""What must be the same on a host after every repair: files, units, mounts, containers' limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

# One name and one value per line. What belongs to a release, such as its commit, is left out.
SCRIPT = r"""
for path in /opt/hnpal /opt/hnpal/* /opt/hnpal/.env* /etc/hnpal/* /usr/local/sbin/hnpal* \
    /etc/docker/daemon.json /etc/systemd/system/*hnpal*; do
    stat --format='mode of %n: %a %U %G %F' $path
done 2>/dev/null
for path in /etc/hnpal/host.json /usr/local/sbin/hnpal-* /etc/docker/daemon.json \
    /etc/systemd/system/*hnpal*.service /etc/systemd/system/*hnpal*.timer \
    /etc/ssh/sshd_config.d/*; do
    test -f $path && echo "content of $path: $(sha256sum <$path)"
done
echo "names of settings: $(cut -d= -f1 /opt/hnpal/.env | sort | tr '\n' ' ')"
echo "remote of the clone: $(git -C /opt/hnpal/app remote get-url origin 2>&1)"
systemctl list-unit-files --no-legend --state=enabled | sed 's/^\([^ ]*\).*/enabled \1: yes/'
systemctl list-timers --no-legend 'hnpal-*' 'docker-*' | grep -o '[^ ]*\.timer' | sort |
    sed 's/.*/timer \0: active/'
for unit in $(systemctl list-units --state=failed --no-legend --plain | cut -d' ' -f1); do
    echo "failed $unit: yes"
done
echo "bucket: $(findmnt --noheadings --output FSTYPE,VFS-OPTIONS /mnt/s3data)"
echo "networks: $(docker network ls --format '{{.Name}}' | sort | tr '\n' ' ')"
echo "volumes: $(docker volume ls --format '{{.Name}}' | sort | tr '\n' ' ')"
for name in hnpal-app hnpal-postgres hnpal-redis; do
    echo "limits of $name: $(docker inspect $name --format '{{with .HostConfig}}{{.Memory}}
        {{.NanoCpus}} {{.PidsLimit}} {{.ReadonlyRootfs}} {{.RestartPolicy.Name}}
        {{.CapDrop}}{{end}}' | tr '\n' ' ')"
    echo "networks of $name: $(docker inspect \
        --format '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}' $name)"
done
echo "packages in disorder: $(dpkg --audit | head -3 | tr '\n' ' ')"
"""

Fingerprint = Mapping[str, str]


def take(shell: Callable[[str], str]) -> Fingerprint:
    """The state of the host whose `shell` runs commands as root, by the name of each part."""
    lines = (line.partition(": ") for line in shell(SCRIPT).splitlines())
    return {name: " ".join(value.split()) for name, _, value in lines if value}


def differences(before: Fingerprint, after: Fingerprint) -> list[str]:
    """The parts that differ, with both values."""
    return [
        f"{name}: {before.get(name, 'nothing')} became {after.get(name, 'nothing')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
