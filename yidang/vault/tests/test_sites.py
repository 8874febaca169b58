"""Setting sites up, reading their settings, and how they look when something is wrong with them."""

import os
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from yidang import vault
from yidang.common.errors import WrongState
from yidang.vault import flush, sites
from yidang.vault.errors import SiteReadOnly
from yidang.vault.folder import Folder
from yidang.vault.models import Site
from yidang.vault.queries import read_state
from yidang.vault.root import SCHEMA, Root
from yidang.vault.tests.conftest import assert_valid, new_object

Pair = tuple[Root, Root]


def test_two_folders_in_the_data_folder_are_the_default(data: Path, settings) -> None:
    settings.SITES = []
    assert [(root.key, root.path, root.required) for root in sites.roots()] == [
        ("main", data / "vault/main", True),
        ("second", data / "vault/second", True),
    ]


def test_sites_are_named_by_settings_and_may_follow(data: Path, settings) -> None:
    settings.SITES = [f"cellar={data}/cellar", f"tape={data}/tape;follows"]
    assert [root.key for root in sites.roots()] == ["cellar", "tape"]
    assert [root.key for root in sites.required_roots()] == ["cellar"]


@pytest.mark.parametrize(
    "wrong",
    [
        "cellar",
        "=x",
        "a b=/x",
        "cellar=ftp://bucket",
        "cellar=s3://",
        "cellar=s3://b?lock=1",
        "cellar=",
        "cellar=/x;follows",
    ],
)
def test_settings_that_cannot_be_used_are_named(data: Path, settings, wrong: str) -> None:
    settings.SITES = [wrong]
    with pytest.raises(ImproperlyConfigured, match="YIDANG_SITES"):
        sites.roots()


def test_a_name_used_twice_is_refused(data: Path, settings) -> None:
    settings.SITES = [f"a={data}/a", f"a={data}/b"]
    with pytest.raises(ImproperlyConfigured):
        sites.roots()


def test_a_site_explains_itself_in_both_languages_and_validates_when_empty(pair: Pair) -> None:
    for root in pair:
        assert "库房" in (root.path / "README.zh.md").read_text(encoding="utf-8")
        assert "vault" in (root.path / "README.en.md").read_text(encoding="utf-8")
        assert assert_valid(root.path) == 0


def test_setting_up_again_changes_nothing(kept_vault: Pair) -> None:
    before = [root.marker_id for root in kept_vault]
    vault.prepare_sites()
    assert [root.marker_id for root in kept_vault] == before
    assert Site.objects.count() == 2


def test_a_folder_that_holds_something_else_is_not_taken(data: Path, settings, db: None) -> None:
    (data / "x").mkdir()
    (data / "x/thesis.doc").write_text("mine")
    settings.SITES = [f"main={data}/x"]
    with pytest.raises(WrongState):
        vault.prepare_sites()
    assert [path.name for path in (data / "x").iterdir()] == ["thesis.doc"]


def test_the_schema_stands_beside_the_records_on_every_site(pair: Pair) -> None:
    vault.put_schema('{"type": "object"}')
    assert {(root.path / SCHEMA).read_text() for root in pair} == {'{"type": "object"}'}
    assert_valid(pair[0].path)


@pytest.mark.django_db
def test_two_sites_on_one_disk_say_so(kept_vault: Pair) -> None:
    assert [state.shares_disk_with for state in read_state()] == [("second",), ("main",)]


@pytest.mark.django_db
def test_another_disk_in_a_sites_place_is_seen(kept_vault: Pair) -> None:
    kept_vault[1].path.rename(kept_vault[1].path.with_name("old"))
    kept_vault[1].initialise()
    assert [state.state for state in read_state()] == ["ok", "replaced"]


@pytest.mark.django_db
def test_full_and_read_only_sites_are_visible_states(kept_vault: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Folder, "is_writable", property(lambda root: root.key != "second"))
    assert [state.state for state in read_state()] == ["ok", "read_only"]
    monkeypatch.setattr("yidang.vault.folder.RESERVE", 1 << 62)
    assert [state.state for state in read_state()] == ["full", "read_only"]


def test_a_site_that_takes_no_writes_is_refused_in_a_sentence(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.mkdir

    def refuse(path, *words, **more):
        if "second/extensions" in os.fspath(path):
            raise OSError(30, "Read-only file system")
        return real(path, *words, **more)

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(SiteReadOnly) as refusal:
        vault.keep([new_object()])
    assert "second" in str(refusal.value)


@pytest.mark.parametrize(
    ("kind", "mode"), [("ext4", "group"), ("xfs", "group"), ("nfs4", "each"), ("fuse", "each"), ("", "each")]
)
def test_only_local_journalling_file_systems_are_flushed_in_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, mode: str
) -> None:
    monkeypatch.setattr(flush, "file_system_of", lambda path: kind)
    assert flush.probe(tmp_path, "auto").mode == mode
    assert flush.probe(tmp_path, "each").mode == "each"


def test_a_kernel_that_hides_lost_writes_is_not_trusted_with_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flush, "file_system_of", lambda path: "ext4")
    monkeypatch.setattr("platform.release", lambda: "4.19.0-6-amd64")
    assert flush.probe(tmp_path, "auto").mode == "each"


def test_a_key_of_the_stores_key_service_goes_with_every_put_and_needs_that_service(settings, data) -> None:
    settings.SITES = ["cloud=s3://bucket/a?encryption=aws:kms&encryption_key=archive-2026"]
    root = sites.roots()[0]
    assert root.store._sealed() == {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "archive-2026"}
    settings.SITES = ["cloud=s3://bucket/a?encryption=AES256&encryption_key=archive-2026"]
    with pytest.raises(ImproperlyConfigured, match="encryption_key"):
        sites.roots()
