"""Version and settings stand in the log whenever they change, without their values."""

import json

import pytest

from yidang.audit.models import Entry
from yidang.commands.configuration import EVENT, tell_configuration


@pytest.mark.django_db
@pytest.mark.promise("C1")
def test_a_changed_setting_is_told_by_name_and_not_by_value(monkeypatch: pytest.MonkeyPatch) -> None:
    assert tell_configuration()
    assert not tell_configuration(), "nothing changed"
    monkeypatch.setenv("YIDANG_DATABASE", "postgresql://yidang:sesame@db/yidang")
    assert tell_configuration()
    entry = Entry.objects.filter(event=EVENT).latest("seq")
    assert json.loads(entry.body)["facts"]["changed"] == ["YIDANG_DATABASE"]
    assert "sesame" not in entry.body
