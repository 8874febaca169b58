"""What the pages and the API answer."""

import dataclasses
import io
import re

import openpyxl
import pytest
from django.test import Client

from yidang.audit.models import Entry, PersonalFacts
from yidang.search.indexing import index_once
from yidang.search.models import SavedSearch
from yidang.search.tests.middleware import ActorFromHeader


@pytest.fixture
def visit(stage, settings, monkeypatch):
    settings.ROOT_URLCONF = "yidang.search.tests.addresses"
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "yidang.ui.language.LanguageMiddleware",
        "yidang.search.tests.middleware.ActorFromHeader",
        "yidang.ui.errors.ErrorMiddleware",
    ]
    settings.YIDANG_NAVIGATION = []
    monkeypatch.setattr(ActorFromHeader, "actors", {name: stage.actor(name) for name in stage.people})

    def client(name: str, **headers: str) -> Client:
        return Client(headers={"X-Test-Actor": name, **headers})

    return client


@pytest.fixture
def filed(stage):
    stage.record(
        "医疗质量<b>通知</b>",
        pages=["第一页", '第二页写着 <script>alert("质量")</script> 的质量要求'],
        document_number="仁医发〔2026〕12号",
    )
    stage.record("待识别的扫描件")
    stage.record("职工档案", of="RS", pages=["质量工资"])
    index_once()
    return stage


def test_a_hit_says_where_it_matched_and_escapes_what_it_quotes(visit, filed):
    page = visit("lin").get("/search/", {"q": "质量"}).content.decode()
    assert "医疗<mark>质量</mark>&lt;b&gt;通知" in page
    assert "&lt;script&gt;" in page and "<script>alert" not in page
    assert "正本 · 第 2 页" in page
    assert "职工档案" not in page
    assert "style=" not in page and "onclick" not in page


def test_the_page_without_words_lists_what_came_last(visit, filed):
    page = visit("lin").get("/search/").content.decode()
    places = [page.index(title) for title in ("职工档案", "待识别的扫描件", "医疗质量")]
    assert places == sorted(places)
    assert "文本待识别" in page and "只见题名" in page


def test_a_fragment_has_no_shell(visit, filed):
    page = (
        visit("lin", **{"HX-Request": "true", "HX-Target": "results"}).get("/search/", {"q": "质量"}).content.decode()
    )
    assert "<html" not in page and "facets" in page


def test_filters_are_links_that_hold_the_whole_question(visit, filed):
    page = visit("lin").get("/search/", {"q": "质量", "class": "WS"}).content.decode()
    assert "q=%E8%B4%A8%E9%87%8F" in page and "class%21=WS" in page


def test_english_is_complete(visit, filed):
    page = visit("lin", Cookie="yidang_language=en").get("/search/", {"q": "质量"}).content.decode()
    assert "Save search" in page and "By relevance" in page
    words = re.sub(r"<[^>]*>", " ", page)
    assert "相关" not in words and "筛选" not in words


def test_each_sentence_of_the_page_is_chinese(visit, filed):
    for address in ("/search/?q=%E8%B4%A8%E9%87%8F&class=WS", "/search/", "/search/?q=zzzzqqq", "/search/saved/"):
        page = visit("lin").get(address).content.decode()
        main = page[page.index("<main") : page.index("</main>")]
        words = re.sub(r"<[^>]*>|Enter|Esc|Excel|[A-Z0-9]{1,4}[-·][^ <]*", " ", main)
        assert not re.findall(r"\b[A-Za-z]{4,}\b", re.sub(r"zzzzqqq|&quot;|script|alert", "", words)), address


def test_every_search_is_in_the_log_and_its_words_are_personal_facts(visit, filed):
    visit("zhao").get("/search/", {"q": "质量"})
    entry = Entry.objects.filter(event="search.query.done").latest("seq")
    assert entry.actor == "zhao" and "质量" not in entry.body and '"total":1' in entry.body
    assert "质量" in PersonalFacts.objects.get(entry_id=entry.seq).body


