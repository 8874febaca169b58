"""What is masked leaves by no channel: page images of every size, prints, certified copies, text, snippets, hits, the original."""

import io
import json
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pypdfium2
import pytest
from django.test import Client
from PIL import Image

from tests.archive import Archive
from yidang import digitisation, jobs, search
from yidang.access import certificates, masks
from yidang.access.models import Mask
from yidang.access.uses import Came
from yidang.audit.models import Entry
from yidang.catalogue.models import Document, Record
from yidang.common import clock
from yidang.common.errors import InvalidInput, NotAllowed, WrongState
from yidang.formats.tests import making
from yidang.permissions.actions import issue_grant
from yidang.search import Query, index_once

CARD, PHONE = "11010519491231002X", "13812345678"
PLACE = (0.05, 0.02, 0.95, 0.2)  # where the lines of the pages stand


@pytest.fixture
def form(archive: Archive, tmp_path) -> Record:
    """Two pages that the whole hospital sees; the first holds a number, a telephone and a name."""
    lines = [f"身份证号 {CARD}", f"联系电话 {PHONE}", "经办人 欧阳明月", "设备管理办法"]
    path = making.pdf(tmp_path / "a.pdf", [lines, ["第二页 无个人信息"]])
    record = archive.file("设备管理办法", {"设备管理办法.pdf": path.read_bytes()}, of="WS·GZ")
    archive.work()
    index_once()
    return record


def document_of(archive: Archive, record: Record) -> Document:
    return archive.document(record)


def page(archive: Archive, record: Record, by: str, number: int = 1, width: int = 1240) -> np.ndarray:
    answer = archive.cast.client(by).get(f"/records/{record.public_id}/documents/1/pages/{number}/?width={width}")
    assert answer.status_code == 200 and answer["Cache-Control"] == "private, no-store" and "ETag" not in answer
    return grey(answer.content)


def grey(content: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("L"))


def part(image: np.ndarray, place: tuple[float, float, float, float] = PLACE) -> np.ndarray:
    height, width = image.shape
    return image[int(place[1] * height) : int(place[3] * height), int(place[0] * width) : int(place[2] * width)]


def draw(archive: Archive, record: Record, by: str = "lin") -> None:
    masks.mask_regions(
        archive.document(record), 1, [PLACE], reason="个人信息", actor=archive.cast.actor(by), now=clock.now()
    )


def find(archive: Archive, record: Record, kinds=("id_number", "phone"), names=("欧阳明月",)) -> int:
    return masks.mask_found(
        archive.document(record), kinds, names, reason="", actor=archive.cast.actor("lin"), now=clock.now()
    )


def hits(archive: Archive, by: str, text: str) -> int:
    index_once()
    return search.search(archive.cast.actor(by), Query(text=text)).total


def told(archive: Archive, by: str, text: str) -> tuple[int, str, int]:
    """How many records a search finds, by which way, and on how many pages it says they match."""
    index_once()
    found = search.search(archive.cast.actor(by), Query(text=text))
    return found.total, found.widened, sum(len(hit.spots) for hit in found.hits)


@pytest.mark.gbt39784("8.1-6")
@pytest.mark.parametrize("width", [320, 800, 1240, 2000, 1])
def test_no_size_of_a_page_shows_what_is_masked(archive, form, width):
    before = page(archive, form, "zhao", width=width)
    assert part(before).max() > 200
    draw(archive, form)
    after = page(archive, form, "zhao", width=width)
    # Nothing but watermark and tracing mark on black: no trace of the letters is left where they stood.
    clean = grey(digitisation.page_image(archive.document(form), 1, width if width > 1 else 320).read_bytes())
    letters = part(clean) < 100
    inside = part(after).astype(float)
    assert inside.max() < 130
    if letters.sum() > 50:
        assert abs(inside[letters].mean() - inside[~letters].mean()) < 4
    assert part(page(archive, form, "zhao", number=2, width=width)).max() > 200


