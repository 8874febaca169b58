"""The files under deploy/ say what is so: metrics, settings, commands and PostgreSQL's settings exist."""

import json
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection
from django.test import Client

from config.readers import DECLARED
from tests.archive import Archive
from yidang.audit import checkpoints, witnesses
from yidang.common import clock
from yidang.common.db import replica
from yidang.continuity.models import BackupRun, DrillRun
from yidang.upkeep.figures import MEANINGS
from yidang.vault.models import ScrubRun, Site

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
METRIC = re.compile(r"\byidang_[a-z_]+")
LABEL = re.compile(r'([a-z_]+)\s*=~?\s*"')


def expressions() -> list[str]:
    """Every question that the alarms and the board ask."""
    rules = yaml.safe_load((DEPLOY / "prometheus/yidang.rules.yml").read_text(encoding="utf-8"))
    board = json.loads((DEPLOY / "grafana/yidang.json").read_text(encoding="utf-8"))
    asked = [rule["expr"] for group in rules["groups"] for rule in group["rules"]]
    return asked + [target["expr"] for panel in board["panels"] for target in panel["targets"]]


@pytest.fixture
def complete(archive: Archive, settings, tmp_path: Path, monkeypatch) -> str:
    """What /metrics gives where everything is configured and has happened once."""
    now = clock.now()
    settings.BACKUP, settings.CERTIFICATE = str(tmp_path), str(tmp_path / "certificate.pem")
    settings.WITNESSES = [f"nas={tmp_path}"]
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "archive")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=90)).sign(
        key, hashes.SHA256()
    )
    Path(settings.CERTIFICATE).write_bytes(made.public_bytes(serialization.Encoding.PEM))
    monkeypatch.setattr(replica, "is_set_up", lambda: True)
    monkeypatch.setattr(replica, "standing", lambda: replica.Standing(replica.LATE, 9.0))
    archive.file()
    for site in Site.objects.all():
        ScrubRun.objects.create(site=site, started_at=now, finished_at=now)
    BackupRun.objects.create(asked_by="calendar", started_at=now, address=str(tmp_path), outcome=BackupRun.DONE)
    DrillRun.objects.create(asked_by="calendar", started_at=now, finished_at=now, address=str(tmp_path))
    checkpoints.take(now)
    witnesses.show_all(now)
    Client().get("/sign-in/")
    return Client().get("/metrics").content.decode()


def test_every_metric_of_the_alarms_and_the_board_is_one_that_the_program_gives(complete: str) -> None:
    given = {line.partition("{")[0].partition(" ")[0] for line in complete.splitlines() if not line.startswith("#")}
    asked = {name for text in expressions() for name in METRIC.findall(text)}
    assert sorted(asked - given) == []
    assert sorted(set(MEANINGS) - {re.sub(r"_(bucket|sum|count)$", "", name) for name in given} - given) == []


def test_every_label_that_they_choose_by_is_one_of_that_metric(complete: str) -> None:
    labels = {line.partition("{")[0]: set(LABEL.findall(line)) for line in complete.splitlines() if "{" in line}
    for text in expressions():
        for name, chosen in re.findall(r"\b(yidang_[a-z_]+)\{([^}]*)\}", text):
            assert set(LABEL.findall(chosen)) <= labels[name], text


def test_the_unit_starts_the_program_with_a_command_that_there_is() -> None:
    from yidang.commands.serving import serve

    unit = (DEPLOY / "systemd/yidang.service").read_text(encoding="utf-8")
    words = shlex.split(re.search(r"^ExecStart=(.+)$", unit, re.MULTILINE)[1])
    assert words[:2] == ["/opt/yidang/current/bin/yidang", "serve"]
    assert {word for word in words if word.startswith("--")} <= {
        name for option in serve.params for name in option.opts
    }
    assert "NoNewPrivileges=yes" in unit
    assert "RestrictNamespaces" not in unit.replace("# Namespaces", "")


def test_every_setting_of_the_example_exists() -> None:
    text = (DEPLOY / "yidang.env").read_text(encoding="utf-8")
    names = re.findall(r"^#?(YIDANG_[A-Z_]+)=", text, re.MULTILINE)
    assert len(names) > 10
    assert sorted(set(names) - set(DECLARED)) == []


def test_the_example_of_settings_is_one_that_the_program_starts_with(tmp_path: Path) -> None:
    text = (DEPLOY / "yidang.env").read_text(encoding="utf-8")
    given = dict(line.split("=", 1) for line in text.splitlines() if line.startswith("YIDANG_"))
    given["YIDANG_DATA"] = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings as s; assert s.HTTPS and s.METRICS_FROM and len(s.SITES) == 2"],
        env=given, cwd=DEPLOY.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_proxy_replaces_what_callers_say_of_themselves_and_hides_the_figures() -> None:
    text = (DEPLOY / "nginx/yidang.conf").read_text(encoding="utf-8")
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in text
    assert "$proxy_add_x_forwarded_for" not in text
    assert "location = /metrics { return 404; }" in text
    assert text.count("{") == text.count("}")


@pytest.mark.django_db
@pytest.mark.postgres
def test_postgresql_knows_each_of_its_settings() -> None:
    text = (DEPLOY / "postgresql/yidang.conf").read_text(encoding="utf-8")
    names = set(re.findall(r"^([a-z_]+) =", text, re.MULTILINE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_settings")
        assert sorted(names - {row[0] for row in cursor.fetchall()}) == []
    for kept in ("fsync = on", "synchronous_commit = on", "full_page_writes = on"):
        assert kept in text


def test_the_certificates_end_is_told_as_it_is(complete: str) -> None:
    told = float(re.search(r"^yidang_certificate_end_time_seconds (.+)$", complete, re.MULTILINE)[1])
    assert timedelta(days=89) < datetime.fromtimestamp(told, UTC) - clock.now() < timedelta(days=91)
