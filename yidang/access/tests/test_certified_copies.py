"""A certified copy stands in the register, is verified by anybody, and one changed character of it is found."""

import hashlib
import io
import subprocess
import sys
from base64 import b64decode, b64encode
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, ImageDraw

from tests.archive import Archive
from yidang.access import certificate_pdf, certificate_sheets, certificate_views, certificates, verify_certificate
from yidang.access.models import Certificate, Use
from yidang.access.uses import Came
from yidang.audit.models import Entry
from yidang.audit.rows import check_rows
from yidang.catalogue.models import Record
from yidang.common import clock, signing
from yidang.common.errors import InvalidInput, NotAllowed, NotFound, WrongState
from yidang.formats.tests import making

CARD = "11010519491231002X"


@pytest.fixture
def rules(archive: Archive, tmp_path) -> Record:
    """Three pages that the whole hospital sees."""
    path = making.pdf(tmp_path / "a.pdf", [["第一页 管理办法"], ["第二页"], ["第三页"]])
    return archive.file("设备管理办法", {"设备管理办法.pdf": path.read_bytes()}, of="WS·GZ")


@pytest.fixture(autouse=True)
def unhurried(db):
    """Nobody has asked the public page yet."""
    certificate_views.rate.clear()


def issued(archive: Archive, record: Record, by: str = "lin", **changed) -> Certificate:
    said = {
        "came": Came("张三", CARD, "", "13800000000"), "purpose": "justice", "ground": "court",
        "ground_detail": "(2026)京01民初1号", "fee": Decimal("5.00"),
        "pages": {1: "1,3"},
    }  # fmt: skip
    ask = certificates.Ask(**{**said, **changed})
    return certificates.issue_certificate(
        record, ask, address="http://archive.test/verify/?code={code}", actor=archive.cast.actor(by), now=clock.now()
    )


def pdf_of(archive: Archive, certificate: Certificate) -> bytes:
    return certificates.print_certificate(certificate, actor=archive.cast.actor("lin"), now=clock.now())


def redrawn(content: bytes, page: int) -> bytes:
    """The copy with one character written on one page, saved as a forger would, the signed note put back at its end."""
    at = -1
    for _number in range(page):
        at = content.index(b"stream\n\xff\xd8", at + 1)
    end = content.index(b"endstream", at)
    with Image.open(io.BytesIO(content[at + 7 : end])) as opened:
        image = opened.convert("RGB")
    ImageDraw.Draw(image).text((600, 700), "1", fill=(0, 0, 0))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return content[: at + 7] + out.getvalue() + b"\n" + content[end:]


@pytest.mark.gbt39784("8.2-7")
def test_a_copy_holds_a_statement_and_its_pages_and_is_registered_as_a_use(archive, rules):
    certificate = issued(archive, rules)
    content = pdf_of(archive, certificate)
    assert len(pikepdf.open(io.BytesIO(content)).pages) == 3 and certificate.number.endswith("-00001")
    assert hashlib.sha256(content).hexdigest() == certificate.digest and len(certificate.marks) == 3
    assert Use.objects.get().record == rules and certificate.opening.pages == [1, 3]
    assert CARD not in Entry.objects.get(event="access.certificate.issued").body
    assert issued(archive, rules).number.endswith("-00002")


def test_making_it_again_gives_the_same_bytes(archive, rules):
    certificate = issued(archive, rules)
    first = pdf_of(archive, certificate)
    certificates._place(certificate).unlink()
    certificate.refresh_from_db()
    assert pdf_of(archive, certificate) == first and Certificate.objects.get().printed == 2


def test_the_program_that_stands_alone_says_yes_and_finds_one_changed_character(archive, rules, tmp_path):
    content = pdf_of(archive, issued(archive, rules))
    key, copy, program = tmp_path / "key.pem", tmp_path / "copy.pdf", tmp_path / "verify.py"
    stranger = Client()
    key.write_bytes(stranger.get("/verify/archive-key.pem").content)
    program.write_bytes(stranger.get("/verify/verify_certificate.py").content)

    def told(changed: bytes) -> tuple[int, str]:
        copy.write_bytes(changed)
        done = subprocess.run([sys.executable, "-I", "-S", program, copy, key], capture_output=True, text=True)
        return done.returncode, done.stdout

    assert told(content)[0] == 0 and "OK" in told(content)[1]
    assert (
        told(redrawn(content, 2)) == (1, told(redrawn(content, 2))[1]) and "differ: 2" in told(redrawn(content, 2))[1]
    )
    assert told(content[:40] + bytes([content[40] ^ 1]) + content[41:])[0] == 1
    assert told(content + b" ")[0] == 1 and told(content[:-40])[0] == 1
    other = signing.Ed25519PrivateKey.generate()
    key.write_text(signing.SigningKey(other).public_pem)
    assert "not signed with this key" in told(content)[1]


