"""Confine this process for good: no network, no other programs, no look into other processes (Linux, without root).

By seccomp (seccomp(2), Documentation/userspace-api/seccomp_filter.rst of the kernel): a filter in classic BPF refuses the
system calls that reading mail never needs. What is refused fails with EPERM. Where the system has no such filter, or the
machine is of another kind, nothing is confined, and the caller is told.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable

_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_MODE_FILTER = 2
# Classic BPF (linux/bpf_common.h): load a word; jump if it is equal, greater or equal, or has any of some bits; return.
_LOAD, _IF_EQUAL, _IF_ABOVE, _IF_ANY, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
# Where struct seccomp_data holds the number of the call and the architecture.
_NUMBER, _ARCH = 0, 4
# x32 calls on x86-64 have numbers of their own, from here on.
_X32 = 0x40000000
# AUDIT_ARCH_* of linux/audit.h.
_ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
# Name to its numbers on x86-64 and aarch64 (asm/unistd.h); -1: there is none.
_CALLS = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, -1), "vfork": (58, -1), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kill": (62, 129), "tkill": (200, 130),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "io_uring_setup": (425, 425),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219), "mount": (165, 40),
    "unshare": (272, 97), "setns": (308, 268), "unlink": (87, -1), "unlinkat": (263, 35), "rename": (82, -1),
    "renameat": (264, 38), "renameat2": (316, 276), "chmod": (90, -1), "fchmodat": (268, 53), "chown": (92, -1),
    "fchownat": (260, 54), "truncate": (76, 45), "mkdir": (83, -1), "mkdirat": (258, 34), "symlinkat": (266, 36),
    "linkat": (265, 37), "open": (2, -1), "creat": (85, -1), "openat2": (437, 437),
}  # fmt: skip

# This one is refused for writing, creating and emptying alone: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND (asm/fcntl.h).
_OPENAT = (257, 56)
_TO_WRITE = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000
_FLAGS = 32


class _Program(ctypes.Structure):
    """``struct sock_fprog`` of linux/filter.h."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def confine() -> bool:
    """Refuse to this process, from now on, what reading mail never needs; return whether the system does so."""
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in _ARCHES:
        return False
    column = list(_ARCHES).index(machine)
    numbers = sorted({call[column] for call in _CALLS.values()} - {-1})
    octets = _filter(_ARCHES[machine], numbers, _OPENAT[column])
    program = _Program(len(octets) // 8, octets)
    libc = ctypes.CDLL(None, use_errno=True)
    # Without this only root may set a filter; with it no program that is started gains rights.
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(arch: int, numbers: Iterable[int], openat: int) -> bytes:
    """Return the filter: another architecture ends the process, `numbers` are refused, all else is allowed but for `openat`."""
    refused = tuple(numbers)
    steps = [
        (_LOAD, 0, 0, _ARCH),
        (_IF_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        # From here and from each of the next to the last step: jumps are counted from the step behind.
        (_IF_ABOVE, len(refused) + 4, 0, _X32),
        *((_IF_EQUAL, len(refused) - done + 3, 0, number) for done, number in enumerate(refused)),
        (_IF_EQUAL, 0, 2, openat),
        (_LOAD, 0, 0, _FLAGS),
        (_IF_ANY, 1, 0, _TO_WRITE),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
