"""The rules of the house find what they are there to find, and only that."""

import pytest

from tools.lint import check_file


def rules(path: str, text: str) -> list[str]:
    return [finding.rule for finding in check_file(path, text)]


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("clock", "from datetime import datetime\nx = datetime.now()\n"),
        ("clock", "from datetime import date\nx = date.today()\n"),
        ("clock", "from django.utils import timezone\nx = timezone.now()\n"),
        ("safe", "from django.utils.safestring import mark_safe\nx = mark_safe('<b>')\n"),
        ("swallowed", "try:\n    x()\nexcept Exception:\n    pass\n"),
        ("swallowed", "try:\n    x()\nexcept:\n    pass\n"),
        ("superuser", "def f(user):\n    return user.is_superuser\n"),
        ("environment", "import os\nx = os.environ.get('YIDANG_X')\n"),
        ("translated-f-string", "x = _(f'{n} records')\n"),
        ("unfinished", "x = 1  # TODO later\n"),
    ],
)
def test_python_that_breaks_a_rule_is_found(rule: str, text: str) -> None:
    assert rules("yidang/catalogue/actions.py", text) == [rule]


def test_python_that_keeps_the_rules_passes() -> None:
    text = "try:\n    x()\nexcept FileNotFoundError:\n    pass  # it was never there\n"
    assert rules("yidang/catalogue/actions.py", text) == []


def test_a_rule_broken_in_the_open_passes() -> None:
    text = "x = mark_safe('<b>')  # lint: allow safe because it is a constant\n"
    assert rules("yidang/ui/parts.py", text) == []


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("inline-style", '<p style="color: red"></p>'),
        ("inline-script", "<script>let x = 1</script>"),
        ("inline-handler", '<button onclick="x()"></button>'),
        ("outside", '<img src="https://elsewhere.example/x.png">'),
        ("safe", "{{ text|safe }}"),
        ("untranslated", "<h1>Your records</h1>"),
        ("untranslated", "<h1>我的档案</h1>"),
        ("untranslated", '<input placeholder="Search here">'),
        ("browser-floor", "<div popover>{{ x }}</div>"),
    ],
)
def test_a_template_that_breaks_a_rule_is_found(rule: str, text: str) -> None:
    assert rules("yidang/desk/templates/desk/page.html", text) == [rule]


def test_a_template_that_keeps_the_rules_passes() -> None:
    text = (
        '{% load i18n %}<h1 class="title">{% translate "Your records" %}</h1>\n'
        '<script src="{% static "ui/js/shell.js" %}" defer></script>\n'
        "{% blocktranslate count n=n %}{{ n }} record{% plural %}{{ n }} records{% endblocktranslate %} · {{ n }} PDF\n"
    )
    assert rules("yidang/desk/templates/desk/page.html", text) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("yidang/ui/static/ui/css/x.css", ".a {\n  & .b { color: red }\n}\n"),
        ("yidang/ui/static/ui/css/x.css", ".a { color: color-mix(in srgb, red, blue) }"),
        ("yidang/ui/static/ui/js/x.js", "const sorted = rows.toSorted();"),
        ("yidang/ui/static/ui/js/x.js", "Object.groupBy(rows, f)"),
    ],
)
def test_what_is_newer_than_the_oldest_browser_is_found(path: str, text: str) -> None:
    assert rules(path, text) == ["browser-floor"]


@pytest.mark.parametrize(
    "text",
    [
        "--index-url https://mirror.example/simple\n",
        '"resolved": "https://registry.example/x.tgz"',
        "registry=http://x\n",
    ],
)
def test_an_address_of_a_registry_is_found(text: str) -> None:
    assert "registry" in rules("requirements/extra.txt", text)
