"""A conversion is a new version beside the original: the original untouched, compared, told, found by rebuild and by verify."""

import io
import json

import pikepdf
import pytest
from django.core.management import call_command
from django.db import connection
from PIL import Image

from tests.archive import Archive
from yidang import vault
from yidang.audit import rows
from yidang.audit.models import Entry
from yidang.catalogue import reference
from yidang.catalogue.models import Document, Record, Rendition
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotAllowed, WrongState
from yidang.continuity import converting, formats, plans
from yidang.continuity.models import ConversionPlan, HeldFormat
from yidang.formats import Finding, ReadingFailed
from yidang.formats import converting as making
from yidang.formats.findings import finding
from yidang.vault import sites
from yidang.vault.models import StoredObject

HELD = "fmt/17"  # the PDFs of these tests


def picture(kind: str, shade: int = 90) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").point(lambda value: (value + shade) % 256).convert("RGB").save(out, kind)
    return out.getvalue()


def pdf(*, attached: bool = False, across: int = 50) -> bytes:
    """A page with a drawing and no fonts."""
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(300, 400))
        document.pages[0].Contents = document.make_stream(f"0.2 0.4 0.6 rg {across} 50 120 90 re f".encode())
        if attached:
            document.attachments["内页.txt"] = "另一份文件".encode()
        document.save(out)
    return out.getvalue()


def bytes_of(record: Record, version: int = 0) -> dict[str, bytes]:
    return {one.path: vault.read_bytes(record.object_id, one.path, version=version) for one in record.documents.all()}


def convert(archive: Archive, record: Record, target: str, by: str = "lin") -> Rendition:
    return converting.convert_document(archive.document(record), target, actor=archive.cast.actor(by), now=clock.now())


@pytest.mark.gbt39784("6.3-1", "6.3-5")
def test_a_picture_gets_a_tiff_beside_it_and_stays_what_it_was(archive: Archive) -> None:
    record = archive.file(files={"照片.bmp": picture("BMP")})
    before, sums = bytes_of(record), list(record.documents.values())
    made = convert(archive, record, "tiff")
    assert made.outcome == "kept" and made.path == "renditions/0001-tiff.tif" and made.facts["failures"] == []
    assert bytes_of(record) == before == bytes_of(record, version=1)
    fresh = Document.objects.filter(record=record).values()
    assert [{**row, "text_state": ""} for row in fresh] == [{**row, "text_state": ""} for row in sums]
    kept = vault.read_bytes(record.object_id, made.path)
    assert (
        Image.open(io.BytesIO(kept)).convert("RGB").tobytes()
        == Image.open(io.BytesIO(picture("BMP"))).convert("RGB").tobytes()
    )
    # The description tells of it at once, in the same version, for programs and for readers of the standard.
    told = json.loads(vault.read_bytes(record.object_id, "record.json"))
    assert [one["sha256"] for one in told["renditions"]] == [made.sha256]
    assert "格式转换" in vault.read_bytes(record.object_id, "metadata.xml").decode()
    assert list(rows.check_rows()) == []
    entry = Entry.objects.get(event="continuity.document.converted")
    assert entry.target == str(record.public_id) and entry.outcome == "done"
    # It is on every site, and nothing of it is foreign to a reading.
    assert [state.findings for state in vault.scrub(actor=Actor.system("test"))] == [0, 0]
    with pytest.raises(WrongState):
        convert(archive, record, "tiff")


def test_a_pdf_that_cannot_be_declared_is_refused_and_the_reason_is_kept(archive: Archive) -> None:
    fine, attached = archive.file(files={"文.pdf": pdf()}), archive.file(files={"附.pdf": pdf(attached=True)})
    assert convert(archive, fine, "pdfa").outcome == "kept"
    refused = convert(archive, attached, "pdfa")
    assert (
        refused.outcome == "refused" and refused.path == "" and refused.facts["obstacles"][0]["code"] == "attachments"
    )
    archive.work()
    head = StoredObject.objects.get(object_id=fine.object_id).head
    assert head == 2, "the later work of describing found nothing to change"
    told = json.loads(vault.read_bytes(attached.object_id, "record.json"))["renditions"]
    assert [one["outcome"] for one in told] == ["refused"] and set(bytes_of(attached)) == {"documents/0001.pdf"}
    assert Entry.objects.get(event="continuity.document.converted", outcome="refused").target == str(attached.public_id)
    assert list(rows.check_rows()) == []


