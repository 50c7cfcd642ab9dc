#!/bin/sh
# Runs in separate mount and network namespaces, so that dockerd's changes (mounts, packet
# filter, forwarding, bridges) end with it and do not affect the machine.
#   private_engine.sh <root of a Debian 13> <folder for images and containers> <x of 10.x.0.0/16> <cgroup>
set -eu
root=$1 data=$2 number=$3 cgroup=$4

# pivot_root, because a process that enters a container's namespaces would escape a chroot.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root/var/lib/docker"
mount --bind "$data" "$root/var/lib/docker"

cd "$root"
mkdir -p machine
pivot_root . machine
umount --lazy machine
ip link set lo up
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin dockerd \
    --host unix:///run/docker.sock --pidfile /run/docker.pid --exec-root /run/docker \
    --bip "10.$number.1.1/24" --cgroup-parent "/$cgroup"
