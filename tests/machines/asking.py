"""A client beside the tests' own process, which may reach loopback alone: asks once, or goes on asking as a proxy would.

``python asking.py once METHOD URL TOKEN [BODY]`` prints the status and the answer as JSON. ``python asking.py proxy TOKEN URL…``
sends a question and a filing in turn to a machine that says that it is ready, until its standard input closes, and prints what it
counted. It imports nothing of the product.
"""

import http.client
import json
import select
import sys
import time
from typing import Any
from urllib.parse import urlsplit

BOUNDARY = "yidang-test-boundary"


def filing(source_id: str, text: str) -> bytes:
    """The body of one filing: a text of a few lines."""
    described = {
        "source_system": "several-machines", "source_id": source_id, "class": "WS", "title": f"关于{source_id}的通知",
        "document_number": f"仁医发〔2026〕{abs(hash(source_id)) % 9000}号", "creator": "院长办公室", "department": "YB",
        "date": "2026-03-05", "documents": [{"file": "body.txt", "role": "正本"}],
    }  # fmt: skip
    parts = [
        f'Content-Disposition: form-data; name="submission"\r\n\r\n{json.dumps(described, ensure_ascii=False)}',
        f'Content-Disposition: form-data; name="files"; filename="body.txt"\r\nContent-Type: text/plain\r\n\r\n{text}',
    ]
    return "".join(f"--{BOUNDARY}\r\n{part}\r\n" for part in parts).encode() + f"--{BOUNDARY}--\r\n".encode()


def ask(method: str, url: str, token: str, body: bytes = b"", *, patience: float = 60) -> tuple[int, bytes]:
    """One question on a connection of its own."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=patience)
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"} if token else {}
    if body:
        headers["Content-Type"] = f"multipart/form-data; boundary={BOUNDARY}"
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def is_ready(url: str) -> bool:
    """Whether a machine says that it takes questions."""
    try:
        return ask("GET", f"{url}/readyz", "", patience=3)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


def as_proxy(token: str, urls: list[str]) -> dict[str, Any]:
    """Go on asking until standard input closes."""
    counted: dict[str, Any] = {"answered": 0, "filed": [], "refused": [], "nobody_ready": 0, "longest": 0.0}
    number = 0
    while not select.select([sys.stdin], [], [], 0.05)[0]:
        number += 1
        ready = [url for url in urls[number % len(urls) :] + urls[: number % len(urls)] if is_ready(url)]
        if not ready:
            counted["nobody_ready"] += 1
            continue
        name, began = f"rolling-{number}", time.monotonic()
        try:
            if number % 4:
                status, said = ask("GET", f"{ready[0]}/api/v1/search?q=tongzhi", token)
            else:
                status, said = ask("POST", f"{ready[0]}/api/v1/filings", token, filing(name, f"{name} 正文"))
        except (OSError, http.client.HTTPException) as reason:
            counted["refused"].append(f"{ready[0]}: {reason!r}")
            continue
        counted["longest"] = max(counted["longest"], round(time.monotonic() - began, 2))
        if status >= 400:
            counted["refused"].append(f"{ready[0]}: {status} {said[:200]!r}")
        elif status == 201:
            counted["filed"].append(name)
        counted["answered"] += 1
    return counted


def main(words: list[str]) -> None:
    """As the module says."""
    if words[0] == "proxy":
        print(json.dumps(as_proxy(words[1], words[2:])))
        return
    method, url, token = words[1:4]
    try:
        status, said = ask(method, url, token, filing(*words[4:6]) if len(words) > 5 else b"")
    except (OSError, http.client.HTTPException) as reason:
        status, said = 0, repr(reason).encode()
    print(json.dumps([status, said.decode("utf-8", "replace")]))


if __name__ == "__main__":
    main(sys.argv[1:])
