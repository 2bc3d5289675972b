"""What the sandboxed process may still do: compute."""

import os
import resource
from types import MappingProxyType

import numpy as np
import pyproj
import pyseccomp

from requests_app.aoi.limits import (
    ADDRESS_SPACE_LIMIT_BYTES,
    PROCESSOR_LIMIT_S,
    UNPRIVILEGED_ID,
)

_DENIED = (
    # network and every new descriptor
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4",
    "open", "openat", "openat2", "open_by_handle_at", "name_to_handle_at", "creat",
    "memfd_create", "memfd_secret", "inotify_init", "inotify_init1", "fanotify_init",
    "pidfd_open", "pidfd_getfd", "userfaultfd", "perf_event_open", "bpf", "timerfd_create",
    "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup",
    # processes
    "execve", "execveat", "fork", "vfork", "clone", "clone3", "ptrace", "kill", "tkill", "tgkill",
    "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "process_vm_readv",
    "process_vm_writev", "process_madvise", "kcmp", "setns", "unshare", "prctl", "seccomp",
    "prlimit64", "setrlimit", "sched_setaffinity", "setpriority",
    # names
    "unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
    "symlinkat", "mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "chmod", "fchmod", "fchmodat",
    "fchmodat2", "chown", "fchown", "lchown", "fchownat", "truncate", "utimensat", "utime",
    "utimes", "futimesat", "setxattr", "lsetxattr", "fsetxattr", "chdir", "fchdir", "chroot",
    "pivot_root", "mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig",
    "readlink", "readlinkat", "statfs",
    # other ways out
    "shmget", "shmat", "shmctl", "semget", "msgget", "mq_open", "mq_unlink", "keyctl", "add_key",
    "request_key", "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid",
    "setgroups", "capset", "personality", "acct", "swapon", "reboot", "init_module",
    "finit_module", "kexec_load", "syslog", "sethostname",
)  # fmt: skip
# Without these the wall has a door; a name that the library does not know must not pass unseen.
_INDISPENSABLE = frozenset(
    {"socket", "connect", "openat", "execve", "clone", "ptrace", "kill", "unlinkat", "renameat2"}
)
_EPERM = 1
_NO_SUCH_CALL = -1
_LIMITS = MappingProxyType(
    {
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 32,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
)


def drop_privileges() -> None:
    """Become nobody when started by root; a plain user stays who they are."""
    if os.geteuid() != 0:
        return
    os.setgroups([])
    os.setresgid(UNPRIVILEGED_ID, UNPRIVILEGED_ID, UNPRIVILEGED_ID)
    os.setresuid(UNPRIVILEGED_ID, UNPRIVILEGED_ID, UNPRIVILEGED_ID)


def limit_resources(
    *,
    address_space_bytes: int = ADDRESS_SPACE_LIMIT_BYTES,
    processor_s: int = PROCESSOR_LIMIT_S,
) -> None:
    for limit, value in _LIMITS.items():
        resource.setrlimit(limit, (value, value))
    resource.setrlimit(resource.RLIMIT_AS, (address_space_bytes, address_space_bytes))
    # The soft limit ends the process with a signal of its own; the hard one a second later.
    resource.setrlimit(resource.RLIMIT_CPU, (processor_s, processor_s + 1))


def open_reference_systems() -> None:
    """PROJ opens its database again after a fork: once, before opening becomes impossible."""
    lambert93 = pyproj.Transformer.from_crs("EPSG:2154", "OGC:CRS84", always_xy=True)
    longitude, latitude = lambert93.transform(574_000.0, 6_279_000.0)
    if not np.allclose((longitude, latitude), (1.4415, 43.6035), atol=0.01):
        raise RuntimeError(f"PROJ puts Toulouse at {longitude}, {latitude}")


def filter_system_calls() -> None:
    """From here on: no file, no address, no process. Raises OSError when the kernel will not."""
    wall = pyseccomp.SyscallFilter(defaction=pyseccomp.ALLOW)
    for name in _DENIED:
        if pyseccomp.resolve_syscall(pyseccomp.Arch.NATIVE, name) == _NO_SUCH_CALL:
            if name in _INDISPENSABLE:
                raise OSError(f"this system cannot deny {name}")
            continue
        wall.add_rule(pyseccomp.ERRNO(_EPERM), name)
    wall.load()
