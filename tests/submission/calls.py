"""In a child: system calls that nobody's homework needs, and that get around its limits (Linux).

Files in memory (`memfd_create`) are neither the process's memory nor on a disk; keys and rings of
the kernel are its own memory. They are refused, as by a system that does not allow them.
"""

from __future__ import annotations

import contextlib
import ctypes
import platform
import struct

MACHINES = {
    "x86_64": (0xC000003E, (319, 447, 425, 248, 250, 321, 323, 298)),
    "aarch64": (0xC00000B7, (279, 447, 425, 217, 219, 280, 282, 241)),
}
"""By machine: what the kernel calls it, and the numbers of memfd_create, memfd_secret,
io_uring_setup, add_key, keyctl, bpf, userfaultfd and perf_event_open.
"""
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of the kernel's filters."""
ALLOWED, REFUSED = 0x7FFF0000, 0x00050001
"""What a filter returns; a refused call fails with EPERM."""
OTHER_NUMBERS = 0x40000000
"""From here on calls have second numbers on some machines."""


def refuse_calls() -> None:
    """Refuses them to this process and all that it starts, as far as the kernel can."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return
    with contextlib.suppress(OSError, AttributeError):
        prctl = ctypes.CDLL(None).prctl
        program = _program(*machine)
        code = ctypes.create_string_buffer(program)
        filter = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
        prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS, without which only root may
        prctl(22, 2, filter)  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER


def _program(machine: int, numbers: tuple[int, ...]) -> bytes:
    """A filter: other machines' calls, second numbers and these calls go to its last line."""
    last = len(numbers) + 1
    steps = [(LOAD, 0, 0, 4), (EQUAL, 0, last + 2, machine), (LOAD, 0, 0, 0)]
    steps.append((AT_LEAST, last, 0, OTHER_NUMBERS))
    steps += [(EQUAL, last - 1 - n, 0, number) for n, number in enumerate(numbers)]
    steps += [(RETURN, 0, 0, ALLOWED), (RETURN, 0, 0, REFUSED)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
