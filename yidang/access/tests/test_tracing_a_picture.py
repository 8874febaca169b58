"""Whoever may trace hands in a picture and learns whose opening it shows; the attempt is in the log."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from yidang.access.models import Opening
from yidang.audit.models import Entry
from yidang.formats.tests import making


def picture(content: bytes) -> dict[str, SimpleUploadedFile]:
    return {"picture": SimpleUploadedFile("photo.jpg", content)}


def test_a_screenshot_of_a_page_names_its_reader(archive, tmp_path):
    path = making.pdf(tmp_path / "a.pdf", [["第一页 管理办法"]])
    record = archive.file("设备管理办法", {"设备管理办法.pdf": path.read_bytes()}, of="WS·GZ")
    seen = archive.cast.client("zhao").get(f"/records/{record.public_id}/documents/1/pages/1/?width=1240").content
    out = io.BytesIO()
    Image.open(io.BytesIO(seen)).crop((100, 200, 1000, 1300)).save(out, "JPEG", quality=60)
    answer = archive.cast.client("secadmin").post("/tracing/", picture(out.getvalue()))
    assert answer.status_code == 200 and "赵磊" in answer.content.decode()
    assert record.title not in answer.content.decode(), "who traces need not be one who sees the record"
    entry = Entry.objects.get(event="access.picture.traced")
    assert entry.target == str(Opening.objects.get().public_id)


def test_only_those_with_the_duty_trace(archive):
    for username in ("zhao", "chen", "zhou", "sysadmin"):
        browser = archive.cast.client(username)
        assert browser.get("/tracing/").status_code == 403
        assert browser.post("/tracing/", picture(b"x")).status_code == 403
    assert archive.cast.client("auditor").get("/tracing/").status_code == 200


def test_what_is_no_picture_is_answered_in_words(archive):
    browser = archive.cast.client("lin")
    for content in (b"", b"hello", b"\xff\xd8\xff\xe0 broken"):
        assert browser.post("/tracing/", picture(content)).status_code == 422
