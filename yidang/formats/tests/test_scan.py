"""Viruses are found; an absent or old scanner is shown, not taken for a pass (promise G9)."""

import base64
import contextlib
import datetime as dt
import socket
import threading

import pytest

from yidang.formats import scan
from yidang.formats.tests import making

pytestmark = [pytest.mark.promise("G9")]
EICAR = base64.b64decode("WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=")


@contextlib.contextmanager
def daemon(path, verdict="stream: OK", days=1, silent=False):
    """Something that speaks as ClamAV's daemon does."""
    made = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
    version = f"ClamAV 1.0.7/27500/{made:%a %b %d %H:%M:%S %Y}"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(path))
    server.listen(8)
    received = []

    def serve():
        while True:
            try:
                connection, _address = server.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    def talk(connection):
        with connection, connection.makefile("rb") as stream, contextlib.suppress(OSError):
            command = b""
            while not command.endswith(b"\x00"):
                byte = stream.read(1)
                if not byte:
                    return
                command += byte
            if command == b"zVERSION\x00":
                connection.sendall(version.encode() + b"\x00")
                return
            if silent:
                stream.read()
                return
            while length := int.from_bytes(stream.read(4), "big"):
                received.append(stream.read(length))
            connection.sendall(verdict.encode() + b"\x00")

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield received
    finally:
        server.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"harmless" * 100_000)
    return path


def names(findings):
    return [(found.code, found.level) for found in findings]


def test_the_test_virus_is_found_without_any_scanner(tmp_path):
    path = tmp_path / "eicar.txt"
    path.write_bytes(EICAR)
    assert names(scan.scan(path, str(tmp_path / "none"))) == [("virus_found", "fail")]
    assert names(scan.scan(making.pdf(tmp_path / "a.pdf", [["a"]]), str(tmp_path / "none2"))) == [
        ("scanner_absent", "warn")
    ]


def test_an_absent_scanner_is_a_warning(file, tmp_path):
    assert names(scan.scan(file, str(tmp_path / "nothing.ctl"))) == [("scanner_absent", "warn")]


def test_a_clean_file_passes_and_the_scanner_saw_all_of_it(file, tmp_path):
    with daemon(tmp_path / "s1") as received:
        assert names(scan.scan(file, str(tmp_path / "s1"))) == [("virus_clean", "pass")]
    assert b"".join(received) == file.read_bytes()


def test_a_virus_is_named(file, tmp_path):
    with daemon(tmp_path / "s2", "stream: Win.Test.EICAR_HDB-1 FOUND"):
        found = scan.scan(file, str(tmp_path / "s2"))
    assert names(found) == [("virus_found", "fail")]
    assert found[0].params["virus"] == "Win.Test.EICAR_HDB-1"


def test_old_signatures_are_a_warning(file, tmp_path):
    with daemon(tmp_path / "s3", days=40):
        assert names(scan.scan(file, str(tmp_path / "s3"))) == [("scanner_outdated", "warn"), ("virus_clean", "pass")]


def test_a_scanner_that_does_not_answer_is_a_warning(file, tmp_path):
    with daemon(tmp_path / "s4", silent=True):
        assert names(scan.scan(file, str(tmp_path / "s4"), timeout=0.3)) == [("scanner_failed", "warn")]


def test_a_scanner_that_refuses_is_a_warning(file, tmp_path):
    with daemon(tmp_path / "s5", "INSTREAM size limit exceeded. ERROR"):
        assert names(scan.scan(file, str(tmp_path / "s5"))) == [("scanner_failed", "warn")]
