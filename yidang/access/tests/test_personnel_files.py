"""Of a personnel file its own person sees nothing, and the archivist the entry alone."""

import pytest

from tests.archive import Archive
from yidang.catalogue.models import Record


@pytest.fixture
def file_of_zhao(archive: Archive) -> Record:
    return archive.file("赵磊 干部履历表", of="RS", by="lin", owner="zhao", metadata={"material": "resume"})


def addresses(record: Record) -> dict[str, str]:
    base = f"/records/{record.public_id}"
    return {
        "page": f"{base}/",
        "image": f"{base}/documents/1/pages/1/",
        "content": f"{base}/documents/1/content/",
        "hits": f"{base}/hits/?q=a",
    }


@pytest.mark.gbt39784("8.1-1")
def test_nobody_sees_their_own_file(archive, file_of_zhao):
    browser = archive.cast.client("zhao")
    for address in addresses(file_of_zhao).values():
        assert browser.get(address).status_code == 404


def test_the_archivist_sees_the_entry_and_no_page(archive, file_of_zhao):
    browser = archive.cast.client("lin")
    places = addresses(file_of_zhao)
    answer = browser.get(places["page"])
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "赵磊 干部履历表" in text and "仅向您开放目录条目" in text
    assert "/pages/" not in text and "/content/" not in text
    for name in ("image", "content", "hits"):
        assert browser.get(places[name]).status_code == 403, name


def test_an_archivist_sees_nothing_of_their_own_file(archive):
    record = archive.file("林静 干部履历表", of="RS", by="lin", owner="lin", accepted=False)
    for address in addresses(record).values():
        assert archive.cast.client("lin").get(address).status_code == 404


@pytest.mark.parametrize("who", ["xu", "he", "chen", "wu", "zhou"])
def test_nobody_else_sees_even_the_entry(archive, file_of_zhao, who):
    browser = archive.cast.client(who)
    for address in addresses(file_of_zhao).values():
        assert browser.get(address).status_code == 404