def test_a_preview_shows_the_pages_that_match(visit, filed):
    page = visit("lin").get("/search/", {"q": "质量"}).content.decode()
    address = re.search(r'data-preview="([^"]+)"', page)[1].replace("&amp;", "&")
    shown = visit("lin").get(address).content.decode()
    assert "第 2 页" in shown and "<mark>质量</mark>" in shown
    assert visit("sys").get(address).status_code == 404
    assert visit("nobody").get(address).status_code == 302


def test_suggestions_are_for_titles_names_and_codes(visit, filed):
    filed.record("任命文件", parties=["欧阳春"], code="Y012-WS·2026-D30-0009")
    index_once()
    for typed, wanted in [
        ("ouyang", "欧阳春"),
        ("oy", "欧阳春"),
        ("任命", "任命文件"),
        ("Y012-WS", "任命文件"),
        ("rmwj", "任命文件"),
        ("质量", "医疗质量"),
    ]:
        shown = visit("lin").get("/search/suggest/", {"q": typed}).content.decode()
        assert wanted in re.sub(r"</?mark>", "", shown), typed
    assert visit("lin").get("/search/suggest/", {"q": ""}).content.decode().strip() == ""
    told = visit("zhao", Accept="application/json").get("/search/suggest/", {"q": "职工"}).json()
    assert told == {"suggestions": []}


@pytest.mark.gbt39784("8.1-7")
def test_a_saved_search_is_its_owners_alone(visit, filed):
    client = visit("zhao")
    answer = client.post("/search/saved/new/", {"name": "我的质量", "query": "q=质量&class!=RS&evil=1"})
    assert answer.status_code == 302 and "evil" not in answer["Location"]
    saved = SavedSearch.objects.get()
    assert "我的质量" in client.get("/search/saved/").content.decode()
    assert "我的质量" not in visit("lin").get("/search/saved/").content.decode()
    assert visit("lin").post(f"/search/saved/{saved.public_id}/remove/").status_code == 404
    client.post(f"/search/saved/{saved.public_id}/remove/")
    assert not SavedSearch.objects.exists()
    refused = client.post("/search/saved/new/", {"name": "", "query": "q=质量"})
    assert refused.status_code == 422


@pytest.mark.promise("G7")
def test_the_hits_go_into_a_spreadsheet(visit, filed):
    filed.record("=1+1")
    index_once()
    answer = visit("lin").get("/search/export/", {"sort": "received"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    titles = [row[2].value for row in sheet.iter_rows(min_row=2)]
    assert titles == ["'=1+1", "职工档案", "待识别的扫描件", "医疗质量<b>通知</b>"]


def test_the_api_answers_hits_with_document_and_page(visit, filed, monkeypatch):
    body = visit("lin").get("/api/v1/search", {"q": "质量", "facets": "true"}).json()
    [hit] = body["items"]
    assert hit["matches"][0]["document"] == 1 and hit["matches"][0]["page"] == 2
    assert hit["security"] == "internal" and hit["class"] == "WS" and hit["department"] == "YB"
    assert body["next"] is None and body["total"] == 1 and body["took_ms"] > 0
    assert {"value": "WS", "label": "WS", "count": 1} in body["facets"]["class"]
    refused = visit("lin").get("/api/v1/search", {"sort": "size"})
    assert refused.status_code == 422 and refused.json()["field"] == "sort"
    monkeypatch.setitem(
        ActorFromHeader.actors,
        "client",
        dataclasses.replace(ActorFromHeader.actors["lin"], kind="client", scopes=frozenset({"file"})),
    )
    assert visit("client").get("/api/v1/search", {"q": "质量"}).status_code == 403
    assert visit("nobody").get("/api/v1/search", {"q": "质量"}).status_code in {401, 403}
