"""A PostgreSQL of our own for tests and benches: a new cluster in a temporary folder, reached by a Unix socket only.

`python -m tools.postgres -- COMMAND…` runs a command with YIDANG_DATABASE naming such a cluster.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from ipaddress import ip_interface
from pathlib import Path


def binaries() -> Path:
    """The folder of PostgreSQL's server programs, the newest found.

    :raises SystemExit: PostgreSQL is not installed
    """
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0])
    )
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    raise SystemExit("PostgreSQL is not installed; tools/system_packages.sh test installs it.")


class Cluster:
    """One temporary cluster, owned by an account without privileges when root starts it, since initdb refuses root."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="yidang-pg-"))
        self._folder.chmod(0o755)
        self._account: str | None = None
        self._options = ""
        if os.geteuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            self._account = "postgres" if "postgres" in names else "nobody"
            shutil.chown(self._folder, self._account)

    def _run(self, *words: str) -> None:
        subprocess.run(
            [str(binaries() / words[0]), *words[1:]],
            check=True,
            user=self._account,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self._folder)},
        )

    def start(self, *, flush: bool = False, network: str = "") -> str:
        """Make and start the cluster; the answer is its address for YIDANG_DATABASE.

        ``network`` (10.1.2.1/24) makes it listen at that address as well, for everybody in that network.

        ``flush`` keeps PostgreSQL's own flushing on, for figures; tests do without it, they never cut the power.
        """
        store = str(self._folder / "store")
        try:
            self._run("initdb", "-D", store, "-U", "yidang", "-A", "trust", "-E", "UTF8", "--no-sync")
            if network:
                with (self._folder / "store" / "pg_hba.conf").open("a", encoding="ascii") as allowed:
                    allowed.write(f"host all all {ip_interface(network).network} trust\n")
            listened = str(ip_interface(network).ip) if network else ""
            self._options = (
                f"-c listen_addresses='{listened}' -c unix_socket_directories={self._folder} -c max_connections=200"
            )
            if not flush:
                self._options += " -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
            self.serve()
            self._run("createdb", "-h", str(self._folder), "-U", "yidang", "yidang")
        except subprocess.CalledProcessError as failure:
            self.stop()
            raise SystemExit(f"The tests' PostgreSQL did not start: {failure.stderr}") from failure
        return f"postgresql://yidang@/yidang?host={self._folder}"

    def follow(self) -> tuple["Cluster", str]:
        """A streaming replica of this cluster, started, and its address; it is stopped like any other."""
        copy = Cluster()
        try:
            store = str(copy._folder / "store")
            copy._run(
                "pg_basebackup",
                "-h",
                str(self._folder),
                "-U",
                "yidang",
                "-D",
                store,
                "-R",
                "-X",
                "stream",
                "-c",
                "fast",
                "--no-sync",
            )
            copy._options = self._options.replace(str(self._folder), str(copy._folder))
            copy.serve()
        except subprocess.CalledProcessError as failure:
            copy.stop()
            raise SystemExit(f"The replica of the tests' PostgreSQL did not start: {failure.stderr}") from failure
        return copy, f"postgresql://yidang@/yidang?host={copy._folder}"

    def serve(self) -> None:
        """Start the server on what is there, as it was started before."""
        store = str(self._folder / "store")
        self._run("pg_ctl", "-D", store, "-w", "-t", "60", "-o", self._options, "-l", f"{store}/server.log", "start")

    @property
    def pid(self) -> int:
        """The server's first process."""
        return int((self._folder / "store" / "postmaster.pid").read_text().splitlines()[0])

    def stop(self) -> None:
        """Stop the server and remove its folder."""
        store = self._folder / "store"
        if (store / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(store), "-m", "immediate", "-w", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)


def main(words: list[str]) -> int:
    """Run a command on a new cluster."""
    if not words or words[0] != "--" or len(words) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    cluster = Cluster()
    try:
        return subprocess.run(words[1:], env={**os.environ, "YIDANG_DATABASE": cluster.start()}, check=False).returncode
    finally:
        cluster.stop()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
