"""restic, called as a program: deduplicating, encrypted, atomic snapshots in a folder or wherever restic can write."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from yidang.continuity.errors import BackupDamaged, BackupFailed, EngineMissing, NoBackupThere, WrongPassphrase

INCOMPLETE = 3  # restic's word for «some files could not be read»: they were moved while it looked


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


class Incomplete(Exception):
    """Files moved while they were read; the same again finds them at rest."""


@dataclass(frozen=True)
class Place:
    """Where backups are kept: a folder, or an address as restic knows them (``s3:…``, ``sftp:…``, ``rest:…``)."""

    address: str
    passphrase: str
    cache: Path

    @property
    def folder(self) -> Path | None:
        """The folder, where it is one on this machine."""
        return None if ":" in self.address.partition("/")[0] else Path(self.address)

    def make(self) -> bool:
        """Make the place ready; answers whether it was new.

        :raises WrongPassphrase: another passphrase made it
        """
        try:
            self.snapshots()
        except NoBackupThere:
            self._run(["init"])
            return True
        return False

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
        process = self._start([*arguments, "--", *map(str, paths)])
        assert process.stdout is not None
        summary: dict[str, object] = {}
        try:
            for line in process.stdout:
                told = json.loads(line) if line.startswith("{") else {}
                if told.get("message_type") == "summary":
                    summary = told
                elif beat is not None and "percent_done" in told:
                    beat(float(told["percent_done"]))
            reasons = process.communicate()[1]
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.returncode == INCOMPLETE:
            raise Incomplete(reasons)
        self._judge(process.returncode, reasons)
        short = str(summary["snapshot_id"])
        whole = next((one.id for one in reversed(self.snapshots()) if one.id.startswith(short)), short)
        return Written(
            whole, int(str(summary["total_files_processed"])),
            int(str(summary["total_bytes_processed"])), int(str(summary["data_added"])),
        )  # fmt: skip

    def read(self, snapshot: str, target: Path) -> None:
        """Put the files of a snapshot below a folder, under their whole paths.

        :raises BackupDamaged: what is kept is not what was written
        """
        try:
            self._run(["restore", snapshot, "--target", str(target), "--no-lock", "--tag", "yidang"])
        except BackupFailed as reason:
            raise BackupDamaged(reasons=str(reason.details.get("reasons", ""))) from reason

    def check(self, share: str = "100%") -> None:
        """Read a share of everything that is kept and compare it with its own digests.

        :raises BackupDamaged: some of it is not as it was written
        """
        try:
            self._run(["check", "--no-lock", f"--read-data-subset={share}"])
        except BackupFailed as reason:
            raise BackupDamaged(reasons=str(reason.details.get("reasons", ""))) from reason

    def _run(self, arguments: Sequence[str]) -> str:
        process = self._start(arguments)
        output, reasons = process.communicate()
        self._judge(process.returncode, reasons)
        return output

    def _start(self, arguments: Sequence[str]) -> "subprocess.Popen[str]":
        if shutil.which("restic") is None:
            raise EngineMissing()
        # A folder that is not there must not be made beside a disk that is only not mounted: its parent must exist.
        if self.folder is not None and not self.folder.parent.is_dir():
            raise NoBackupThere(address=self.address)
        self.cache.mkdir(parents=True, exist_ok=True)
        environment = {
            **os.environ, "RESTIC_PASSWORD": self.passphrase, "RESTIC_REPOSITORY": self.address,
            "RESTIC_CACHE_DIR": str(self.cache), "RESTIC_PROGRESS_FPS": "0.2", "LC_ALL": "C.UTF-8",
        }  # fmt: skip
        environment.pop("RESTIC_PASSWORD_FILE", None)
        return subprocess.Popen(
            ["restic", *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _judge(self, code: int, reasons: str) -> None:
        if code == 0:
            return
        if "wrong password" in reasons:
            raise WrongPassphrase()
        if "Is there a repository" in reasons or "does not exist" in reasons or "no snapshot" in reasons:
            raise NoBackupThere(address=self.address)
        raise BackupFailed(reasons=reasons.strip()[-2000:])
