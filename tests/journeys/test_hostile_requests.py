"""Requests nobody thought of, texts nobody types: no server error, and every text comes back as it went in."""

import codecs
import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from bench.client import Client, end, part
from bench.samples import pdf
from tools.server import Server

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMATHESIS = Path(sys.executable).parent / "st"
PROBLEM = ("code", "title", "detail")


def naughty() -> list[str]:
    """The corpus, unescaped."""
    lines = (ROOT / "tests/corpora/naughty_strings.txt").read_text(encoding="utf-8").splitlines()
    texts = [codecs.decode(line.encode("latin-1", "backslashreplace"), "unicode_escape") for line in lines[1:]]
    return [text.encode("utf-16", "surrogatepass").decode("utf-16") for text in texts]


def as_kept(text: str) -> str:
    """What is kept of a text: all of it but control characters, which neither forms nor XML can hold; \\n and \\t stay."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) != "Cc")


def client(hospital: Server, role: str = "archivist") -> Client:
    return Client(hospital.connect(), hospital.accounts[role].token)


def file(hospital: Server, submission: dict, content: bytes) -> tuple[int, dict]:
    text = json.dumps(submission, ensure_ascii=False).encode()
    body = part("submission", text) + part("files", content, "body.pdf", "application/pdf") + end()
    _, status, answer = client(hospital).post("/filings", body)
    return status, json.loads(answer)


@pytest.mark.slow
@pytest.mark.promise("H5")
@pytest.mark.parametrize("number", range(len(naughty())))
def test_a_text_comes_back_as_it_went_in_or_is_refused_with_a_reason(hospital: Server, number: int) -> None:
    text = naughty()[number]
    submission = {
        "source_system": "naughty",
        "source_id": str(number),
        "class": "WS",
        "title": f"文字往返 {text} 文字往返",
        "date": "2026-03-05",
        "department": "YB",
        "keywords": [text],
        "documents": [{"file": "body.pdf", "role": "正本"}],
    }
    status, answer = file(hospital, submission, pdf(700_000 + number))
    if status != 201:
        assert status == 422, answer
        assert all(answer[key] for key in PROBLEM), answer
        return
    _, status, content = client(hospital).get(f"/api/v1/records/{answer['record']}")
    assert status == 200
    assert json.loads(content)["title"] == as_kept(submission["title"])


@pytest.mark.slow
@pytest.mark.promise("H4")
@pytest.mark.parametrize("role", ["archivist", "staff", "audit_admin"])
def test_no_generated_request_brings_a_server_error(hospital: Server, role: str) -> None:
    # Each field at its bounds is asked as the one who reaches the most; of others' requests most end at the permission.
    phases = "coverage,fuzzing" if role == "archivist" else "fuzzing"
    command = [
        str(SCHEMATHESIS), "run", f"{hospital.address}/api/v1/openapi.json",
        "--header", f"Authorization: Bearer {hospital.accounts[role].token}",
        "--checks", "not_a_server_error", "--phases", phases, "--max-examples", "8",
        "--request-timeout", "30", "--generation-database", "none", "--no-color", "--warnings", "off",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.promise("H7")
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/records/nothing", {404, 422}),
        ("/api/v1/records/00000000-0000-4000-8000-000000000000", {404}),
        ("/api/v1/records?cursor=%00%ff", {422}),
        ("/api/v1/search?q=%27%22%5C&limit=-1", {422}),
        ("/api/v1/filings?source_system=%00&source_id=x", {404, 422}),
        ("/api/v1/nothing", {404}),
    ],
)
def test_an_error_is_a_problem_document_that_tells_nothing_of_the_inside(
    hospital: Server, path: str, status: set[int]
) -> None:
    _, answered, content = client(hospital).get(path)
    assert answered in status, content[:400]
    text = content.decode()
    for word in ("Traceback", "yidang/", "django", "SELECT ", "sqlite", str(hospital.folder)):
        assert word not in text, text
