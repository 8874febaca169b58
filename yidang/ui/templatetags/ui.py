"""``{% load ui %}``: icons, state badges, meters, form fields and small filters."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from defusedxml import ElementTree
from django import template
from django.contrib.staticfiles import finders
from django.forms import BoundField, CheckboxInput, RadioSelect, Textarea
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from yidang.ui import bundles

register = template.Library()
ICONS = Path(__file__).resolve().parent.parent / "static" / "vendor" / "icons"
SHAPES = {"path", "circle", "rect", "line", "polyline", "polygon", "ellipse"}
STATES = {"ok", "warn", "bad", "hold", "wait", "plain"}


@lru_cache(maxsize=512)
def _shapes(name: str) -> SafeString:
    file = ICONS / f"{name}.svg"
    if not file.is_file():
        raise LookupError(f"There is no icon «{name}»: add its name to tools/assets.json and run «make setup».")
    elements = (element for element in ElementTree.parse(file).getroot() if _local(element.tag) in SHAPES)
    return format_html_join(
        "", "<{} {}></{}>", ((_local(e.tag), _attributes(e.attrib), _local(e.tag)) for e in elements)
    )


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _attributes(attributes: dict[str, str]) -> SafeString:
    return format_html_join(" ", '{}="{}"', attributes.items())


@register.simple_tag
def icon(name: str, size: str = "", label: str = "") -> SafeString:
    """``{% icon "search" %}``; ``size`` is lg or xl; with a ``label`` it speaks, without one it is decoration."""
    classes = f"ic {size}".strip()
    told = format_html('role="img" aria-label="{}"', label) if label else format_html('aria-hidden="{}"', "true")
    return format_html('<svg class="{}" viewBox="0 0 24 24" {}>{}</svg>', classes, told, _shapes(name))


@register.simple_tag
def state_badge(kind: str, word: Any, bare: bool = False) -> SafeString:
    """``{% state_badge "ok" word %}``: ok, warn, bad, hold, wait or plain; the word is always there."""
    if kind not in STATES:
        raise ValueError(f"a state is one of {sorted(STATES)}, not {kind!r}")
    return format_html('<span class="st {}{}">{}</span>', kind, " bare" if bare else "", word)


@register.simple_tag
def meter(label: Any, total: float = 0, size: str = "", **parts: float) -> SafeString:
    """``{% meter label ok=58 bad=4 total=62 %}``; parts: ok warn bad hold data data_2 data_3; ``label`` says it in words."""
    names = {"data_2": "2", "data_3": "3"}
    amounts = {name: max(float(amount or 0), 0.0) for name, amount in parts.items()}
    whole = max(float(total or 0), sum(amounts.values()), 1e-9)
    drawn, at = [], 0.0
    for name, amount in amounts.items():
        if amount:
            width = max(amount / whole * 100, 1.2)
            drawn.append((names.get(name, name), f"{at:.2f}%", f"{width:.2f}%"))
            at += width
    bars = format_html_join("", '<rect class="f-{}" x="{}" y="0" width="{}" height="100%"/>', drawn)
    return format_html('<svg class="meter {}" role="img" aria-label="{}">{}</svg>', size, label, bars)


@register.simple_tag
def track(percent: float, label: Any, kind: str = "data", target: float | None = None) -> SafeString:
    """A bar against a dashed target, for ``.bars``: ``{% track 86.4 label kind="warn" target=90 %}``."""
    line = (
        format_html('<line class="target" x1="{0}%" x2="{0}%" y1="0" y2="100%"/>', target) if target is not None else ""
    )
    return format_html(
        '<svg class="track" role="img" aria-label="{}"><rect class="ground" x="0" y="4" width="100%" height="10" rx="2"/>'
        '<rect class="f-{}" x="0" y="4" width="{}%" height="10" rx="2"/>{}</svg>',
        label, kind, max(min(float(percent), 100), 0), line,
    )  # fmt: skip


@register.simple_tag
def stylesheets() -> SafeString:
    """The link to the shell's style sheets, one file."""
    return format_html('<link rel="stylesheet" href="{}">', _bundle("css"))


@register.simple_tag
def scripts() -> SafeString:
    """The shell's scripts, one file, run after the page is read."""
    return format_html('<script defer src="{}"></script>', _bundle("js"))


def _bundle(kind: str) -> str:
    return reverse("ui:bundle", args=(bundles.bundle(kind).digest, kind))


@register.simple_tag
def asset(name: str) -> str:
    """``{% asset "intake/filing.css" %}``: like ``{% static %}``, with a mark that changes when the file does."""
    found = finders.find(name)
    if not isinstance(found, str):
        raise LookupError(f"There is no static file «{name}».")
    return f"{static(name)}?v={_mark(found, Path(found).stat().st_mtime_ns)}"


@lru_cache(maxsize=256)
def _mark(path: str, _changed: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


@register.simple_tag
def optional_url(name: str, *args: Any, **kwargs: Any) -> str:
    """Like ``{% url %}``, but empty where the address does not exist: ``{% optional_url "x:y" as there %}``."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The present query string with these parameters changed (None removes): ``<a href="{% query cursor=page.next %}">``."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            parameters.pop(name, None)
        else:
            parameters[name] = str(value)
    return "?" + parameters.urlencode()


@register.inclusion_tag("ui/components/field.html")
def field(bound: BoundField, help: str = "", placeholder: str = "", rows: int = 3) -> dict[str, Any]:
    """``{% field form.title %}``: label, control, help and what is wrong, joined for screen readers."""
    widget = bound.field.widget
    attributes: dict[str, Any] = {"class": "" if isinstance(widget, CheckboxInput | RadioSelect) else "ctl"}
    described = [f"{bound.auto_id}-wrong"] if bound.errors else []
    note = help or bound.help_text
    if note:
        described.append(f"{bound.auto_id}-help")
    if bound.errors:
        attributes["aria-invalid"] = "true"
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if placeholder:
        attributes["placeholder"] = placeholder
    if isinstance(widget, Textarea):
        attributes["rows"] = rows
    kind = "check" if isinstance(widget, CheckboxInput) else "radio" if isinstance(widget, RadioSelect) else "plain"
    return {"bound": bound, "control": bound.as_widget(attrs=attributes), "help": note, "kind": kind}


@register.filter
def bilingual(value: Any) -> str:
    """The reader's half of ``{"zh": …, "en": …}`` data; the other half where one is empty."""
    if not isinstance(value, Mapping):
        return "" if value is None else str(value)
    first, second = ("en", "zh") if get_language() == "en" else ("zh", "en")
    return str(value.get(first) or value.get(second) or "")


@register.filter
def moment(value: datetime | date | None, form: str = "minute") -> str:
    """``2026-11-23 09:42`` in the house's zone; ``|moment:"day"`` and ``|moment:"second"`` too; empty for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return local.strftime({"day": "%Y-%m-%d", "second": "%Y-%m-%d %H:%M:%S"}.get(form, "%Y-%m-%d %H:%M"))
    return value.isoformat()


@register.filter
def thousands(value: Any) -> str:
    """``1284506`` as ``1,284,506``."""
    return f"{int(value or 0):,}"


@register.filter
def file_size(value: int | None) -> str:
    """Bytes as people read them: ``20 kB``, ``1.4 MB``."""
    size = float(value or 0)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit in {"B", "kB"} or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


@register.filter
def dash(value: Any) -> Any:
    """A dash where there is nothing to show."""
    return "—" if value is None or value == "" else value
