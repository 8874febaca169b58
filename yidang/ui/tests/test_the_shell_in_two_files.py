"""Style sheets and scripts arrive as one file each, kept for good under an address that changes with them."""

import gzip
import re

import pytest
from django.template import Context, Template
from django.test import Client

from yidang.ui.assets import SCRIPTS, STYLESHEETS
from yidang.ui.bundles import STATIC, bundle

pytestmark = pytest.mark.usefixtures("shell")


@pytest.mark.parametrize("kind", ["css", "js"])
def test_the_bundle_is_kept_for_good_and_packed(kind: str) -> None:
    address = f"/assets/{bundle(kind).digest}/shell.{kind}"
    response = Client().get(address, headers={"accept-encoding": "gzip"})
    assert gzip.decompress(response.content) == Client().get(address).content == bundle(kind).body
    assert "immutable" in response["Cache-Control"]
    assert Client().get(f"/assets/0000000000000000/shell.{kind}").status_code == 404


def test_every_file_of_the_shell_is_in_its_bundle() -> None:
    early = {"ui/js/theme-start.js"}  # must run before the first paint
    present = {str(path.relative_to(STATIC)) for path in STATIC.glob("ui/*/*") if path.suffix in {".css", ".js"}}
    assert present - early == {name for name in (*STYLESHEETS, *SCRIPTS) if name.startswith("ui/")}


def test_every_rule_stands_in_a_layer_so_that_the_order_of_files_does_not_matter() -> None:
    for name in STYLESHEETS[1:]:
        text = re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(encoding="utf-8"), flags=re.DOTALL).strip()
        assert text.startswith("@layer "), name


def test_nothing_of_the_style_sheets_comes_from_elsewhere() -> None:
    text = bundle("css").body.decode()
    assert "@import" not in text
    assert not re.search(r"url\(", text)


def test_an_asset_carries_a_mark_of_its_content() -> None:
    address = Template("{% load ui %}{% asset 'ui/js/theme-start.js' %}").render(Context())
    assert re.fullmatch(r"/static/ui/js/theme-start\.js\?v=[0-9a-f]{12}", address)
    with pytest.raises(LookupError):
        Template("{% load ui %}{% asset 'ui/js/none.js' %}").render(Context())
