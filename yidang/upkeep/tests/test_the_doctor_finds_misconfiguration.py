"""The doctor says what is misconfigured before users find out, each time with what to do."""

import os
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection

from yidang.common import clock
from yidang.upkeep import figures, sampling
from yidang.upkeep.checks import BAD, WARN, examine, fitness
from yidang.upkeep.checks.finding import Finding
from yidang.upkeep.models import Sample

pytestmark = pytest.mark.django_db


def levels(check: Callable) -> list[str]:
    found: list[Finding] = list(check())
    assert all(one.sentence and one.remedy for one in found)
    return [one.level for one in found]


def certificate(path: Path, days: int) -> str:
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "archive")])
    begins = now - timedelta(days=400)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, now + timedelta(days=days))
    path.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return str(path)


@pytest.mark.parametrize(("days", "found"), [(200, []), (20, [WARN]), (3, [BAD]), (-3, [BAD])])
def test_a_certificate_that_ends(tmp_path: Path, settings, days: int, found: list[str]) -> None:
    settings.CERTIFICATE = certificate(tmp_path / "c.pem", days)
    assert levels(fitness.certificate) == found


def test_a_certificate_that_is_none(tmp_path: Path, settings) -> None:
    (tmp_path / "c.pem").write_text("-----BEGIN PRIVATE KEY-----")
    for named in (str(tmp_path / "c.pem"), str(tmp_path / "absent.pem")):
        settings.CERTIFICATE = named
        assert levels(fitness.certificate) == [BAD]


def test_a_folder_of_another_account_and_one_that_is_open(data: Path) -> None:
    for path in (data, data / "database"):
        path.chmod(0o700)
    assert levels(fitness.owners) == []
    for path in (data, data / "database"):
        path.chmod(0o755)
    assert levels(fitness.owners) == [WARN]
    if os.geteuid() == 0:
        os.chown(data / "index", 65534, 65534)
        assert levels(fitness.owners)[0] == BAD


def test_secrets_outside_the_folder_of_keys_are_looked_at_too(data: Path, tmp_path: Path, settings) -> None:
    file = tmp_path / "metrics.token"
    file.write_text("x" * 40)
    file.chmod(0o640)
    settings.METRICS_TOKEN_FILE = str(file)
    assert levels(fitness.secrets) == []
    file.chmod(0o644)
    assert levels(fitness.secrets) == [BAD]


def test_a_monitor_that_everybody_may_be(data: Path, tmp_path: Path, settings) -> None:
    assert levels(fitness.monitoring) == []
    settings.METRICS_FROM = [ip_network("0.0.0.0/0")]
    assert levels(fitness.monitoring) == [WARN]
    settings.METRICS_FROM, settings.METRICS_TOKEN_FILE = [], str(tmp_path / "absent")
    assert levels(fitness.monitoring) == [BAD]


def test_links_that_lead_to_the_machine_itself(settings) -> None:
    settings.HTTPS, settings.ADDRESS = True, "http://127.0.0.1:8000"
    assert levels(fitness.addresses) == [WARN]
    settings.ADDRESS = "https://archive.hospital.example"
    assert levels(fitness.addresses) == []


def test_a_backup_beside_the_data(data: Path, tmp_path: Path, settings) -> None:
    settings.BACKUP = str(tmp_path)
    assert levels(fitness.backup_disk) == [WARN]
    settings.BACKUP = "sftp:backup@elsewhere:/yidang"
    assert levels(fitness.backup_disk) == []


def test_a_disk_that_will_be_full_next_week(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(figures, "places", lambda: [figures.Room("data", 70_000, 1_000_000, 1)])
    for day in range(5):
        at = now - timedelta(days=day)
        Sample.objects.create(name=sampling.free("data"), fine=False, at=at, value=70_000 + day * 10_000)
    [found] = fitness.disk_forecast()
    assert "7" in found.sentence


def test_few_files_missing_fonts_and_missing_models(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitness.resource, "getrlimit", lambda _which: (1024, 4096))
    monkeypatch.setattr(fitness, "LEAST_MEMORY", 10**18)
    assert levels(fitness.machine) == [WARN, WARN]
    monkeypatch.setattr(fitness, "FONTS", ("/nowhere.ttc",))
    monkeypatch.setattr(fitness, "find_spec", lambda _name: None)
    assert levels(fitness.reading) == [WARN, WARN]


def test_tables_of_a_newer_version() -> None:
    assert levels(fitness.newer_tables) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('vault', '9999_later', '2027-01-01')"
        )
    [found] = fitness.newer_tables()
    assert "vault.9999_later" in found.sentence


@pytest.mark.postgres
def test_a_postgresql_that_may_lose_what_was_acknowledged() -> None:
    # The tests' own cluster runs without flushing, which is exactly what must be found.
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert any("synchronous_commit" in one.sentence for one in fitness.postgresql())
    assert levels(fitness.time_server).count(BAD) == 0


def test_the_clock_is_asked_without_harm() -> None:
    assert set(levels(fitness.time_server)) <= {WARN}


def test_every_check_is_made_and_none_fails_of_itself(data: Path) -> None:
    assert not [one for one in examine() if one.detail]
