"""An S3 server of our own for tests and benches: Ceph's object gateway over a store in memory, on this machine only.

`python -m tools.s3 FOLDER PORT` starts one and prints how to reach it; tools/s3_server.sh stop FOLDER ends it.
"""

import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = Path(__file__).with_name("s3_server.sh")
ACCESS_KEY, SECRET_KEY = "testkey", "testsecret"


def is_installed() -> bool:
    """Whether the programs are here; tools/system_packages.sh test installs them."""
    return shutil.which("radosgw") is not None


def _free_ports() -> int:
    """The first of two ports in a row that nobody listens on."""
    for port in range(7480, 7880, 4):
        try:
            for number in (port, port + 1):
                with socket.socket() as asked:
                    asked.bind(("127.0.0.1", number))
        except OSError:
            continue
        return port
    raise SystemExit("No free port for the tests' S3 server.")


class Gateway:
    """One temporary server."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yidang-s3-"))
        self.endpoint = ""

    def start(self) -> str:
        """Start it, which takes about fifteen seconds; its address."""
        port = _free_ports()
        done = subprocess.run(
            [str(SCRIPT), str(self.folder / "ceph"), str(port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            self.stop()
            raise SystemExit(f"The tests' S3 server did not start: {done.stderr[-2000:]}")
        self.endpoint = f"http://127.0.0.1:{port}"
        return self.endpoint

    def stop(self) -> None:
        """End it and remove its folder."""
        subprocess.run([str(SCRIPT), "stop", str(self.folder / "ceph")], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    subprocess.run([str(SCRIPT), *sys.argv[1:]], check=True)
    print(f"http://127.0.0.1:{sys.argv[2]}  access key {ACCESS_KEY}, secret key {SECRET_KEY}")
