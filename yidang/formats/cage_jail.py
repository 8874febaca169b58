"""The walls of the cage: namespaces where the system permits them, Landlock where not; each wall says if it stands.

Works by system calls alone, so that nothing needs installing. It is entered once, by the cage's parent, before any
reader is loaded; everything forked afterwards is inside.
"""

import contextlib
import ctypes
import os
import stat
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_RDONLY, _NOSUID, _NODEV, _NOEXEC, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
_DETACH = 2
_NO_NEW_PRIVILEGES = 38
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
# Where the new root is put together: a folder that every system has and no reader needs, so that nothing is left behind.
_NEW_ROOT = "/sys"
_SCRATCH = "size=1g,mode=1777"

# What readers need to see: programs, libraries, fonts. Nothing of any person, nothing of the archive.
_SYSTEM = (
    "/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/fonts", "/etc/ld.so.cache", "/etc/libreoffice",
    "/etc/alternatives", "/var/cache/fontconfig", "/var/lib/libreoffice",
    "/var/spool/libreoffice",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Walls:
    """Which protections hold; what does not is told to the operator by ``yidang doctor``."""

    network: bool = False
    files: bool = False
    processes: bool = False
    privileges: bool = False
    how: str = "none"
    reason: str = ""

    def to_json(self) -> dict[str, object]:
        """As the parent tells its client."""
        return asdict(self)


def _check(answer: int, what: str) -> None:
    if answer != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    answer = _libc.mount(
        source.encode(), target.encode(), kind.encode() if kind else None, ctypes.c_ulong(flags),
        data.encode() if data else None,
    )  # fmt: skip
    _check(answer, f"mount {target}")


def visible() -> list[str]:
    """The folders that the cage shows, read-only."""
    package = Path(__file__).resolve().parent.parent
    own = [sys.prefix, sys.base_prefix, sys.exec_prefix, str(package), *_readers_folders()]
    own += [str(Path(path).resolve()) for path in own]  # an environment may be a link to where it really lies
    paths = [path for path in (*_SYSTEM, *own) if Path(path).exists()]
    return [path for path in dict.fromkeys(paths) if not any(path.startswith(f"{other}/") for other in paths)]


def _readers_folders() -> list[str]:
    """Folders on the import path that lie outside the interpreter's own."""
    return [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]


def _copy_of_the_world(root: str) -> None:
    """A new root that holds only what is visible, read-only, and an empty /tmp."""
    _mount("none", "/", None, _REC | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NOSUID | _NODEV, _SCRATCH)
    for path in visible():
        if Path(path).is_symlink():
            Path(root + path).parent.mkdir(parents=True, exist_ok=True)
            Path(root + path).symlink_to(Path(path).readlink())
            continue
        _bind(path, root + path)
    for device in _DEVICES:
        _bind(device, root + device, readonly=False)
    for folder in ("/tmp", "/proc", "/old", "/dev/shm"):  # noqa: S108 — inside the new root
        Path(root + folder).mkdir(parents=True, exist_ok=True)


def _bind(source: str, target: str, *, readonly: bool = True) -> None:
    if Path(source).is_dir():
        Path(target).mkdir(parents=True, exist_ok=True)
    else:
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        Path(target).touch()
    _mount(source, target, None, _BIND | _REC)
    if readonly:
        # Flags that the system set on the original may not be dropped in a user namespace.
        held = os.statvfs(target).f_flag & (_NOSUID | _NODEV | _NOEXEC)
        _mount("none", target, None, _BIND | _REMOUNT | _RDONLY | _NOSUID | held)


def _move_in(root: str) -> None:
    call = _PIVOT_ROOT[os.uname().machine]
    os.chdir(root)
    _check(_libc.syscall(call, root.encode(), f"{root}/old".encode()), "pivot_root")
    os.chdir("/")
    _check(_libc.umount2(b"/old", _DETACH), "umount")
    Path("/old").rmdir()


def _map_ids(uid: int, gid: int) -> None:
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1", encoding="ascii")


def _namespaces(walls: Walls) -> None:
    """Enter new namespaces; returns in a new process which is the first of its process namespace."""
    uid, gid = os.getuid(), os.getgid()
    flags = _NEWNS | _NEWNET | _NEWIPC | _NEWUTS | _NEWPID
    _check(_libc.unshare(flags | _NEWUSER), "unshare")
    _map_ids(uid, gid)
    walls.network = True
    root = _NEW_ROOT
    try:
        _copy_of_the_world(root)
    except OSError as error:
        walls.reason = str(error)
        root = ""
    if os.fork():
        os._exit(0)  # whoever started this waits for an answer on the socket, not for this process
    walls.processes = True
    if root:
        with contextlib.suppress(OSError):  # a container may hide parts of /proc; readers manage without
            _mount("proc", f"{root}/proc", "proc", _NOSUID | _NODEV | _NOEXEC)
        _move_in(root)
        walls.files = True
    walls.how = "namespaces"


def _scratch_folder() -> str:
    """A folder of this user's own to write in, where the cage has no empty /tmp; the same each time.

    :raises OSError: somebody else made it
    """
    folder = Path(tempfile.gettempdir()) / f"yidang-cage-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder.lstat()
    if made.st_uid != os.getuid() or not stat.S_ISDIR(made.st_mode):
        raise OSError(f"{folder} belongs to somebody else")
    return str(folder)


def enter(*, namespaces: bool = True, sockets: Sequence[str] = ()) -> Walls:
    """Raise every wall that this system permits; returns in the process that is inside.

    :param namespaces: whether to try them at all
    :param sockets: folders in which a reader must make local sockets, where the cage has no empty /tmp
    """
    walls = Walls()
    walls.privileges = _libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0
    if namespaces:
        try:
            _namespaces(walls)
        except (OSError, KeyError) as error:
            walls.reason = str(error)
    if not walls.files:
        from yidang.formats.cage_landlock import restrict

        scratch = _scratch_folder()
        os.environ["TMPDIR"] = tempfile.tempdir = scratch
        restricted, reason = restrict([*visible(), *_DEVICES], [scratch, "/dev/null"], sockets)
        walls.files = restricted
        walls.how = "landlock" if restricted else walls.how
        walls.reason = walls.reason if restricted else f"{walls.reason}; {reason}"
    else:
        os.environ["TMPDIR"] = tempfile.tempdir = "/tmp"  # noqa: S108 — the cage's own, empty at its start
    return walls