@pytest.mark.parametrize("place", [0.1, 0.3, 0.5, 0.7, 0.9, 0.999])
def test_any_flipped_bit_is_found(archive, rules, place):
    content = pdf_of(archive, issued(archive, rules, pages={1: "1"}))
    at = int(len(content) * place)
    changed = content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]
    assert verify_certificate.check(changed, signing.public_keys())[0] in {"changed", "bad_signature", "no_note"}


def test_a_note_with_other_facts_or_of_another_copy_is_found(archive, rules):
    content = pdf_of(archive, issued(archive, rules, pages={1: "1"}))
    other = pdf_of(archive, issued(archive, rules, pages={1: "2"}))
    keys = signing.public_keys()
    note = verify_certificate.TAIL.search(content)[1]
    edited = b64encode(b64decode(note).replace(b"-00001", b"-00009"))
    assert verify_certificate.check(content.replace(note, edited), keys)[0] == "bad_signature"
    assert (
        verify_certificate.check(content.replace(note, verify_certificate.TAIL.search(other)[1]), keys)[0] == "changed"
    )
    # Something appended after the note, such as an incremental update with other pages.
    assert verify_certificate.check(content + content, keys)[0] == "changed"
    assert verify_certificate.check(b"", keys)[0] == "no_note"


def test_both_ways_of_checking_a_signature_agree():
    key = signing.archive_key()
    signature = key.sign(b"text")
    assert verify_certificate.signature_fits(key.public_raw, b"text", signature)
    assert not verify_certificate.signature_fits(key.public_raw, b"texT", signature)
    assert not verify_certificate.signature_fits(key.public_raw, b"text", bytes([signature[0] ^ 1]) + signature[1:])


def test_strangers_are_shown_date_sheets_and_digest_and_nothing_else(archive, rules):
    certificate = issued(archive, rules)
    stranger, asked = Client(), f"/verify/?code={certificate_sheets.code_in_words(certificate.code).lower()}"
    page = stranger.get(asked).content.decode()
    assert certificate.digest in page and "有效" in page
    for secret in (
        "张三",
        CARD,
        "110***",
        "设备管理办法",
        rules.code,
        "民初",
        "法院",
        "5.00",
        str(certificate.public_id),
    ):
        assert secret not in page
    certificates.void_certificate(certificate, reason="写错姓名", actor=archive.cast.actor("lin"), now=clock.now())
    page = stranger.get(asked).content.decode()
    assert "已作废" in page and "写错姓名" not in page
    with pytest.raises(WrongState):
        pdf_of(archive, Certificate.objects.get())
    assert stranger.get("/verify/?code=0000-0000-0000").status_code == 404
    assert not Entry.objects.filter(event__contains="verify").exists()  # strangers do not fill the log


def test_an_uploaded_copy_is_compared_page_by_page(archive, rules):
    content = pdf_of(archive, issued(archive, rules))

    def told(changed: bytes, code: str = "") -> str:
        answer = Client().post(
            f"/verify/?code={code}", {"copy": SimpleUploadedFile("a.pdf", changed, "application/pdf")}
        )
        return answer.content.decode()

    assert "与出具时完全一致" in told(content)
    assert "不一致的页： 3" in told(redrawn(content, 3))
    assert "没有签名附注" in told(b"%PDF-1.4 something")
    resaved = io.BytesIO()
    pikepdf.open(io.BytesIO(content)).save(resaved)
    assert "没有签名附注" in told(resaved.getvalue())
    assert "各页图像一致" in told(resaved.getvalue(), Certificate.objects.get().code)


def test_codes_cannot_be_tried_out(archive, rules):
    stranger = Client(REMOTE_ADDR="10.9.9.9")
    answers = [stranger.get(f"/verify/?code=0000-0000-{n:04d}").status_code for n in range(32)]
    assert answers[:30] == [404] * 30 and answers[30:] == [429, 429]
    assert Client(REMOTE_ADDR="10.9.9.8").get("/verify/?code=1").status_code == 404


