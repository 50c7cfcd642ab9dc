"""Drops privileges of an unprivileged process before it parses untrusted input.

Landlock (https://docs.kernel.org/userspace-api/landlock.html) removes access to files, including
other processes' /proc entries; seccomp removes network access, new processes and signals. The
process cannot regain them, whatever code runs in it afterwards.
"""

from __future__ import annotations

import errno
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

Apply: TypeAlias = Callable[[], None]

_APP = Path(__file__).resolve().parents[1]
# Modules and libraries may be loaded when a page first needs them.
_READABLE = (
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    *(_APP / "articles", _APP / "text"),
    *map(Path, ("/lib", "/lib64", "/usr/lib", "/usr/share/zoneinfo")),
    *map(Path, ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom")),
)

# Some of these calls do not exist on some architectures.
_REFUSED = (
    # connections, and another interface that makes them
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"),
    *("sendto", "sendmsg", "sendmmsg", "io_uring_setup", "io_uring_enter", "io_uring_register"),
    # other processes
    *("kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_open", "pidfd_getfd"),
    *("pidfd_send_signal", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp"),
    *("process_madvise", "process_mrelease", "migrate_pages", "move_pages"),
    *("setpriority", "ioprio_set", "sched_setaffinity", "sched_setscheduler", "sched_setparam"),
    *("fork", "vfork", "execve", "execveat", "shmget", "shmat", "msgget", "semget", "mq_open"),
    # rarely used parts of the kernel
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key"),
    *("mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_by_handle_at"),
    *("personality", "fanotify_init", "open_tree", "fsopen", "move_mount", "memfd_secret"),
)
_CLONE_THREAD = 0x00010000


def enter() -> list[str]:
    """Give up access to files, the network and other processes, permanently.

    Returns:
        The restrictions that this system does not support, each with the error.
    """
    missing = []
    ready: list[tuple[str, Apply]] = []
    parts: tuple[tuple[str, Callable[[], Apply]], ...] = (
        ("files (Landlock)", _without_files),
        ("network and other processes (seccomp)", _without_calls),
    )
    # Both load libraries through files and processes, so neither is applied before both are
    # prepared.
    for name, prepare in parts:
        try:
            ready.append((name, prepare()))
        except Exception as error:  # a kernel or a container without support
            missing.append(f"{name}: {error or type(error).__name__}")
    for name, apply in ready:
        try:
            apply()
        except Exception as error:
            missing.append(f"{name}: {error or type(error).__name__}")
    return missing


def _without_files() -> Apply:
    from py_landlock import AccessFs, Landlock

    # Not strict: apply as many of the default restrictions as the kernel supports.
    rules = Landlock(strict=False)
    for path in filter(Path.exists, _READABLE):
        access = AccessFs.READ_FILE
        rules.add_path_rule(path, access=access | AccessFs.READ_DIR if path.is_dir() else access)
    rules.abi_version  # noqa: B018 - looks for libc, and whether the kernel has Landlock
    return rules.apply


def _without_calls() -> Apply:
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(defaction=seccomp.ALLOW)
    refusal = seccomp.ERRNO(errno.EPERM)
    for name in _REFUSED:
        # A call that the library or the architecture lacks cannot be made either.
        if seccomp.resolve_syscall(seccomp.Arch.NATIVE, name) >= 0:
            rules.add_rule(refusal, name)
    # Threads are allowed, processes are not. The flags of clone3 cannot be inspected, and without
    # it libc uses clone.
    no_thread = seccomp.Arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, 0)
    rules.add_rule(refusal, "clone", no_thread)
    if seccomp.resolve_syscall(seccomp.Arch.NATIVE, "clone3") >= 0:
        rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    # A process queries its own limits with process id 0.
    rules.add_rule(refusal, "prlimit64", seccomp.Arg(0, seccomp.NE, 0))
    load: Apply = rules.load
    return load
