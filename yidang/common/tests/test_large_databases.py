"""On PostgreSQL: connections are shared where the setting says so, and a change of tables does not hold everybody up."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from yidang.common.db.locks import TablesInUse, waiting_briefly

pytestmark = pytest.mark.postgres

MANY = """
import threading, django
django.setup()
from django.db import connection, close_old_connections
most, mutex = [0], threading.Lock()
def ask():
    for _ in range(5):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), pg_sleep(0.02) FROM pg_stat_activity WHERE application_name = 'pool-test'")
            found = cursor.fetchone()[0]
        with mutex:
            most[0] = max(most[0], found)
        connection.close()
threads = [threading.Thread(target=ask) for _ in range(24)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(most[0])
"""


@pytest.mark.parametrize(("pool", "least", "most"), [("3", 1, 3), ("0", 4, 24)])
def test_threads_share_as_many_connections_as_the_setting_says(pool: str, least: int, most: int) -> None:
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "YIDANG_DATABASE_POOL": pool, "PGAPPNAME": "pool-test",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", MANY], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert least <= int(done.stdout.split()[-1]) <= most


@pytest.mark.django_db(transaction=True)
def test_who_holds_a_table_that_is_to_be_changed_is_named() -> None:
    facts = settings.DATABASES["default"]
    with psycopg.connect(
        host=facts["HOST"],
        user=facts["USER"],
        dbname=connection.settings_dict["NAME"],
        application_name="a-long-report",
    ) as other:
        other.execute("LOCK TABLE jobs_job IN ACCESS SHARE MODE")
        with pytest.raises(TablesInUse) as refusal, waiting_briefly(1), transaction.atomic():
            connection.cursor().execute("ALTER TABLE jobs_job ADD COLUMN never integer")
        assert "a-long-report" in str(refusal.value) and str(other.info.backend_pid) in str(refusal.value)
    with waiting_briefly(1), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("1s",)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)
