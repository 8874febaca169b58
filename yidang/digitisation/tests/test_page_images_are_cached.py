"""Clean page images: drawn once for each width, kept in the cache, drawn again when the cache is gone."""

import io
import shutil
from pathlib import Path
from unittest import mock

import pytest
from PIL import Image

from tests.archive import Archive
from yidang import formats
from yidang.digitisation import page_image
from yidang.digitisation.images import PageNotShown
from yidang.digitisation.tests import making

pytestmark = pytest.mark.django_db


def test_a_page_is_drawn_at_the_asked_width_once(archive: Archive, tmp_path: Path) -> None:
    document = archive.document(archive.file(files={"通知.pdf": making.pdf(tmp_path, "关于档案的通知")}))
    first = page_image(document, 1, 800)
    assert Image.open(io.BytesIO(first.read_bytes())).width == 800
    with mock.patch.object(formats, "render_page", side_effect=AssertionError("drawn twice")):
        assert page_image(document, 1, 800) == first


def test_a_deleted_cache_is_made_anew(archive: Archive, data: Path, tmp_path: Path) -> None:
    document = archive.document(archive.file(files={"通知.pdf": making.pdf(tmp_path, "关于档案的通知")}))
    before = page_image(document, 1, 320).read_bytes()
    shutil.rmtree(data / "cache")
    assert page_image(document, 1, 320).read_bytes() == before


def test_a_page_that_is_not_there_is_refused_with_a_sentence(archive: Archive, tmp_path: Path) -> None:
    document = archive.document(archive.file(files={"通知.pdf": making.pdf(tmp_path, "关于档案的通知")}))
    with pytest.raises(PageNotShown) as refused:
        page_image(document, 9, 800)
    assert str(refused.value)
    assert str(refused.value.remedy)
