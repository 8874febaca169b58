"""An sftp server of our own for tests: OpenSSH's, on this machine only, one account, one key, one folder."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

SSHD = "/usr/sbin/sshd"
CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
PidFile {folder}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
ForceCommand internal-sftp
Subsystem sftp internal-sftp
"""


def is_installed() -> bool:
    """Whether the program is here; tools/system_packages.sh test installs it."""
    return Path(SSHD).is_file() and shutil.which("ssh-keygen") is not None


class Sshd:
    """One temporary server. ``key`` and ``known_hosts`` are the files a client needs."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yidang-sshd-"))
        self.store = self.folder / "store"
        self.key, self.known_hosts = self.folder / "client", self.folder / "known_hosts"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it; the address of an empty folder on it, as restic writes such addresses."""
        with socket.socket() as asked:
            asked.bind(("127.0.0.1", 0))
            self.port = asked.getsockname()[1]
        self.store.mkdir()
        for name in ("host", "client"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)], check=True)
        host = (self.folder / "host.pub").read_text().split()
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {host[0]} {host[1]}\n")
        (self.folder / "config").write_text(CONFIG.format(port=self.port, folder=self.folder))
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd started as root refuses without it
        self._process = subprocess.Popen(
            [SSHD, "-D", "-e", "-f", str(self.folder / "config")], stderr=(self.folder / "log").open("wb")
        )
        self._wait()
        return self.address(self.port)

    def address(self, port: int) -> str:
        """The folder as an address, through this port."""
        return f"sftp://{getpass.getuser()}@127.0.0.1:{port}/{self.store}/yidang"

    def _wait(self) -> None:
        for _try in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise SystemExit(f"The tests' sftp server did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End it and remove its folder."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
