"""Promise I4: the program's log says what happened, and holds no password, token, identity number or search word."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from yidang.common.program_log import REQUESTS, keep_in_file

CANARIES = {
    "password": "Kanarienvogel-9417",
    "token": "yd_canarytoken_5520187346",
    "identity": "110101199003077571",
    "words": "金丝雀病历",
}


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    handler = keep_in_file(tmp_path, "web", mebibytes=1)
    yield tmp_path / "web.jsonl"
    for name in ("", REQUESTS):
        logging.getLogger(name or None).removeHandler(handler)
    handler.close()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.promise("I4")
def test_what_people_type_never_reaches_the_log(log_file: Path, db: None) -> None:
    client = Client(raise_request_exception=False)
    client.post("/sign-in/", {"username": CANARIES["identity"], "password": CANARIES["password"]})
    client.get("/search/", {"q": CANARIES["words"]})
    client.get(f"/{CANARIES['words']}/{CANARIES['identity']}/")
    client.get("/api/v1/records", headers={"authorization": f"Bearer {CANARIES['token']}"})
    text = log_file.read_text(encoding="utf-8")
    assert [name for name, canary in CANARIES.items() if canary in text] == []
    written = [line for line in lines(log_file) if line["logger"] == REQUESTS]
    assert len(written) == 4
    assert written[0]["route"] == "sign-in/"
    assert {"status", "milliseconds", "request", "actor_kind"} <= written[0].keys()


@pytest.mark.promise("I4")
def test_a_fault_is_told_by_its_class_and_place_not_by_what_it_quotes(log_file: Path) -> None:
    try:
        int(CANARIES["identity"] + "X")
    except ValueError as fault:
        logging.getLogger("yidang.jobs.worker").exception("job %s failed on %s: %s", 7, CANARIES["words"], fault)
        logging.getLogger("django.request").error(f"Not found: {CANARIES['words']}")
    first, second = lines(log_file)
    assert first["fault"] == "ValueError"
    assert first["numbers"] == [7]
    assert first["trace"][0].startswith(Path(__file__).name)
    assert "message" not in second
    assert not any(canary in log_file.read_text(encoding="utf-8") for canary in CANARIES.values())


def test_every_answer_carries_the_number_of_its_log_line(log_file: Path, db: None) -> None:
    answer = Client().get("/sign-in/")
    assert lines(log_file)[-1]["request"] == answer.headers["X-Request-Id"]


def test_only_the_programs_account_reads_the_log_and_it_stays_small(log_file: Path) -> None:
    for _round in range(8000):
        logging.getLogger("yidang.jobs.worker").error("x" * 300)
    files = list(log_file.parent.glob("web.jsonl*"))
    assert len(files) > 2
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert sum(file.stat().st_size for file in files) <= 1024 * 1024
