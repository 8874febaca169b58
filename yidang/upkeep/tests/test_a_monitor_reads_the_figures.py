"""``/metrics``: every figure with its meaning, for whoever shows the token or stands at a named address, with nobody's data."""

import re
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.archive import Archive
from yidang.common import clock
from yidang.common.request_figures import ENDS, Durations
from yidang.jobs.models import Job
from yidang.upkeep.figures import MEANINGS

TOKEN = "a-token-of-the-monitor-4711"
LINE = re.compile(r"^(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>-?[0-9.e+-]+)$")
QUESTIONS = 24


@pytest.fixture
def monitored(archive: Archive, data: Path, settings) -> Archive:
    """An archive whose figures only the token opens."""
    (data / "keys" / "metrics.token").write_text(TOKEN)
    settings.METRICS_TOKEN_FILE, settings.METRICS_FROM = str(data / "keys" / "metrics.token"), []
    return archive


def read(**headers: str) -> str:
    answer = Client().get("/metrics", headers={"authorization": f"Bearer {TOKEN}", **headers})
    assert answer.status_code == 200
    return answer.content.decode()


def values(text: str) -> dict[str, float]:
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            match = LINE.match(line)
            assert match, line
            found[f"{match['name']}{{{match['labels'] or ''}}}"] = float(match["value"])
    return found


def test_every_figure_has_its_meaning_and_its_kind(monitored: Archive) -> None:
    Client().get("/sign-in/")
    text = read()
    for name in {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}:
        family = re.sub(r"_(bucket|sum|count)$", "", name) if "http_request_seconds" in name else name
        assert f"# TYPE {family} {MEANINGS[family][0]}" in text
    assert not [name for name, value in values(text).items() if "part_failed" in name and value]


def test_jobs_copies_and_requests_are_counted(monitored: Archive) -> None:
    monitored.file("关于演练的通知")
    Job.objects.create(name="x", state=Job.SET_ASIDE, run_after=clock.now(), created_at=clock.now())
    before = values(read())
    assert before['yidang_jobs{state="set_aside"}'] == 1
    assert before['yidang_copies_behind{site="main",state="damaged"}'] == 0
    assert before['yidang_site_answers{site="main"}'] == 1
    assert before["yidang_database_bytes{}"] > 0
    assert before['yidang_disk_free_bytes{place="data"}'] > 0
    key = 'yidang_http_requests_total{route="sign-in/",method="GET",status="2xx"}'
    Client().get("/sign-in/")
    assert values(read())[key] == before.get(key, 0) + 1


@pytest.mark.promise("I4")
def test_no_word_of_anybody_is_in_the_figures(monitored: Archive) -> None:
    record = monitored.file("金丝雀甲的病历")
    browser = monitored.cast.client("lin")
    browser.get("/search/", {"q": "金丝雀乙"})
    browser.get(f"/records/{record.public_id}/")
    browser.get("/金丝雀丙/")
    browser.post("/filing/", {"title": "金丝雀丁", "files": SimpleUploadedFile("金丝雀戊.txt", b"x")})
    text = read()
    assert "金丝雀" not in text
    assert str(record.public_id) not in text
    assert "lin" not in re.findall(r"[a-z]+", text)


def test_without_token_or_address_there_is_nothing(monitored: Archive, settings) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
        assert Client().get("/metrics", headers=headers).status_code == 404
    assert monitored.cast.client("sysadmin").get("/metrics").status_code == 404
    settings.METRICS_FROM = [ip_network("10.1.0.0/16")]
    assert Client(REMOTE_ADDR="10.2.0.1").get("/metrics").status_code == 404
    assert Client(REMOTE_ADDR="10.1.9.9").get("/metrics").status_code == 200


def test_a_proxy_that_nobody_declared_does_not_make_strangers_local(archive: Archive, settings) -> None:
    assert Client().get("/metrics").status_code == 200  # this machine itself, the default
    assert Client().get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 404
    settings.BEHIND_PROXY = True
    assert Client().get("/metrics", headers={"x-forwarded-for": "127.0.0.1, 203.0.113.9"}).status_code == 404


def test_a_token_that_is_too_short_opens_nothing(monitored: Archive, data: Path) -> None:
    (data / "keys" / "metrics.token").write_text("short")
    assert Client().get("/metrics", headers={"authorization": "Bearer short"}).status_code == 404
    (data / "keys" / "metrics.token").write_text("")
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_it_asks_the_database_so_many_questions_and_no_more(monitored: Archive) -> None:
    read()
    with CaptureQueriesContext(connection) as asked:
        read()
    assert len(asked) <= QUESTIONS, "\n".join(query["sql"] for query in asked)


def test_durations_count_up_to_each_end() -> None:
    durations = Durations()
    for seconds in (0.01, 0.025, 0.3, 60.0):
        durations.add(seconds)
    assert durations.up_to() == [(end, 2 if end < 0.5 else 3) for end in ENDS]
    assert (durations.count, round(durations.seconds, 3)) == (4, 60.335)
