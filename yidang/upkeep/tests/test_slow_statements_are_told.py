"""A slow question to the database is told by its tables and its place in the program, never by a value."""

import json
import logging
from pathlib import Path

import pytest
from django.test import Client

from yidang.common.program_log import REQUESTS, keep_in_file
from yidang.people.models import User

CANARY = "金丝雀9417"


@pytest.mark.promise("I4")
def test_a_slow_question_is_told_without_what_was_asked(tmp_path: Path, settings, db: None) -> None:
    settings.SLOW_STATEMENT_MS = 0
    handler = keep_in_file(tmp_path, "web", mebibytes=1)
    try:
        User.objects.filter(username=CANARY).exists()
        Client().get("/sign-in/")
    finally:
        for name in (None, REQUESTS):
            logging.getLogger(name).removeHandler(handler)
        handler.close()
    text = (tmp_path / "web.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    told = next(line for line in lines if line["logger"] == "yidang.requests.statements")
    assert (told["verb"], told["tables"]) == ("SELECT", ["people_user"])
    assert told["caller"].startswith("upkeep/tests/test_slow_statements_are_told.py:")
    assert CANARY not in text
    answered = next(line for line in lines if line["logger"] == REQUESTS)
    assert answered["statements"] >= 0
    assert answered["database_milliseconds"] <= answered["milliseconds"]
