"""Through PgBouncer, which lends a connection for one transaction only: tables made, a filing, its list, its search by the worker."""

import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from bench.client import Client, one
from bench.reading import Browser
from tools.postgres import Cluster
from tools.server import running

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONNECTIONS = 4  # fewer than threads of the program: they are lent in turn

pytestmark = [pytest.mark.slow, pytest.mark.skipif(PROGRAM is None, reason="pgbouncer is not installed")]


@pytest.fixture
def pooled():
    """The address of a PgBouncer before a new PostgreSQL, and the address behind it."""
    cluster = Cluster()
    folder = Path(tempfile.mkdtemp(prefix="yidang-bouncer-"))
    process = None
    try:
        direct = cluster.start()
        with psycopg.connect(direct, autocommit=True) as owner:
            owner.execute("ALTER ROLE yidang SET timezone = 'UTC'")
        account = next(entry.pw_name for entry in pwd.getpwall() if entry.pw_name in {"postgres", "nobody"})
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\nyidang = host={direct.partition('host=')[2]} user=yidang\n"
            f"[pgbouncer]\nlisten_addr =\nunix_socket_dir = {folder}\npool_mode = transaction\nauth_type = any\n"
            f"default_pool_size = {CONNECTIONS}\nmax_client_conn = 200\nadmin_users = yidang\nlogfile = {folder}/log\n",
            encoding="ascii",
        )
        as_root = os.geteuid() == 0  # it refuses to run as root
        if as_root:
            folder.chmod(0o755)
            shutil.chown(folder, account)
        process = subprocess.Popen([PROGRAM, "-q", str(settings)], user=account if as_root else None)
        deadline = time.monotonic() + 20
        while not (folder / ".s.PGSQL.6432").exists():
            assert process.poll() is None and time.monotonic() < deadline, "PgBouncer did not start"
            time.sleep(0.1)
        yield f"postgresql://yidang@:6432/yidang?host={folder}", direct
    finally:
        if process is not None:
            process.terminate()
            process.wait(20)
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def test_a_filing_its_list_and_its_search_go_through_a_pool_by_transaction(pooled, tmp_path):
    address, direct = pooled
    environment = {"YIDANG_DATABASE": address, "YIDANG_DATABASE_BOUNCER": "1", "YIDANG_PASSWORD_MAX_AGE_DAYS": "0"}
    with running(tmp_path / "data", environment=environment) as server:
        archivist = server.accounts["archivist"]
        clients = [Client(server.connect(), archivist.token) for _ in range(3)]
        for number, client in enumerate(clients):
            _took, status, content = client.post("/filings", one(number))
            assert status == 201, content
        title = json.loads(clients[0].get(f"/api/v1/records/{json.loads(content)['record']}")[2])["title"]
        browser = Browser(server.connect())
        browser.sign_in(archivist)
        _took, status, page = browser.ask("GET", "/catalogue/classes/WS/")
        assert status == 200 and title in page
        deadline = time.monotonic() + 60
        while True:  # the worker reads its text and indexes it
            found = json.loads(clients[1].get(f"/api/v1/search?q={quote('病历质量检查')}")[2])
            if found["total"] >= len(clients) and not found["text_pending"]:
                break
            assert time.monotonic() < deadline, found
            time.sleep(0.5)
        with psycopg.connect(direct) as behind:
            used = behind.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = 'yidang' AND pid <> pg_backend_pid()"
            ).fetchone()
    assert 0 < used[0] <= CONNECTIONS
