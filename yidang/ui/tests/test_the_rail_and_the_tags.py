"""The rail has no dead links; tags write what they promise and escape what they are given."""

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from yidang.common.actor import Actor
from yidang.ui.navigation import Entry, entries, more_of, rail
from yidang.ui.tests.stand_ins import LIN

pytestmark = pytest.mark.usefixtures("shell")


def _render(text: str, **context: object) -> str:
    return Template("{% load ui %}" + text).render(
        Context({"request": RequestFactory().get("/?a=1&cursor=x"), **context})
    )


def test_what_does_not_resolve_or_is_not_for_this_person_is_left_out() -> None:
    labels = [entry.label for entry in entries(LIN, "/search/")]
    assert "不存在" not in labels
    assert "不给看" not in labels
    assert entries(Actor.anonymous(), "/search/") == []


def test_a_provider_of_an_absent_package_is_passed_over(settings) -> None:
    settings.YIDANG_NAVIGATION = ["yidang.nowhere.navigation.items"]
    assert entries(LIN, "/") == []


def test_the_longest_prefix_is_the_current_entry() -> None:
    assert [entry.label for entry in entries(LIN, "/search/saved/") if entry.current] == ["检索"]
    assert [entry.label for entry in entries(LIN, "/elsewhere/") if entry.current] == []


def test_a_long_rail_keeps_the_first_and_the_current_and_a_phone_what_waits() -> None:
    long = [Entry(str(n), "x", f"/{n}/", 3 if n == 9 else 0, n == 14, "rail") for n in range(16)]
    shown = rail(long)
    assert [int(entry.label) for entry in shown if entry.desk] == [*range(12), 14]
    assert [int(entry.label) for entry in shown if entry.phone] == [0, 1, 2, 9]
    assert more_of(shown) == "everywhere"
    assert more_of(rail(long[:7])) == "phone"
    assert more_of(rail(long[:5])) == ""


def test_an_icon_is_drawn_inline_and_an_unknown_one_is_found_at_once() -> None:
    assert _render('{% icon "search" %}').startswith('<svg class="ic" viewBox="0 0 24 24" aria-hidden="true"><path d="')
    assert 'role="img" aria-label="&lt;b&gt;"' in _render('{% icon "search" label=word %}', word="<b>")
    with pytest.raises(LookupError, match=r"tools/assets\.json"):
        _render('{% icon "no-such-icon" %}')


def test_a_state_says_its_word() -> None:
    assert _render('{% state_badge "bad" word %}', word="<i>") == '<span class="st bad">&lt;i&gt;</span>'
    with pytest.raises(ValueError, match="a state is one of"):
        _render('{% state_badge "red" "x" %}')


def test_a_meter_fills_by_shares_without_a_style_attribute() -> None:
    drawn = _render('{% meter "62 件" ok=31 bad=31 total=62 %}')
    assert 'x="50.00%"' in drawn
    assert "style=" not in drawn


def test_the_query_keeps_what_is_not_changed() -> None:
    assert _render("{% query cursor=None page=2 %}") == "?a=1&amp;page=2"


def test_data_in_two_languages_is_read_in_the_readers_own() -> None:
    label = {"zh": "文书", "en": "Administration"}
    with translation.override("en"):
        assert _render("{{ label|bilingual }}", label=label) == "Administration"
    with translation.override("zh-hans"):
        assert _render("{{ label|bilingual }}", label=label) == "文书"
    assert _render("{{ label|bilingual }}", label={"en": "Only"}) == "Only"


def test_sizes_and_numbers_read_well() -> None:
    assert _render(
        "{{ a|file_size }} {{ b|file_size }} {{ c|thousands }} {{ d|dash }}", a=20_000, b=1_400_000, c=1284506, d=""
    ) == ("20 kB 1.4 MB 1,284,506 —")


def test_a_field_joins_its_help_and_its_fault_to_the_control() -> None:
    class Form(forms.Form):
        title = forms.CharField(label="题名", help_text="照抄正文标题")

    form = Form({"title": ""})
    form.is_valid()
    drawn = _render("{% field form.title %}", form=form)
    assert 'aria-describedby="id_title-wrong id_title-help"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert '<label for="id_title">' in drawn
