"""No reader of XML opens another file, loads a definition or grows without end (promise G4)."""

import socket
import time

import pytest

from yidang import formats
from yidang.formats import cage
from yidang.formats.tests import making
from yidang.formats.tests.making import codes

pytestmark = [pytest.mark.promise("G4")]

LAUGHS = "<!DOCTYPE r [" + '<!ENTITY a0 "haha">' + "".join(
    f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)
) + "]>"  # fmt: skip


def outside(address: str) -> str:
    return f'<!DOCTYPE r [<!ENTITY x SYSTEM "{address}">]>'


@pytest.fixture
def canary(tmp_path):
    path = tmp_path / "canary.txt"
    path.write_text("CANARY", encoding="utf-8")
    return path


def readers(tmp_path, declaration):
    """One file for each kind that holds XML, with a declaration before its root."""
    plain = tmp_path / "a.xml"
    plain.write_text(f'<?xml version="1.0"?>{declaration}<r>&x;</r>', encoding="utf-8")
    wide = tmp_path / "w.xml"
    wide.write_bytes(f'<?xml version="1.0" encoding="UTF-16"?>{declaration}<r>&x;</r>'.encode("utf-16"))
    cda = tmp_path / "c.xml"
    cda.write_text(
        f'{declaration}<ClinicalDocument xmlns="urn:hl7-org:v3"><t>&x;</t></ClinicalDocument>', encoding="utf-8"
    )
    word = making.docx(tmp_path / "a.docx", "a", more={"word/header1.xml": f"{declaration}<r>&x;</r>"})
    return [plain, wide, cda, word, making.ofd(tmp_path / "a.ofd", "&x;", document_type=declaration)]


def test_entities_that_read_files_are_refused_by_every_reader(tmp_path, canary):
    for path in readers(tmp_path, outside(canary.as_uri())):
        found = formats.inspect(path, path.name)
        assert "xml_entities" in codes(found), path.name
        assert "CANARY" not in found.text_sample


def test_text_and_pages_do_not_follow_them_either(tmp_path, canary):
    for path in readers(tmp_path, outside(canary.as_uri())):
        known = formats.identify(path, path.name)
        if known.kind == "office":
            continue
        try:
            text = "".join(page.text for page in formats.extract_text(path, known))
        except formats.ReadingFailed as failed:
            assert failed.finding.code in ("xml_entities", "broken")
        else:
            assert "CANARY" not in text


def test_nothing_is_fetched(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/a.dtd"
        for path in readers(tmp_path, f'<!DOCTYPE r SYSTEM "{address}">'):
            formats.inspect(path, path.name)
        with pytest.raises(TimeoutError):
            server.accept()


def test_a_billion_laughs_end_within_a_second(tmp_path):
    cage.READ.warm()
    for path in readers(tmp_path, LAUGHS):
        began = time.monotonic()
        assert formats.inspect(path, path.name).failed, path.name
        assert time.monotonic() - began < 2


def test_a_document_type_alone_is_only_a_warning(tmp_path):
    path = tmp_path / "a.xml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE note><note>text</note>', encoding="utf-8")
    found = formats.inspect(path, "a.xml")
    assert codes(found) == {"xml_doctype"}
    assert not found.failed
