"""Rows after bytes, and reading from the first good copy."""

import pytest
from django.db import transaction

from yidang import vault
from yidang.common.errors import WrongState
from yidang.vault import errors
from yidang.vault.models import Copy, StoredObject
from yidang.vault.root import STAGING, Root
from yidang.vault.tests.conftest import BODY, keep_and_register, new_object

Pair = tuple[Root, Root]
pytestmark = pytest.mark.django_db


def waiting(root: Root) -> list[str]:
    return [intent.read_text() for intent in (root.path / STAGING).glob("*/objects") if intent.stat().st_size]


@pytest.mark.django_db(transaction=True)
def test_a_registered_object_has_a_good_copy_on_each_site_and_waits_for_nothing(kept_vault: Pair) -> None:
    [kept] = vault.keep([new_object()])
    assert waiting(kept_vault[0]) == [f"{kept.object_id}\n"]
    with transaction.atomic():
        [row] = vault.register([kept])
    assert waiting(kept_vault[0]) == []
    assert [(copy.site, copy.state) for copy in vault.copies_of(row.object_id)] == [("main", "ok"), ("second", "ok")]


@pytest.mark.django_db(transaction=True)
def test_a_group_that_is_registered_one_by_one_waits_until_the_last(kept_vault: Pair) -> None:
    kept = vault.keep([new_object(), new_object()])
    with transaction.atomic():
        vault.register(kept[:1])
    assert len(waiting(kept_vault[0])) == 1
    with transaction.atomic():
        vault.register(kept[1:])
    assert waiting(kept_vault[0]) == []


def test_registering_twice_is_refused(kept_vault: Pair) -> None:
    kept = keep_and_register([new_object()])
    with pytest.raises(errors.ObjectExists), transaction.atomic():
        vault.register(kept)


@pytest.mark.django_db(transaction=True)
def test_registering_outside_a_transaction_is_a_mistake(kept_vault: Pair) -> None:
    with pytest.raises(RuntimeError):
        vault.register(vault.keep([new_object()]))


def test_a_vault_that_was_not_set_up_says_so(pair: Pair, db: None) -> None:
    kept = vault.keep([new_object()])
    with pytest.raises(WrongState), transaction.atomic():
        vault.register(kept)


def test_what_was_not_registered_can_be_discarded_and_what_was_cannot(kept_vault: Pair) -> None:
    registered = keep_and_register([new_object()])
    loose = vault.keep([new_object(), new_object()])
    assert vault.discard([*registered, *loose]) == 2
    for root in kept_vault:
        assert root.object_folder(registered[0].object_id).is_dir()
        assert not root.object_folder(loose[0].object_id).exists()


def test_a_file_is_read_from_the_second_site_when_the_first_is_gone_or_bad(kept_vault: Pair, filed) -> None:
    kept = filed()
    bad = kept_vault[0].object_folder(kept.object_id) / "v1/content/documents/0001.pdf"
    bad.chmod(0o640)
    bad.write_bytes(b"!" + BODY[1:])
    assert vault.read_bytes(kept.object_id, "documents/0001.pdf") == BODY
    with vault.open_file(kept.object_id, "documents/0001.pdf", check=True) as stream:
        assert stream.read() == BODY
    bad.unlink()
    assert str(kept_vault[1].path) in str(vault.local_path(kept.object_id, "documents/0001.pdf"))


def test_no_good_copy_and_no_such_file_are_told_apart(kept_vault: Pair, filed) -> None:
    kept = filed()
    with pytest.raises(errors.NoSuchObject):
        vault.read_bytes(kept.object_id, "documents/0009.pdf")
    for root in kept_vault:
        (root.object_folder(kept.object_id) / "v1/content/documents/0001.pdf").unlink()
    with pytest.raises(errors.NoGoodCopy):
        vault.read_bytes(kept.object_id, "documents/0001.pdf")


def test_files_of_an_object_have_their_sizes_and_digests(kept_vault: Pair, filed) -> None:
    kept = filed()
    assert vault.files_of(kept.object_id) == list(kept.files)


def test_a_site_that_only_follows_is_lagging_until_it_is_filled(data, settings, db: None) -> None:
    settings.SITES = [f"main={data}/a", f"other={data}/b;follows"]
    vault.prepare_sites()
    [kept] = keep_and_register([new_object()])
    row = StoredObject.objects.get(object_id=kept.object_id)
    assert dict(row.copies.values_list("site__key", "state")) == {"main": Copy.State.OK, "other": Copy.State.LAGGING}