@pytest.mark.parametrize("username", ["zhao", "chen", "wu", "zhou", "xu", "he", "sysadmin", "secadmin", "auditor"])
def test_only_those_who_keep_the_record_certify_print_and_void(archive, rules, username):
    certificate = issued(archive, rules)
    browser, actor = archive.cast.client(username), archive.cast.actor(username)
    with pytest.raises(NotAllowed):
        issued(archive, rules, by=username)
    address = f"/records/{rules.public_id}/documents/1/certify/"
    assert browser.get(address).status_code in {403, 404} and browser.post(address, {}).status_code in {403, 404}
    for path in ("", "print/", "void/"):
        ask = browser.get if not path else browser.post
        assert ask(f"/certificates/{certificate.public_id}/{path}", {"reason": "x"}).status_code == 404
    with pytest.raises(NotFound):
        certificates.void_certificate(certificate, reason="x", actor=actor, now=clock.now())
    with pytest.raises(NotFound):
        certificates.print_certificate(certificate, actor=actor, now=clock.now())
    assert "张三" not in browser.get("/certificates/").content.decode()


def test_what_is_missing_is_refused_before_anything_is_registered(archive, rules):
    for changed in (
        {"came": Came("", CARD)}, {"came": Came("张三", "")}, {"came": Came("张三", "110105194912310021")}, {"ground": "trust"},
        {"purpose": ""}, {"pages": {1: "9"}}, {"pages": {}}, {"fee": Decimal(-1)},
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            issued(archive, rules, **changed)
    assert not Certificate.objects.exists() and not Use.objects.exists()
    browser = archive.cast.client("lin")
    said = {"name": "张三", "id_number": CARD, "purpose": "justice", "ground": "court", "fee": "NaN", "documents": "1"}
    assert browser.post(f"/records/{rules.public_id}/documents/1/certify/", said).status_code == 422
    sent = browser.post(f"/records/{rules.public_id}/documents/1/certify/", {**said, "fee": "3.5"})
    assert sent.status_code == 302
    page = browser.get(sent["Location"]).content.decode()
    assert "3.50" in page and CARD not in page and "110*************2X" in page
    assert Path(certificates._place(Certificate.objects.get())).exists()
    assert browser.post(sent["Location"] + "print/")["Content-Type"] == "application/pdf"


@pytest.fixture
def bundle(archive: Archive, tmp_path) -> Record:
    """A record of three documents, of two, one and three pages."""
    files = {}
    for name, pages in (
        ("正文.pdf", ["正文一", "正文二"]),
        ("附件一.pdf", ["附件一"]),
        ("附件二.pdf", ["甲", "乙", "丙"]),
    ):
        files[name] = making.pdf(tmp_path / name, [[page] for page in pages]).read_bytes()
    return archive.file("采购合同", files, of="WS·GZ")


@pytest.mark.gbt39784("8.2-7")
def test_one_copy_holds_pages_of_several_documents_numbered_through(archive, bundle):
    certificate = Certificate.objects.get(pk=issued(archive, bundle, pages={3: "2-3", 1: ""}).pk)
    content = pdf_of(archive, certificate)
    # A statement, the list of the documents, two pages of the first, two of the third.
    assert len(pikepdf.open(io.BytesIO(content)).pages) == 6 == len(certificate.marks)
    assert [(part.document, part.pages) for part in certificate.parts()] == [(1, [1, 2]), (3, [2, 3])]
    openings = [part.opening for part in certificate.parts()]
    assert [one.document for one in openings] == [1, 3] and len({one.entry for one in openings}) == 1
    assert Certificate.objects.count() == Use.objects.count() == 1 and certificate.fee == Decimal("5.00")
    assert verify_certificate.check(content, signing.public_keys())[0] == ""
    assert verify_certificate.check(redrawn(content, 6), signing.public_keys())[2] == [6]
    certificates._place(certificate).unlink()
    certificate.refresh_from_db()
    assert pdf_of(archive, certificate) == content
    assert list(check_rows()) == []
    certificate.further.update(pages=[1])
    assert [fault.kind for fault in check_rows()] == ["row_edited"]


def test_each_sheet_names_its_document_and_its_number_in_the_whole(archive, bundle, monkeypatch):
    feet = []
    drawn = certificate_pdf.footed
    monkeypatch.setattr(
        certificate_pdf, "footed", lambda page, lines, address: feet.append(lines[1]) or drawn(page, lines, address)
    )
    number = issued(archive, bundle, pages={1: "2", 3: "1"}).number
    assert feet == [
        f"{number} · 第 1 页，共 4 页", f"{number} · 第 2 页，共 4 页", f"{number} · 第 3 页，共 4 页 · 文件 1 第 2 页",
        f"{number} · 第 4 页，共 4 页 · 文件 3 第 1 页",
    ]  # fmt: skip


def test_the_list_of_many_documents_goes_on_over_sheets():
    entries = [[(f"{number} 附件 {'很长的文件名' * 12}.pdf", 34), ("页 1", 28), ("a" * 64, 28)] for number in range(30)]
    pages, tops = certificate_pdf.listed("本件所含文件", entries)
    assert len(tops) == 30 and [page for page, _y in tops] == sorted(page for page, _y in tops)
    assert 1 < len(pages) == tops[-1][0] + 1
    assert all(y + 200 < certificate_pdf.SIZE[1] - 300 for _page, y in tops)


def test_the_form_takes_documents_and_says_where_pages_are_wrong(archive, bundle):
    browser, address = archive.cast.client("lin"), f"/records/{bundle.public_id}/documents/2/certify/"
    page = browser.get(address).content.decode()
    assert 'name="documents" value="2" checked' in page and 'name="documents" value="1">' in page
    said = {
        "name": "张三",
        "id_number": CARD,
        "purpose": "justice",
        "ground": "court",
        "fee": "3",
        "documents": ["1", "3"],
    }
    wrong = browser.post(address, {**said, "pages_3": "9"})
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert 'name="pages_3" value="9"' in page and page.count('aria-invalid="true"') == 1
    assert browser.post(address, {**said, "documents": [], "pages_3": ""}).status_code == 422
    sent = browser.post(address, {**said, "documents": ["1"], "pages_1": "1", "pages_3": "1-2"})
    assert sent.status_code == 302 and [part.pages for part in Certificate.objects.get().parts()] == [[1], [1, 2]]
    shown = browser.get(sent["Location"]).content.decode()
    assert "1 · 1</dd>" in shown and "3 · 1、2</dd>" in shown


def test_with_the_setting_the_note_is_signed_with_sm2_as_well_and_both_are_checked(
    archive, rules, settings, monkeypatch
):
    before = issued(archive, rules, pages={1: "1"})
    plain = pdf_of(archive, before)
    settings.SM2 = True
    certificate = issued(archive, rules, pages={1: "1"})
    content = pdf_of(archive, certificate)
    wrong, note, _pages = verify_certificate.check(
        content, signing.public_keys()
    )  # the program that stands alone says yes
    assert wrong == "" and certificate_pdf.sm2_fits(note)
    assert not certificate_pdf.sm2_fits({**note, "number": note["number"] + "0"})
    assert not certificate_pdf.sm2_fits({**note, "sm2": {**note["sm2"], "signature": "AAAA"}})
    with pytest.raises(signing.KeyMissing):
        certificate_pdf.sm2_fits({**note, "sm2": {**note["sm2"], "public_key": "00" * 64}})

    def told(copy: bytes) -> str:
        return (
            Client().post("/verify/", {"copy": SimpleUploadedFile("a.pdf", copy, "application/pdf")}).content.decode()
        )

    # Without the setting, and made anew, the same bytes come out: with both signatures where it had both.
    settings.SM2 = False
    for kept, bytes_before in ((certificate, content), (before, plain)):
        certificates._place(kept).unlink()
        assert pdf_of(archive, Certificate.objects.get(pk=kept.pk)) == bytes_before
    assert "与出具时完全一致" in told(content) and "与出具时完全一致" in told(plain)
    # Who had the Ed25519 key alone cannot make a copy that is taken for one with both.
    spoilt = {**note, "sm2": {**note["sm2"], "signature": signing.archive_key().sign_text("x")}}
    monkeypatch.setattr(verify_certificate, "check", lambda _content, _keys: ("", spoilt, []))
    assert "不是本馆签名" in told(content) and "与出具时完全一致" not in told(content)
