"""Ways out of the sandbox, as a hand-in would try them: each named, each harmless where it holds.

`QUIET` are functions that return something true where they got out; all are tried in one process.
`LOUD` are the bodies of `Tanh.forward` of a hand-in each, as they may end the process. What they
know of the machine is in `FACTS`, a dictionary that the test writes in front of them, and in
`FILES`, how many are a hundred thousand.
"""

QUIET = """
import ctypes, glob, os, resource, socket, stat, subprocess, sys
LIBC = ctypes.CDLL(None, use_errno=True)

def remount_the_root(): return LIBC.mount(b"none", b"/", None, 32 | 4096, None) == 0
def mount_a_file_system(): return LIBC.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0
def unmount_what_hides():
    hidden = [line.split()[4] for line in open("/proc/self/mountinfo")]
    return any(LIBC.umount2(place.encode(), 2) == 0 for place in reversed(hidden))
def a_user_namespace_of_its_own(): return LIBC.unshare(0x10000000) == 0
def a_mount_namespace_of_its_own(): return LIBC.unshare(0x00020000) == 0
def join_another_namespace():
    return any(LIBC.setns(os.open(f, os.O_RDONLY), 0) == 0 for f in glob.glob("/proc/1/ns/*"))
def change_the_root(): return LIBC.chroot(b"/tmp") == 0
def become_root(): os.setuid(0); return True
def capabilities():
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return any(int(lines[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh"))
def gain_privileges(): return subprocess.run(["su", "-c", "true"], stdin=-3).returncode == 0
def processes_of_the_grader():
    lines = [open(f, "rb").read() for f in glob.glob("/proc/[0-9]*/cmdline")]
    return any(word in line for line in lines for word in (b"classes", b"pytest", b"grading"))
def memory_of_the_parent():
    others = [n for n in os.listdir("/proc") if n.isdecimal() and int(n) != os.getpid()]
    return any(b"SECRET" in open(f"/proc/{n}/environ", "rb").read() for n in others)
def trace_the_grader(): return LIBC.ptrace(16, FACTS["grader"], 0, 0) == 0
def signal_the_grader(): os.kill(FACTS["grader"], 0); return True
def an_abstract_socket():
    socket.socket(socket.AF_UNIX).connect("\\0" + FACTS["abstract"]); return True
def a_socket_in_a_folder(): socket.socket(socket.AF_UNIX).connect(FACTS["socket"]); return True
def the_local_network(): socket.create_connection(("127.0.0.1", FACTS["port"]), 2); return True
def the_internet():
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53))
def look_up_a_name(): return socket.getaddrinfo("example.org", 80)
def type_on_the_terminal():
    import fcntl
    for n in range(3):
        try: fcntl.ioctl(n, 0x5412, b"x"); return True
        except OSError: pass
def open_the_terminal(): return open("/dev/tty", "wb")
def the_passwords(): return open("/etc/shadow").read()
def home_folders(): return any(os.listdir(f) for f in ("/home", "/root/.ssh") if os.path.isdir(f))
def the_stored_answers():
    return [f for f in FACTS["secrets"] if os.path.isdir(f) and os.listdir(f)]
def the_graders_modules():
    import importlib
    found = []
    for name in ("references", "scoring", "question_scoring", "grading", "diagnosis", "puzzle"):
        try: found.append(importlib.import_module("tests.autograder." + name))
        except ImportError: pass
    return found
def an_answer_in_memory():
    import gc
    return [o for o in gc.get_objects() if isinstance(o, dict) and "answers" in map(str, o)
            and type(o.get("answers")) is dict]
def other_hand_ins(): return os.path.exists(FACTS["hand_ins"])
def the_results(): os.makedirs(FACTS["out"]); return os.path.exists(FACTS["canary"])
def a_file_in_the_shared_folder(): return os.path.exists(FACTS["temporary"])
def shared_memory(): return os.path.exists(FACTS["shm"])
def system_v_memory(): return LIBC.shmget(FACTS["key"], 1, 0) >= 0
def variables_of_the_grader(): return [v for v in os.environ.values() if "SECRET" in v]
def the_interpreters_start_up():
    import site, sysconfig
    for folder in {*site.getsitepackages(), sysconfig.get_path("stdlib"), sys.prefix}:
        file = os.path.join(folder, "mytorch_escaped.pth")
        try: open(file, "w").close(); os.remove(file); return folder
        except OSError: pass
def the_systems_programs(): open("/usr/bin/env", "ab"); return True
def settings_of_the_kernel():
    for folder, _, files in os.walk("/proc/sys"):
        for file in files:
            try: open(os.path.join(folder, file), "r+").close(); return file
            except OSError: pass
def a_reset_of_the_machine(): open("/proc/sysrq-trigger", "r+").close(); return True
def memory_of_the_kernel(): return open("/proc/kcore", "rb").read(1)
def disks(): return [f for f in glob.glob("/dev/*") if stat.S_ISBLK(os.lstat(f).st_mode)]
def make_a_device(): os.mknod("disk", 0o600 | stat.S_IFBLK, os.makedev(8, 0)); return True
def files_that_were_left_open():
    links = [os.readlink(f) for f in glob.glob("/proc/self/fd/*") if os.path.lexists(f)]
    inside = os.path.dirname(os.getcwd())
    return [f for f in links if f[0] == "/" and "deleted" not in f
            and not f.startswith((inside, "/dev/", "/proc/"))]
def raise_its_own_limits():
    return resource.setrlimit(resource.RLIMIT_AS, (1 << 50, 1 << 50)) is None
def a_name_for_the_machine(): return socket.gethostname() == FACTS["host"]
def memory_as_files():
    for folder in ("/", "/tmp", "/dev", "/dev/shm", "/run", "/var/tmp"):
        try: open(folder + "/big", "w").close(); return folder
        except OSError: pass
def files_in_memory(): return os.memfd_create("big")
def more_than_its_disk():
    files = []
    for n in range(12):  # deleted while they are open, where nobody counts them
        files.append(open(f"big{n}", "wb", buffering=0))
        os.unlink(f"big{n}")
        if files[-1].write(bytes(10 << 20)) < 10 << 20: return False
    return True
def a_larger_disk():
    own = os.path.dirname(os.getcwd())
    return LIBC.mount(b"none", own.encode(), b"tmpfs", 32, b"size=10g") == 0
def the_copy_of_the_grader():
    above = os.path.dirname(os.path.dirname(os.getcwd()))
    for name in ("inputs.npz", "grader/tests/__init__.py", "submission/hw1.py"):
        try: open(os.path.join(above, name), "r+b").close(); return name
        except OSError: pass
def keys_of_the_kernel(): return LIBC.syscall(248, b"user", b"x", b"y", 1, -3) > 0
def a_ring_of_the_kernel(): return LIBC.syscall(425, 1, bytes(120)) >= 0
def a_link_that_leads_out(): os.symlink(FACTS["out"], "out"); return os.listdir("out")

def out():
    found = []
    for number, name in enumerate(FACTS["names"]):
        try:
            if globals()[name](): found.append(str(number))  # a message may not be long
        except BaseException: pass
    if found: raise ValueError("ESCAPED: " + ", ".join(found))
"""