@pytest.mark.gbt39784("6.3-4")
def test_a_conversion_that_differs_is_never_kept(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    record = archive.file(files={"照片.png": picture("PNG")})
    real = making._written

    def other(deed: str, path, place):
        made = real(deed, path, place)
        Image.open(made.path).point(lambda value: min(255, value + 1)).save(made.path, "TIFF")
        return made

    monkeypatch.setattr(making, "_written", other)
    made = convert(archive, record, "tiff")
    assert made.outcome == "refused" and made.facts["failures"] == ["pixels_same"]
    assert not vault.files_of(record.object_id) or "renditions/0001-tiff.tif" not in str(
        vault.files_of(record.object_id)
    )


def test_the_original_is_read_and_compared_before_anything_is_made_of_it(archive: Archive) -> None:
    record = archive.file(files={"照片.png": picture("PNG")})
    for root in sites.roots():
        place = root.object_folder(record.object_id) / "v1" / "content" / "documents" / "0001.png"
        whole = place.read_bytes()
        (root.path / place.relative_to(root.path)).write_bytes(whole[:-9] + b"x" + whole[-8:])
    made = convert(archive, record, "tiff")
    assert made.outcome == "failed" and made.facts["reason"] == "no_good_copy"


def test_only_an_archivist_has_documents_converted(archive: Archive) -> None:
    record = archive.file(files={"照片.png": picture("PNG")})
    for username in ("xu", "sysadmin", "auditor", "zhao"):
        with pytest.raises(NotAllowed):
            convert(archive, record, "tiff", by=username)
        with pytest.raises(NotAllowed):
            plans.ask_conversion(record=record, actor=archive.cast.actor(username), now=clock.now())
    assert not Rendition.objects.exists() and not ConversionPlan.objects.exists()


def held(archive: Archive, puid: str) -> HeldFormat:
    formats.count_held(clock.now())
    return HeldFormat.objects.get(puid=puid)


@pytest.mark.gbt39784("6.3-2")
def test_a_plan_converts_a_format_in_turns_and_goes_on_after_a_stop(archive: Archive, monkeypatch) -> None:
    monkeypatch.setattr(plans, "REST", 0)
    lin = archive.cast.actor("lin")
    for number in range(4):
        archive.file(files={f"文{number}.pdf": pdf(across=number)})
    archive.work()
    drawn = held(archive, HELD)
    assert plans.preview(drawn, actor=lin)["documents"] == 4
    [plan] = plans.ask_conversion(held=drawn, actor=lin, now=clock.now(), most=3)
    with pytest.raises(plans.PlanUnderWay):
        plans.ask_conversion(held=drawn, actor=lin, now=clock.now())
    # Stopped after the first document, as by a kill between two of them.
    assert not plans.carry_on(
        plan, tell=lambda one: plans.stop(one, actor=lin, now=clock.now()) if one.done == 1 else None
    )
    plan.refresh_from_db()
    assert (plan.done, plan.kept, plan.finished_at) == (1, 1, None) and plan.stopped_at
    archive.work()
    plan.refresh_from_db()
    assert plan.done == 1
    plans.resume(plan, actor=lin, now=clock.now())
    monkeypatch.setattr(plans, "TURN", plans.timedelta(0))
    archive.work()
    plan.refresh_from_db()
    assert (plan.kept, plan.refused, plan.failed) == (3, 0, 0) and plan.finished_at
    assert plans.preview(drawn, actor=lin)["documents"] == 1 and Rendition.objects.count() == 3


def test_a_crash_of_the_reader_is_tried_again_and_set_aside_and_the_plan_goes_on(archive: Archive, monkeypatch) -> None:
    monkeypatch.setattr(plans, "REST", 0)
    bad = archive.file(files={"文1.pdf": pdf(across=1)})
    archive.file(files={"文2.pdf": pdf(across=2)})
    archive.work()
    real, tries = making.make, []

    def crash(path, *rest):
        if str(bad.public_id) in str(path):
            tries.append(1)
            raise ReadingFailed(finding("reader_crashed"))
        return real(path, *rest)

    monkeypatch.setattr(making, "make", crash)
    plans.ask_conversion(held=held(archive, HELD), actor=archive.cast.actor("lin"), now=clock.now())
    archive.work()
    plan = ConversionPlan.objects.get()
    assert (plan.kept, plan.failed, len(tries)) == (1, 1, 2) and plan.finished_at
    # LibreOffice missing is no fault of a file: the plan stops and says so.
    missing: Finding = finding("reader_absent", name="", program="LibreOffice")

    def absent(*_words):
        raise ReadingFailed(missing)

    monkeypatch.setattr(making, "make", absent)
    plans.ask_conversion(held=held(archive, HELD), actor=archive.cast.actor("lin"), now=clock.now())
    archive.work()
    assert ConversionPlan.objects.get(finished_at=None).trouble == "converter"


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_from_one_site_gives_the_conversions_back(archive: Archive) -> None:
    fine, attached = archive.file(files={"文.pdf": pdf()}), archive.file(files={"附.pdf": pdf(attached=True)})
    for record in (fine, attached):
        convert(archive, record, "pdfa")
    archive.work()
    reference.keep_reference()
    names = [field.name for field in Rendition._meta.fields if field.name not in {"id", "document"}]
    before = list(Rendition.objects.order_by("public_id").values(*names, "document__record__public_id"))
    call_command("flush", verbosity=0, interactive=False)
    assert vault.rebuild(site="second", actor=Actor.system("rebuild")).unreadable == []
    assert list(Rendition.objects.order_by("public_id").values(*names, "document__record__public_id")) == before
    kept = Rendition.objects.get(outcome="kept")
    assert vault.read_bytes(kept.document.record.object_id, kept.path)[:5] == b"%PDF-"
    assert list(rows.check_rows()) == []


@pytest.mark.promise("B2")
def test_a_conversion_edited_in_the_database_is_found(archive: Archive) -> None:
    made = convert(archive, archive.file(files={"照片.png": picture("PNG")}), "tiff")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE catalogue_rendition SET sha256 = %s WHERE id = %s", ["0" * 64, made.pk])
    assert [(fault.kind, str(made.public_id) in fault.detail) for fault in rows.check_rows()] == [("row_edited", True)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM catalogue_rendition")
    assert [fault.kind for fault in rows.check_rows()] == ["row_missing"]


@pytest.mark.gbt39784("6.3-3")
def test_the_pages_show_the_preview_the_progress_the_reasons_and_the_file(archive: Archive) -> None:
    attached = archive.file(files={"附.pdf": pdf(attached=True)})
    fine = archive.file(files={"文.pdf": pdf()})
    archive.work()
    one = held(archive, archive.document(fine).format)
    client = archive.cast.client("lin")
    assert "转换为 PDF/A-2b" in client.get("/continuity/formats/").content.decode()
    assert client.get(f"/continuity/formats/{one.pk}/conversion/").status_code == 200
    begun = client.post(f"/continuity/formats/{one.pk}/conversion/", {"most": "10"})
    assert begun.status_code == 302
    archive.work()
    shown = client.get(begun["Location"]).content.decode()
    assert "内页.txt" in shown and attached.title in shown
    assert fine.title in client.get(begun["Location"] + "?show=kept").content.decode()
    assert client.get("/continuity/conversions/").status_code == 200
    tab = client.get(f"/records/{fine.public_id}/").content.decode()
    assert "form=pdfa" in tab
    file = client.get(f"/records/{fine.public_id}/documents/1/content/?form=pdfa")
    assert b"".join(file.streaming_content)[:5] == b"%PDF-" and "%E6%96%87.pdf.pdf" in file["Content-Disposition"]
    assert '"form":"pdfa"' in Entry.objects.filter(event="access.original.released").latest("seq").body
    assert client.get(f"/records/{attached.public_id}/documents/1/content/?form=pdfa").status_code == 404
    # For whoever judges no formats these pages are not there.
    client = archive.cast.client("xu", REMOTE_ADDR="10.4.0.9")
    for path in (f"/continuity/formats/{one.pk}/conversion/", begun["Location"], "/continuity/conversions/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/continuity/records/{fine.public_id}/conversion/").status_code == 404
