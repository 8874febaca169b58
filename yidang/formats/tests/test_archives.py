"""Archive bombs, ways out, links and colliding names are found before anything is unpacked (promise G3)."""

import bz2
import gzip
import io
import tarfile
import zipfile

import pytest

from yidang import formats
from yidang.formats.tests import making
from yidang.formats.tests.making import codes
from yidang.formats.types import Limits

pytestmark = [pytest.mark.promise("G3")]


def look(path, limits=None):
    return codes(formats.inspect(path, path.name, limits or Limits()))


def test_an_ordinary_archive_passes(tmp_path):
    assert look(making.zipped(tmp_path / "a.zip", {"a/b.txt": "text", "a/c.txt": "more"})) == set()


def test_a_member_that_unfolds_a_thousandfold_is_found(tmp_path):
    assert "archive_ratio" in look(making.zipped(tmp_path / "a.zip", {"zeros": b"\x00" * (30 << 20)}))


def test_a_bomb_inside_a_word_document_is_found(tmp_path):
    path = making.docx(tmp_path / "a.docx", "文", more={"word/media/image1.bmp": b"\x00" * (30 << 20)})
    assert "archive_ratio" in look(path)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_stream_that_unfolds_a_thousandfold_is_found(tmp_path, pack):
    path = tmp_path / ("a.gz" if pack is gzip.compress else "a.bz2")
    path.write_bytes(pack(b"\x00" * (40 << 20)))
    assert "archive_ratio" in look(path)


def test_too_much_and_too_many_are_found(tmp_path):
    path = making.zipped(tmp_path / "a.zip", {f"{number}": "x" * 50 for number in range(30)})
    assert "archive_members" in look(path, Limits(archive_members=20))
    assert "archive_total" in look(path, Limits(archive_bytes=1000))


def test_archives_in_archives_have_an_end(tmp_path):
    inner = making.zipped(tmp_path / "0.zip", {"a.txt": "a"})
    for depth in range(1, 5):
        inner = making.zipped(tmp_path / f"{depth}.zip", {"inner.zip": inner.read_bytes()})
    assert "archive_depth" in look(inner)
    bomb = making.zipped(tmp_path / "bomb.zip", {"zeros": b"\x00" * (20 << 20)})
    assert "archive_ratio" in look(making.zipped(tmp_path / "outer.zip", {"bomb.zip": bomb.read_bytes()}))


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..\\..\\a.exe", "C:\\a.exe", "a/../../b"])
def test_a_path_that_leaves_its_folder_is_found(tmp_path, name):
    assert "archive_path" in look(making.zipped(tmp_path / "a.zip", {name: "x"}))


def test_names_that_collide_are_found(tmp_path):
    assert "archive_collision" in look(making.zipped(tmp_path / "a.zip", {"Report.TXT": "1", "report.txt": "2"}))
    assert "archive_collision" in look(making.zipped(tmp_path / "b.zip", {"caf\u00e9.txt": "1", "cafe\u0301.txt": "2"}))


def test_links_and_devices_are_found(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "archive_link" in look(path)
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        path = tmp_path / "a.tar"
        with tarfile.open(path, "w") as archive:
            member = tarfile.TarInfo("odd")
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        assert "archive_link" in look(path), kind


def test_members_that_share_bytes_are_found(tmp_path):
    assert "archive_overlap" in look(making.overlapping(tmp_path / "a.zip"))


def test_a_tar_in_a_gzip_is_looked_into(tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../out"), io.BytesIO())
    path = tmp_path / "a.tgz"
    path.write_bytes(out.getvalue())
    assert "archive_path" in look(path)


def test_a_password_is_found(tmp_path):
    path = making.zipped(tmp_path / "a.zip", {"a.txt": "a"})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(data))
    assert "encrypted" in look(path)