LOUD = {
    "a fork bomb": "import os\nwhile True: os.fork()",
    "a fork bomb beside os.fork": "import subprocess, sys\nwhile True: "
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])",
    "kill whatever can be killed": "import os\nos.kill(-1, 9)",
    "a hundred thousand files": "import os\nfor n in range(FILES): open(f'{n}', 'w').close()\n"
    "os._exit(1)",
    "a disk full of bytes": "import os\nwith open('big', 'wb') as f:\n"
    "    while True: f.write(bytes(1 << 24))",
    "deleted files without end": "import os\nkept = []\nwhile True:\n"
    "    kept.append(open('big', 'wb', buffering=0)); os.unlink('big')\n"
    "    if kept[-1].write(bytes(1 << 24)) < 1 << 24: os._exit(1)",
    "a huge array": "return np.zeros((1 << 22, 1 << 10))",
    "a huge result": "return np.broadcast_to(np.float64(1), (1 << 40,))",
    "an object that equals everything": "class Same(np.ndarray):\n"
    "    __eq__ = __le__ = __lt__ = __ge__ = __gt__ = lambda *a: True\n"
    "    __sub__ = __rsub__ = lambda *a: np.zeros(a[0].shape)\n"
    "return np.zeros_like(x).view(Same)",
    "forged messages": "import os\nfor n in range(3, 60):\n    try:\n"
    '        os.write(n, b\'{"question": "3.3b", "done": true}\\n{"end": true}\\n\')\n'
    "    except OSError: pass\nos._exit(0)",
    "a core dump": "import os, resource\ntry: resource.setrlimit(4, (-1, -1))\n"
    "except (OSError, ValueError): pass\nos.abort()",
    "names and prints with escape codes": "import sys\nopen('\\x1b[2J\\x1b]0;x\\x07', 'w')\n"
    "print('\\x1b[2J' * 99)\nraise ValueError('\\x1b]0;owned\\x07')",
    "a process that outlives": "import os\nif not os.fork():\n    os.setsid()\n"
    "    if not os.fork():\n        os.execve('/bin/sleep', ['sleep', '987.5'], {})\n"
    "    os._exit(0)\nos._exit(0)",
    "its folder replaced by links": "import os, shutil\nhere = os.getcwd()\n"
    "for name in os.listdir(here): shutil.rmtree(name, True) or os.path.exists(name) and "
    "os.remove(name)\nos.symlink(FACTS['out'], 'results')\nos.symlink('/', 'root')\nos._exit(0)",
    "a patched NumPy": "np.array_equal = np.allclose = np.all = lambda *a, **k: True\n"
    "np.ndarray.__eq__ = None\nreturn x",
}
