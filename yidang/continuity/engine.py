"""restic, called as a program: deduplicating, encrypted, atomic snapshots in a folder or wherever restic can write."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from yidang.continuity import reaching
from yidang.continuity.errors import (
    BackupDamaged,
    BackupFailed,
    EngineMissing,
    NoBackupThere,
    PlaceRefuses,
    PlaceSilent,
    WrongPassphrase,
)

INCOMPLETE = 3  # restic's word for «some files could not be read»: they were moved while it looked
# restic tries a call again after growing pauses, for a quarter of an hour. At a pause of so many seconds it has failed
# for about a minute: then nobody is there.
PATIENCE = 15.0
_PAUSE = re.compile(r"retrying after (?:(\d+)m)?([\d.]+)(ms|µs|s)")
_SCALE = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}
SILENT = (
    "connection refused", "no such host", "i/o timeout", "no route to host", "network is unreachable", "connection reset",
    "unable to start the sftp session", "connection timed out", "could not resolve", "broken pipe", "connection closed",
    "unexpected eof", "ssh command exited",
)  # fmt: skip
REFUSED = (
    "access denied", "accessdenied", "permission denied", "signaturedoesnotmatch", "invalidaccesskeyid", "signature we calculated",
    "host key verification failed", "access key id you provided", "forbidden by object lock",
)  # fmt: skip


@dataclass(frozen=True)
class Snapshot:
    """One backup as the place holds it."""

    id: str
    at: str
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Written:
    """What one run wrote. Bytes are those of the sources, and those that were new to the place."""

    snapshot: str
    files: int
    bytes: int
    added: int


@dataclass(frozen=True)
class Weight:
    """What a backup becomes when it is read: files and folders, and the bytes of the files."""

    files: int
    bytes: int


class Incomplete(Exception):
    """Files moved while they were read; the same again finds them at rest."""


@dataclass(frozen=True)
class Place:
    """Where backups are kept: a folder, or an address as restic knows them (``s3:…``, ``sftp:…``, ``rest:…``)."""

    address: str
    passphrase: str
    cache: Path
    patience: float = PATIENCE

    @property
    def folder(self) -> Path | None:
        """The folder, where it is one on this machine."""
        return Path(self.address) if reaching.is_folder(self.address) else None

    def init(self) -> None:
        """Write a key and what it opens; see :mod:`yidang.continuity.beginning` for what a cut leaves."""
        self._run(["init"])

    def snapshots(self) -> list[Snapshot]:
        """All backups that are there, the oldest first.

        :raises NoBackupThere, WrongPassphrase: see there
        """
        rows = json.loads(self._run(["snapshots", "--json", "--no-lock", "--tag", "yidang"]) or "[]") or []
        found = [Snapshot(row["id"], row["time"], tuple(row["paths"])) for row in rows]
        return sorted(found, key=lambda one: one.at)

    def write(
        self, paths: Sequence[Path], *, exclude: Sequence[str] = (), beat: Callable[[float], None] | None = None
    ) -> Written:
        """Take one snapshot of these paths; killed anywhere, it is not there at all.

        :param beat: told now and then how much is done, from 0 to 1
        :raises Incomplete: files moved meanwhile
        :raises BackupFailed: restic could not write
        """
        arguments = ["backup", "--json", "--tag", "yidang", "--host", "yidang"]
        arguments += [f"--exclude={pattern}" for pattern in exclude]
        summary: dict[str, object] = {}

        def hear(line: str) -> None:
            told = json.loads(line) if line.startswith("{") else {}
            if told.get("message_type") == "summary":
                summary.update(told)
            elif beat is not None and "percent_done" in told:
                beat(float(told["percent_done"]))

        self._run([*arguments, "--", *map(str, paths)], hear)
        short = str(summary["snapshot_id"])
        whole = next((one.id for one in reversed(self.snapshots()) if one.id.startswith(short)), short)
        return Written(
            whole, int(str(summary["total_files_processed"])),
            int(str(summary["total_bytes_processed"])), int(str(summary["data_added"])),
        )  # fmt: skip

    def weigh(self, snapshot: str = "latest") -> Weight:
        """How much a snapshot becomes when it is read.

        :raises BackupDamaged: its list of files is not as it was written
        """
        told = json.loads(
            self._read(["stats", snapshot, "--mode", "restore-size", "--json", "--no-lock", "--tag", "yidang"])
        )
        return Weight(int(told["total_file_count"]), int(told["total_size"]))

    def read(self, snapshot: str, target: Path) -> None:
        """Put the files of a snapshot below a folder, under their whole paths.

        :raises BackupDamaged: what is kept is not what was written
        """
        self._read(["restore", snapshot, "--target", str(target), "--no-lock", "--tag", "yidang"])

    def check(self, share: str = "100%") -> None:
        """Read a share of everything that is kept and compare it with its own digests.

        :raises BackupDamaged: some of it is not as it was written
        """
        self._read(["check", "--no-lock", f"--read-data-subset={share}"])

    def _read(self, arguments: Sequence[str]) -> str:
        """Run what only reads: where restic fails at that, what is kept is not what was written."""
        try:
            return self._run(arguments)
        except BackupFailed as reason:
            raise BackupDamaged(reasons=str(reason.details.get("reasons", ""))) from reason

    def _run(self, arguments: Sequence[str], hear: Callable[[str], None] | None = None) -> str:
        """Run restic to its end; what it printed, or nothing when somebody hears each line."""
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix="ssh-", suffix=".log", dir=self.cache) as ssh_log:
            code, out, reasons = self._hear(self._start(arguments, Path(ssh_log.name)), hear)
            reasons += ssh_log.read().decode(errors="replace")
        self._judge(code, reasons)
        return out

    def _hear(self, process: "subprocess.Popen[str]", hear: Callable[[str], None] | None) -> tuple[int, str, str]:
        """The process's answer, what it printed where nobody hears each line, and its reasons."""
        assert process.stdout is not None
        said = _Said(process, self.patience)
        kept = []
        try:
            for line in process.stdout:
                if hear is None:
                    kept.append(line)
                else:
                    hear(line)
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        return code, "".join(kept), said.whole()

    def _start(self, arguments: Sequence[str], ssh_log: Path) -> "subprocess.Popen[str]":
        if shutil.which("restic") is None:
            raise EngineMissing()
        # A folder that is not there must not be made beside a disk that is only not mounted: its parent must exist.
        if self.folder is not None and not self.folder.parent.is_dir():
            raise NoBackupThere(address=self.address)
        environment = {
            **os.environ, **reaching.environment_of(self.address), "RESTIC_PASSWORD": self.passphrase,
            "RESTIC_REPOSITORY": self.address, "RESTIC_CACHE_DIR": str(self.cache), "RESTIC_PROGRESS_FPS": "0.2",
            "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        environment.pop("RESTIC_PASSWORD_FILE", None)
        return subprocess.Popen(
            ["restic", *reaching.options_of(self.address, ssh_log), *arguments], env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _judge(self, code: int, reasons: str) -> None:
        if code == 0:
            return
        if code == INCOMPLETE:
            raise Incomplete(reasons)
        low, tail = reasons.lower(), reasons.strip()[-2000:]
        if "wrong password" in low:
            raise WrongPassphrase()
        if any(word in low for word in REFUSED):
            raise PlaceRefuses(reasons=tail)
        if any(word in low for word in SILENT):
            raise PlaceSilent(reasons=tail)
        if "is there a repository" in low or "does not exist" in low or "no snapshot" in low:
            raise NoBackupThere(address=self.address)
        raise BackupFailed(reasons=tail)


class _Said:
    """What restic says on standard error, read while it works; ends it when nobody has answered for long."""

    def __init__(self, process: "subprocess.Popen[str]", patience: float) -> None:
        self._process, self._patience = process, patience
        self._lines: list[str] = []
        self._thread = Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines = [*self._lines[-200:], line]
            pause = _PAUSE.search(line)
            if pause and int(pause[1] or 0) * 60 + float(pause[2]) * _SCALE[pause[3]] >= self._patience:
                self._process.kill()

    def whole(self) -> str:
        """All of it, once restic has ended."""
        self._thread.join(10)
        return "".join(self._lines)
