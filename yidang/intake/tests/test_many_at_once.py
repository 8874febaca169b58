"""Batches by multipart and tar: one answer each in order, one failure stops no other; and absurd numbers are refused."""

import io
import json
import tarfile
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.archive import Archive, build_archive
from tests.cast import build_cast
from yidang.catalogue.models import Record
from yidang.intake.tests.filing import TEXT, said

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house(data) -> Archive:
    """With real transactions, because a batch files in threads."""
    return build_archive(build_cast())


def members() -> list[dict]:
    """Three that are good, and in the second place one with a date that is none."""
    made = [said(str(number), documents=[{"file": f"{number}.txt"}]) for number in range(4)]
    made[1]["date"] = "2026-02-30"
    return made


def check(answer, archive: Archive) -> None:
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert answer.json()["failed"] == 1
    assert [("receipt" in result, "problem" in result) for result in results] == [
        (True, False), (False, True), (True, False), (True, False)
    ]  # fmt: skip
    assert [result["receipt"]["source_id"] for result in results if "receipt" in result] == ["0", "2", "3"]
    assert results[1]["problem"]["field"] == "date" and results[1]["problem"]["remedy"]
    assert Record.objects.count() == 3


def headers(archive: Archive) -> dict[str, str]:
    return {"Authorization": f"Bearer {archive.cast.token('xu', 'filing', name=uuid4().hex)}"}


@pytest.mark.gbt39784("5.2-1", "5.1-5")
def test_a_multipart_batch_answers_each(house: Archive) -> None:
    files = [SimpleUploadedFile(f"{number}.txt", TEXT + bytes([48 + number])) for number in range(4)]
    data = {"submissions": json.dumps(members()), "files": files}
    sent = headers(house)
    check(Client().post("/api/v1/filings/batch", data, headers=sent), house)
    again = [SimpleUploadedFile(f"{number}.txt", TEXT + bytes([48 + number])) for number in range(4)]
    repeated = Client().post("/api/v1/filings/batch", {**data, "files": again}, headers=sent).json()
    assert [result.get("repeated") for result in repeated["results"]] == [True, None, True, True]


def packed(entries: list[tuple[str, bytes]]) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name, content in entries:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return held.getvalue()


def entries() -> list[tuple[str, bytes]]:
    made = []
    for number, member in enumerate(members()):
        made += [
            (f"m{number}.json", json.dumps(member).encode()),
            (f"m{number}/{number}.txt", TEXT + bytes([48 + number])),
        ]
    return made


@pytest.mark.gbt39784("5.1-5")
def test_a_tar_batch_answers_each(house: Archive) -> None:
    answer = Client().post(
        "/api/v1/filings/batch", packed(entries()), content_type="application/x-tar", headers=headers(house)
    )
    check(answer, house)


def test_a_tar_that_breaks_off_answers_what_came_before(house: Archive) -> None:
    whole = packed(entries())
    cut = whole[: 6 * 1024 + 512 + 50]  # within the description of the fourth
    answer = Client().post("/api/v1/filings/batch", cut, content_type="application/x-tar", headers=headers(house))
    assert answer.status_code == 200, answer.content
    results = answer.json()["results"]
    assert "receipt" in results[0] and results[-1]["problem"]["remedy"]
    assert Record.objects.count() == sum("receipt" in result for result in results) >= 2


@pytest.mark.parametrize("content", [b"", b"not a tar", b"\x1f\x8b broken"])
def test_what_is_no_tar_is_refused_as_a_whole(house: Archive, content: bytes) -> None:
    answer = Client().post("/api/v1/filings/batch", content, content_type="application/x-tar", headers=headers(house))
    assert answer.status_code in {200, 422}
    assert not Record.objects.exists()


def test_links_and_paths_in_a_tar_lead_nowhere(house: Archive, data) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        link = tarfile.TarInfo("m0.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    answer = Client().post(
        "/api/v1/filings/batch", held.getvalue(), content_type="application/x-tar", headers=headers(house)
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_tar_member")
    escaping = [("m0.json", json.dumps(members()[0]).encode()), ("m0/../../../../escaped.txt", TEXT)]
    Client().post("/api/v1/filings/batch", packed(escaping), content_type="application/x-tar", headers=headers(house))
    assert not list(data.parent.rglob("escaped.txt"))


@pytest.mark.promise("H4")
def test_ten_thousand_files_are_refused_before_any_is_written(house: Archive, data) -> None:
    names = [f"{number}.txt" for number in range(10_000)]
    files = [SimpleUploadedFile(name, b"x") for name in names]
    submission = json.dumps(said("many", documents=[{"file": name} for name in names]))
    answer = Client().post("/api/v1/filings", {"submission": submission, "files": files}, headers=headers(house))
    assert answer.status_code in {413, 422}, answer.content[:300]
    assert answer.json()["remedy"]
    assert not list((data / "quarantine").rglob("0001"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_input"),
        ("{", "invalid_json"),
        ("[" * 100_000, "invalid_json"),
        ('{"title": NaN}', "invalid_json"),
        ("null", "malformed_submission"),
        ("[]", "malformed_submission"),
        ("{}", "malformed_submission"),
    ],
)
def test_what_is_not_json_is_refused_with_the_place(house: Archive, text: str, code: str) -> None:
    data = {"submission": text, "files": SimpleUploadedFile("a.txt", TEXT)}
    answer = Client().post("/api/v1/filings", data, headers=headers(house))
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["remedy"] and answer.json()["field"]


@pytest.mark.promise("A3")
def test_without_the_second_site_nothing_is_filed_and_afterwards_everything(house: Archive, data) -> None:
    sites = sorted((data / "vault").iterdir())
    away = data / "away"
    sites[-1].rename(away)

    def send():
        body = {
            "submission": json.dumps(said("site", documents=[{"file": "a.txt"}])),
            "files": SimpleUploadedFile("a.txt", TEXT),
        }
        return Client().post("/api/v1/filings", body, headers=sent)

    sent = headers(house)
    refused = send()
    assert refused.status_code == 503
    assert any("一" <= char <= "鿿" for char in refused.json()["detail"]) and refused.json()["remedy"]
    assert not Record.objects.exists()
    assert not list(sites[0].rglob("*.txt"))
    away.rename(sites[-1])
    assert send().status_code == 201
