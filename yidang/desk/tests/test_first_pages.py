"""Each kind of person has a first page that is theirs, in both languages, on which every link leads somewhere."""

from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from tests.archive import Archive
from tests.cast import PEOPLE
from yidang import search
from yidang.catalogue.models import Record
from yidang.common import clock
from yidang.intake.actions import return_to_sender
from yidang.intake.errors import ChecksFailed

READERS = ["lin", "he", "xu", "zhao", "chen", "wu", "zhou"]
ADMINISTRATORS = ["sysadmin", "secadmin", "auditor"]
TITLES = {
    "kept": "设备采购管理办法",
    "waiting": "关于召开院务会的通知",
    "returned": "关于调整班车的通知",
    "failed": "住院病案首页",
}


class Links(HTMLParser):
    """Gathers where a page's links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.update(value for name, value in attrs if tag == "a" and name == "href" and value)


def links_of(browser: Client, address: str) -> set[str]:
    """Addresses of ours that a page links to, without places on the page itself."""
    parser = Links()
    parser.feed(browser.get(address).content.decode())
    found = {urljoin(address, href) for href in parser.found}
    return {
        href for href in found if not urlsplit(href).netloc and "#" not in href and not href.startswith("javascript:")
    }


@pytest.fixture
def busy(archive: Archive) -> Archive:
    """A day with something of everything: kept, waiting, returned, failed."""
    archive.file(TITLES["kept"], of="WS·GZ")
    archive.file(TITLES["waiting"], accepted=False)
    returned = archive.file(TITLES["returned"], accepted=False)
    return_to_sender(
        archive.submissions[returned.pk], actor=archive.cast.actor("lin"), reason="缺少附件", now=clock.now()
    )
    with pytest.raises(ChecksFailed):
        archive.file(TITLES["failed"], of="ZY·BA", by="he", metadata={"patient_name": "张三"})
    search.index_once()  # without an index the search page says so instead of answering
    return archive


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("who", list(PEOPLE))
def test_everybody_has_a_first_page_in_both_languages(busy, who, language):
    browser = busy.cast.client(who)
    browser.cookies["yidang_language"] = language
    answer = browser.get("/")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert f'lang="{language if language == "en" else "zh-Hans"}"'.lower() in text.lower()
    assert ("<h1>Desk</h1>" if language == "en" else "<h1>工作台</h1>") in text


@pytest.mark.parametrize("who", list(PEOPLE))
def test_no_link_on_it_leads_nowhere(busy, who):
    browser = busy.cast.client(who)
    if who in {"zhao", "lin"}:  # something that was opened before
        browser.get(f"/records/{busy_record(busy)}/documents/1/pages/1/?width=320")
    links = links_of(browser, "/")
    assert len(links) > 2
    dead = {href: status for href in sorted(links) if (status := browser.get(href).status_code) >= 400}
    assert dead == {}


def busy_record(archive: Archive) -> str:
    """The record that everybody sees."""
    return str(Record.objects.get(title=TITLES["kept"]).public_id)


@pytest.mark.promise("F3")
@pytest.mark.gbt39784("4.4-5")
@pytest.mark.parametrize("who", ADMINISTRATORS)
def test_the_three_administrators_see_no_title(busy, who):
    browser = busy.cast.client(who)
    for address in {"/", *links_of(browser, "/")}:
        text = browser.get(address).content.decode(errors="replace")
        assert not [title for title in TITLES.values() if title in text], address


def test_the_archivist_sees_what_came_in_what_failed_and_what_waits(busy):
    text = busy.cast.client("lin").get("/").content.decode()
    assert "今天收到 4 件，其中 2 件已入库；1 件检测未通过，1 件待验收。" in text
    assert TITLES["waiting"] in text and TITLES["failed"] in text


def test_the_department_clerk_sees_what_came_back_and_why(busy):
    text = busy.cast.client("xu").get("/").content.decode()
    assert "1 件被退回" in text and TITLES["returned"] in text


def test_other_departments_see_nothing_of_it(busy):
    text = busy.cast.client("zhao").get("/").content.decode()
    assert TITLES["waiting"] not in text and TITLES["returned"] not in text and TITLES["failed"] not in text


def test_what_was_opened_last_stands_on_the_desk_until_it_is_out_of_reach(busy):
    browser = busy.cast.client("zhao")
    browser.get(f"/records/{busy_record(busy)}/documents/1/pages/1/?width=320")
    assert TITLES["kept"] in browser.get("/").content.decode()
    Record.objects.filter(title=TITLES["kept"]).update(level=3)
    assert TITLES["kept"] not in browser.get("/").content.decode()


def test_strangers_are_sent_to_the_door(cast, client):
    answer = client.get("/")
    assert answer.status_code == 302 and "/sign-in/" in answer["Location"]


@pytest.mark.parametrize(
    ("who", "most"),
    [
        ("lin", 48),
        ("he", 41),
        ("xu", 40),
        ("zhao", 31),
        ("wu", 36),
        ("sysadmin", 30),
        ("secadmin", 17),
        ("auditor", 17),
    ],
)
def test_the_desk_asks_the_database_as_often_with_many_records_as_with_few(
    busy, django_assert_max_num_queries, who, most
):
    browser = busy.cast.client(who)
    browser.get("/")
    with django_assert_max_num_queries(most):
        browser.get("/")
    for _more in range(3):
        busy.file(accepted=False)
    with django_assert_max_num_queries(most):
        browser.get("/")
