"""Readers of foreign files run in a cage: no network, no files of others, limits of everything (promises G1, G2)."""

import concurrent.futures
import contextlib
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from yidang import formats
from yidang.formats import cage, cage_jail
from yidang.formats.tests import making
from yidang.formats.tests.making import codes
from yidang.formats.types import Limits

pytestmark = [pytest.mark.promise("G1", "G2")]


def test_a_reader_that_crashes_is_a_finding():
    assert cage.hold("crash").code == "reader_crashed"


def test_a_reader_that_hangs_is_ended_and_told():
    began = time.monotonic()
    assert cage.hold("hang", limits=Limits(seconds=0.5)).code == "took_too_long"
    assert time.monotonic() - began < 5


def test_a_reader_that_takes_all_memory_is_a_finding():
    assert cage.hold("memory").code == "reader_memory"


def test_an_answer_that_is_too_large_is_a_finding():
    assert cage.hold("output", limits=Limits(seconds=10, output=1 << 20)).code == "reader_output"


def test_a_cage_of_a_server_with_a_thousand_open_files_reads_on(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["a"]])
    most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most > 1200, f"This user may open {most} files; the test needs more (ulimit -n)."
    with contextlib.ExitStack() as many:
        for _ in range(1100):
            many.enter_context(Path("/dev/null").open())
        cage.stop()
        assert formats.inspect(path, "a.pdf").page_count == 1
    cage.stop()


def test_the_next_file_is_read_after_each_failure(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["a"]])
    for _time in range(3):
        cage.hold("crash")
        assert formats.inspect(path, "a.pdf").page_count == 1


def test_a_cage_that_was_ended_is_started_again(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["a"]])
    cage.stop()
    assert formats.inspect(path, "a.pdf").page_count == 1


def test_the_child_that_waits_serves_one_file_and_is_replaced(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["a"]])
    for _time in range(4):
        assert formats.inspect(path, "a.pdf").page_count == 1
        time.sleep(0.15)
    assert cage.hold("crash").code == "reader_crashed"
    time.sleep(0.15)
    assert formats.inspect(path, "a.pdf").page_count == 1


def test_no_file_outside_is_reached(tmp_path):
    if not cage.status()["files"]:
        pytest.skip("this system permits neither namespaces nor Landlock; doctor says so")
    canary = tmp_path / "canary"
    canary.write_text("secret", encoding="utf-8")
    for what in ("open", "write"):
        assert cage.hold(what, str(canary)).code == "broken"
    assert cage.hold("open", "/etc/passwd").code == "broken"
    assert canary.read_text(encoding="utf-8") == "secret"


def test_the_programs_own_folders_cannot_be_written():
    if not cage.status()["files"]:
        pytest.skip("this system permits neither namespaces nor Landlock; doctor says so")
    target = Path(formats.__file__).with_name("written-by-a-test")
    assert cage.hold("write", str(target)).code == "broken"
    assert not target.exists()


def test_no_network_is_reached():
    if not cage.status()["network"]:
        pytest.skip("this system permits no network namespace; doctor says so")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.3)
        assert cage.hold("connect", f"127.0.0.1:{server.getsockname()[1]}").code == "broken"
        with pytest.raises(TimeoutError):
            server.accept()


def test_no_process_of_others_is_seen():
    if not cage.status()["processes"]:
        pytest.skip("this system permits no process namespace; doctor says so")
    seen = cage.hold("processes")
    assert isinstance(seen, formats.Finding) or seen <= 4


def test_many_threads_read_at_once(tmp_path):
    paths = [making.pdf(tmp_path / f"{number}.pdf", [["a"]] * (number % 3 + 1)) for number in range(12)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda path: formats.inspect(path, path.name).page_count, paths * 4))
    assert found == [number % 3 + 1 for number in range(12)] * 4


def test_one_bad_file_among_many_spoils_only_itself(tmp_path):
    good = making.pdf(tmp_path / "a.pdf", [["a"]])
    flood = making.flood(tmp_path / "b.png")
    found = formats.inspect_many([(good, "a.pdf"), (flood, "b.png"), (good, "c.pdf")])
    assert [one.failed for one in found] == [False, True, False]


def test_files_are_not_changed_by_looking(tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["a"]])
    before = path.read_bytes()
    formats.inspect(path, "a.pdf")
    formats.render_page(path, formats.identify(path, "a.pdf"), 1, 320)
    assert path.read_bytes() == before


def test_cut_and_scrambled_files_always_end_in_an_answer(tmp_path):
    seeds = [making.pdf(tmp_path / "a.pdf", [["文"]]), making.ofd(tmp_path / "a.ofd"), making.docx(tmp_path / "a.docx", "文"),
             making.image(tmp_path / "a.png"), making.image(tmp_path / "a.tif"), making.zipped(tmp_path / "a.zip", {"a": "b"})]  # fmt: skip
    for seed in seeds:
        data = seed.read_bytes()
        for step in range(12):
            bad = tmp_path / f"bad{step}{seed.suffix}"
            cut = data[: len(data) * (step + 1) // 13] if step % 2 else bytearray(data)
            if not step % 2:
                for position in range(step + 7, len(data), 97 + step * 13):
                    cut[position] ^= 1 << (step % 8)
            bad.write_bytes(bytes(cut))
            found = formats.inspect(bad, bad.name)
            assert found.findings
            assert bad.read_bytes() == bytes(cut)
            assert "reader_crashed" not in codes(found) or found.failed


@pytest.mark.slow
def test_office_files_are_read_where_the_system_forbids_namespaces(tmp_path):
    """Most containers do: Landlock is then the cage, and LibreOffice must still find what it needs."""
    path = making.docx(tmp_path / "a.docx", "关于开展检查的通知")
    lines = [
        "import sys",
        "from yidang.formats import cage_jail, office",
        "from yidang.formats.source import Source",
        "walls = cage_jail.enter(namespaces=False, sockets=['/tmp'])",
        "known = {'puid': 'fmt/412', 'mime': '', 'name': 'Word', 'extensions': ['docx'], 'basis': 'container', 'kind': 'office'}",
        "pdf = office.convert([Source(int(sys.argv[1]), 'a.docx')], known, 60)[1]",
        "print(walls.how, pdf[:5])",
    ]
    with path.open("rb") as file:
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(lines), str(file.fileno())],
            pass_fds=[file.fileno()], capture_output=True, text=True, check=False, timeout=90,
        )  # fmt: skip
    if "none" in done.stdout:
        pytest.skip("this system has no Landlock")
    assert done.stdout.strip() == "landlock b'%PDF-'", done.stderr


def test_an_environment_that_is_a_link_is_seen_in_the_cage(tmp_path, monkeypatch):
    real = tmp_path / "elsewhere" / "environment"
    real.mkdir(parents=True)
    link = tmp_path / "project" / ".venv"
    link.parent.mkdir()
    link.symlink_to(real)
    monkeypatch.setattr(sys, "prefix", str(link))
    assert {str(link), str(real)} <= set(cage_jail.visible())