def test_the_api_serves_the_same_covered_page(archive, form):
    draw(archive, form)
    token = archive.cast.token("zhao", "records")
    answer = Client().get(
        f"/api/v1/records/{form.public_id}/documents/1/pages/1", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200 and part(grey(answer.content)).max() < 130


def test_who_keeps_the_record_sees_it_clear_and_the_kept_file_is_untouched(archive, form):
    before = archive.document(form).sha256
    draw(archive, form)
    assert part(page(archive, form, "lin")).max() > 200
    assert archive.document(form).sha256 == before
    assert part(grey(digitisation.page_image(archive.document(form), 1, 1240).read_bytes())).max() > 200


def test_prints_and_certified_copies_are_covered_for_everyone(archive, form):
    draw(archive, form)
    browser = archive.cast.client("lin")
    sent = browser.post(f"/records/{form.public_id}/documents/1/print/", {"pages": "1", "copies": "1"})
    printed = pypdfium2.PdfDocument(browser.get(sent["Location"]).content)[0].render(scale=1).to_pil().convert("L")
    assert part(np.asarray(printed), (0.08, 0.04, 0.92, 0.18)).max() < 130
    ask = certificates.Ask(Came("张三", CARD), "justice", "court", "", {1: "1"}, Decimal(0))
    made = certificates.issue_certificate(
        form, ask, address="http://a/?code={code}", actor=archive.cast.actor("lin"), now=clock.now()
    )
    content = certificates.print_certificate(made, actor=archive.cast.actor("lin"), now=clock.now())
    jpeg = content[[at for at in range(len(content)) if content.startswith(b"stream\n\xff\xd8", at)][1] + 7 :]
    inner = grey(jpeg)[100:380, 250:1400]
    assert inner.max() < 60


def test_patterns_and_names_are_found_where_they_stand(archive, form):
    assert find(archive, form) == 3
    assert set(Mask.objects.values_list("page", flat=True)) == {1}
    after = page(archive, form, "zhao")
    for left, top, right, bottom in Mask.objects.values_list("left", "top", "right", "bottom"):
        assert bottom - top < 0.05 and part(after, (left, top, right, bottom)).max() < 130
    # Every dark pixel of the three numbers is inside: outside, the page is as it was, apart from watermark and mark.
    text = search.page_texts(form, 1)
    assert CARD not in text[0] and PHONE not in text[0] and "欧阳明月" not in text[0] and "设备管理办法" in text[0]


@pytest.mark.parametrize("how", ["drawn", "found"])
def test_text_snippets_hits_and_searches_no_longer_hold_it(archive, form, how):
    assert [hits(archive, by, CARD) for by in ("zhao", "lin")] == [1, 1]
    draw(archive, form) if how == "drawn" else find(archive, form)
    # At once, while the index still holds the old text: the database answers for the record.
    assert search.search(archive.cast.actor("zhao"), Query(text=CARD)).total == 0
    for by in ("zhao", "lin"):
        # What is merely similar may still be found, by the figures of its code; the next test compares with a twin.
        assert told(archive, by, "欧阳明月") == told(archive, by, "司马光辉") == (0, "", 0)
        for text in (CARD, PHONE, CARD[6:14]):
            assert told(archive, by, text)[1:] in {("", 0), ("similar", 0)}
    browser = archive.cast.client("zhao")
    assert browser.get(f"/records/{form.public_id}/hits/?q={CARD}").json() == {"hits": []}
    assert browser.get(f"/records/{form.public_id}/hits/?q=无个人信息").json()["hits"] == [{"document": 1, "page": 2}]
    for address in (
        f"/search/preview/{form.public_id}/?q=设备",
        "/search/?q=设备管理办法",
        f"/records/{form.public_id}/",
    ):
        assert CARD not in browser.get(address).content.decode()


def test_a_masked_record_answers_like_a_twin_that_never_held_it(archive, form, tmp_path):
    path = making.pdf(tmp_path / "b.pdf", [["设备管理办法"], ["第二页 无个人信息"]])
    twin = archive.file("设备管理办法", {"设备管理办法.pdf": path.read_bytes()}, of="WS·GZ")
    archive.work()
    find(archive, form)
    index_once()
    for text in (CARD, PHONE, CARD[2:9], "欧阳明月"):
        found = search.search(archive.cast.actor("zhao"), Query(text=text))
        shown = {hit.record.pk: len(hit.spots) for hit in found.hits}
        assert shown.get(form.pk, 0) == shown.get(twin.pk, 0) == 0
        assert (form.pk in shown) == (twin.pk in shown)


def test_a_text_that_is_read_again_from_the_file_is_covered_again(archive, form):
    find(archive, form)
    Document.objects.filter(record=form).update(text_state="pending")
    jobs.later("digitisation.extract", record_id=form.pk)
    archive.work()
    assert CARD not in "".join(search.page_texts(form, 1))


def test_an_original_with_masks_leaves_only_to_who_keeps_it(archive, form):
    now = clock.now()
    issue_grant(
        archive.cast.people["zhao"], form.pk, record=str(form.public_id), actions={"view", "copy"}, reason="审计",
        until=now + timedelta(days=1), actor=archive.cast.actor("lin"), now=now, times=1,
    )  # fmt: skip
    address, browser = f"/records/{form.public_id}/documents/1/content/", archive.cast.client("zhao")
    assert browser.get(address).status_code == 200
    draw(archive, form)
    # Neither anew nor as a further part of the download that had begun.
    assert browser.get(address).status_code == 403
    assert browser.get(address, headers={"Range": "bytes=100-"}).status_code == 403
    assert archive.cast.client("lin").get(address).status_code == 200


def test_lifting_brings_page_and_text_back(archive, form):
    draw(archive, form)
    mask = Mask.objects.get()
    lift = {"mask": str(mask.public_id), "do": "lift"}
    address = f"/records/{form.public_id}/documents/1/pages/1/masks/"
    assert archive.cast.client("lin").post(address, lift).status_code == 302
    archive.work()
    assert part(page(archive, form, "zhao")).max() > 200 and hits(archive, "zhao", CARD) == 1
    with pytest.raises(WrongState):
        masks.lift_masks(archive.document(form), [mask.public_id], actor=archive.cast.actor("lin"), now=clock.now())
    assert list(Entry.objects.filter(event__startswith="access.mask").order_by("seq").values_list("event", flat=True)) == [
        "access.mask.made", "access.mask.lifted",
    ]  # fmt: skip


@pytest.mark.parametrize("username", ["zhao", "chen", "zhou", "he"])
def test_nobody_else_masks_or_lifts(archive, form, username):
    draw(archive, form)
    browser = archive.cast.client(username)
    address = f"/records/{form.public_id}/documents/1/pages/1/masks/"
    assert browser.get(address).status_code in {403, 404}
    assert browser.post(address, {"do": "lift", "mask": str(Mask.objects.get().public_id)}).status_code in {403, 404}
    with pytest.raises(NotAllowed):
        draw(archive, form, by=username)
    with pytest.raises(NotAllowed):
        masks.lift_masks(
            archive.document(form), [Mask.objects.get().public_id], actor=archive.cast.actor(username), now=clock.now()
        )
    assert Mask.objects.filter(lifted_at=None).count() == 1


def test_what_is_no_rectangle_is_refused(archive, form):
    browser = archive.cast.client("lin")
    address = f"/records/{form.public_id}/documents/1/pages/1/masks/"
    wrong = [
        "[[0,0,0,0]]",
        "[[900,0,100,50]]",
        "[[0,0,2000,50]]",
        '[["a",1,2,3]]',
        "[[1,2]]",
        "{",
        "[[null,0,1,1]]",
        "5",
    ]
    for places in wrong:
        assert browser.post(address, {"do": "draw", "places": places}).status_code == 422, places
    assert (
        browser.post(address, {"do": "draw", "left": "nan", "top": "1", "right": "9", "bottom": "9"}).status_code == 422
    )
    assert not Mask.objects.exists()
    sent = browser.post(address, {"do": "draw", "places": json.dumps([[50, 20, 950, 200]])})
    assert sent.status_code == 302 and Mask.objects.get().right == 0.95
    assert browser.post(address, {"do": "find"}).status_code == 422
    with pytest.raises(InvalidInput):
        masks.mask_regions(
            archive.document(form), 9, [PLACE], reason="", actor=archive.cast.actor("lin"), now=clock.now()
        )


def test_a_text_file_whose_places_are_not_known_is_covered_whole(archive):
    record = archive.file("通讯录", {"通讯录.txt": f"张三 {PHONE}\n".encode()}, of="WS·GZ")
    archive.work()
    assert find(archive, record, kinds=("phone",), names=()) == 1
    mask = Mask.objects.get()
    assert (mask.left, mask.top, mask.right, mask.bottom) == (0, 0, 1, 1)
