"""The plainest client of the filing API: bodies are made before the clock starts."""

import http.client
import json
import time
from dataclasses import dataclass

from bench.samples import pdf

BOUNDARY = "yidang-bench-boundary"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def submission(number: int, *, record_class: str = "WS", file: str = "body.pdf") -> dict:
    """What an office system says about a finished document."""
    return {
        "source_system": "bench",
        "source_id": f"bench-{number:08d}",
        "class": record_class,
        "title": f"关于开展第{number}次病历质量检查的通知",
        "document_number": f"仁医发〔2026〕{number}号",
        "creator": "院长办公室",
        "department": "YB",
        "date": "2026-03-05",
        "documents": [{"file": file, "role": "正本"}],
    }


def part(name: str, content: bytes, file: str = "", kind: str = "application/json") -> bytes:
    """One part of a multipart body."""
    disposition = f'form-data; name="{name}"' + (f'; filename="{file}"' if file else "")
    head = f"--{BOUNDARY}\r\nContent-Disposition: {disposition}\r\nContent-Type: {kind}\r\n\r\n"
    return head.encode() + content + b"\r\n"


def one(number: int) -> bytes:
    """The body of POST /filings."""
    text = json.dumps(submission(number), ensure_ascii=False).encode()
    return part("submission", text) + part("files", pdf(number), "body.pdf", "application/pdf") + end()


def batch(numbers: range) -> bytes:
    """The body of POST /filings/batch."""
    members = [submission(number, file=f"{number}.pdf") for number in numbers]
    text = json.dumps(members, ensure_ascii=False).encode()
    files = b"".join(part("files", pdf(number), f"{number}.pdf", "application/pdf") for number in numbers)
    return part("submissions", text) + files + end()


def end() -> bytes:
    """What closes a multipart body."""
    return f"--{BOUNDARY}--\r\n".encode()


@dataclass
class Client:
    """One kept-open connection with a token."""

    connection: http.client.HTTPConnection
    token: str

    def post(self, path: str, body: bytes, kind: str = TYPE) -> tuple[float, int, bytes]:
        """Milliseconds, status and body of the answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": kind}
        start = time.perf_counter()
        self.connection.request("POST", f"/api/v1{path}", body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return (time.perf_counter() - start) * 1000, answer.status, content

    def get(self, path: str) -> tuple[float, int, bytes]:
        """The same for reading."""
        start = time.perf_counter()
        self.connection.request("GET", path, headers={"Authorization": f"Bearer {self.token}"})
        answer = self.connection.getresponse()
        content = answer.read()
        return (time.perf_counter() - start) * 1000, answer.status, content
