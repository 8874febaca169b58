"""Metadata schemes check what is said of a record, whatever comes."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yidang.catalogue import schemes
from yidang.catalogue.models import MetadataScheme
from yidang.catalogue.seed import _read

SCHEMES = {
    key: MetadataScheme(key=key, labels=data["labels"], fields=data["fields"])
    for key, data in _read("schemes.yaml").items()
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=5
)  # fmt: skip


def check(scheme: str, **values: Any) -> tuple[dict[str, Any], dict[str, str]]:
    cleaned, faults = schemes.check_values(SCHEMES[scheme], values)
    assert all(fault["reason"] and fault["remedy"] for fault in faults)
    return cleaned, {fault["field"]: fault["reason"] for fault in faults}


@pytest.mark.gbt39784("11.3-7", "11.3-6")
@pytest.mark.parametrize(
    ("scheme", "values", "wrong"),
    [
        ("medical", {}, {"patient_number", "patient_name"}),
        ("medical", {"patient_number": "x y", "patient_name": "李"}, {"patient_number"}),
        ("medical", {"patient_number": "A1234", "patient_name": "李", "sex": "不详"}, {"sex"}),
        ("medical", {"patient_number": "A1234", "patient_name": "李", "admitted_on": "2026-02-30"}, {"admitted_on"}),
        ("medical", {"patient_number": "A1234", "patient_name": "李", "diagnosis_code": "高血压"}, {"diagnosis_code"}),
        ("medical", {"patient_number": "A1234", "patient_name": "李", "admission": 0}, {"admission"}),
        ("voucher", {"period": "2026-03", "first_number": 9, "last_number": 2}, {"last_number"}),
        ("voucher", {"period": "2026-03", "first_number": "一", "last_number": 2}, {"first_number"}),
        ("equipment", {"amount": float("nan")}, {"amount"}),
        ("equipment", {"amount": True}, {"amount"}),
        ("photo", {"persons": ["王", 5]}, {"persons"}),
        ("photo", {"place": "长" * 300}, {"place"}),
        ("document", {"note": "a\x00b"}, {"note"}),
        ("photo", {"persons": ["a\x07b"]}, {"persons"}),
        ("document", {"colour": "red"}, {"colour"}),
    ],
)
def test_what_does_not_fit_is_named(scheme: str, values: dict[str, Any], wrong: set[str]) -> None:
    _cleaned, faults = check(scheme, **values)
    assert set(faults) == wrong


@pytest.mark.parametrize(
    ("scheme", "values", "cleaned"),
    [
        ("medical", {"patient_number": " A1234 ", "patient_name": "李", "sex": "男"}, {"patient_number": "A1234", "patient_name": "李", "sex": "male"}),
        ("voucher", {"period": "2026-03", "first_number": "1", "last_number": "50", "amount": "1,250.50"}, {"period": "2026-03", "first_number": 1, "last_number": 50, "amount": 1250.5}),
        ("photo", {"persons": "王某；李某、张某"}, {"persons": ["王某", "李某", "张某"]}),
        ("document", {"urgency": "urgent", "note": ""}, {"urgency": "urgent"}),
    ],
)  # fmt: skip
def test_what_fits_is_kept_in_one_form(scheme: str, values: dict[str, Any], cleaned: dict[str, Any]) -> None:
    assert check(scheme, **values) == (cleaned, {})


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SCHEMES)), st.data())
def test_any_value_is_answered_and_never_suffered(name: str, data: st.DataObject) -> None:
    keys = [item["key"] for item in SCHEMES[name].fields]
    values = data.draw(st.dictionaries(st.sampled_from(keys) | st.text(max_size=8), JSON, max_size=4))
    cleaned, _faults = schemes.check_values(SCHEMES[name], values)
    again, none = schemes.check_values(SCHEMES[name], cleaned)
    assert {key: again[key] for key in cleaned} == cleaned
    assert not {fault["field"] for fault in none} & set(cleaned)


@pytest.mark.gbt39784("11.3-1", "11.3-10", "11.3-13")
def test_each_field_says_what_it_is_in_both_languages() -> None:
    for scheme in SCHEMES.values():
        assert {"zh", "en"} <= set(scheme.labels)
        for item in scheme.fields:
            assert item["labels"]["zh"] and item["labels"]["en"]
            assert item["type"] in {"text", "number", "date", "choice", "boolean", "person", "list"}
            assert all(choice["labels"]["zh"] and choice["labels"]["en"] for choice in item.get("choices", []))
