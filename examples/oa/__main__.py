"""Run the sample office system: ``python examples/oa --archive http://127.0.0.1:8000 --token TOKEN``."""

import argparse
import json
import sys
import urllib.error
import urllib.request
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

sys.path.insert(0, str(Path(__file__).parent))

import pages
import papers
from documents import Document, Office


class Desk(BaseHTTPRequestHandler):
    """One request at the office system's door."""

    office: Office
    archive: str
    token: str

    def do_GET(self) -> None:
        """Pages, papers, and the ticket for the filing button."""
        parts = urlsplit(self.path)
        names = parts.path.strip("/").split("/")
        if parts.path == "/":
            self._html(pages.home(self.office.all()))
        elif parts.path == "/style.css":
            self._send(200, "text/css", pages.STYLE.encode())
        elif parts.path == "/archive-ticket":
            self._ticket(parse_qs(parts.query).get("id", [""])[0])
        elif names[0] == "documents" and (document := self._document(names)) is not None:
            self._show(document, names[2:])
        else:
            self._send(404, "text/plain", b"not here")

    def do_POST(self) -> None:
        """Draft a document, or do its next step."""
        names = urlsplit(self.path).path.strip("/").split("/")
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if names == ["documents"]:
            fields, files = self._multipart(body)
            self._redirect(f"/documents/{self.office.draft(fields['title'], fields['body'], files)}")
        elif len(names) == 3 and names[2] == "advance" and (document := self._document(names)) is not None:
            opinion = parse_qs(body.decode()).get("opinion", [""])[0]
            self.office.advance(document.id, opinion)
            self._redirect(f"/documents/{document.id}")
        else:
            self._send(404, "text/plain", b"not here")

    def _document(self, names: list[str]) -> Document | None:
        return self.office.get(int(names[1])) if len(names) > 1 and names[1].isdigit() else None

    def _show(self, document: Document, rest: list[str]) -> None:
        if not rest:
            self._html(pages.finished(document, self.archive) if document.is_finished else pages.unfinished(document))
        elif rest == ["finished.pdf"]:
            self._send(200, "application/pdf", papers.finished_document(document))
        elif rest == ["slip.pdf"]:
            self._send(200, "application/pdf", papers.routing_slip(document))
        elif len(rest) == 2 and rest[0] == "attachments" and rest[1].isdigit():
            found = self.office.attachment(document.id, int(rest[1]))
            if found is None:
                self._send(404, "text/plain", b"not here")
            else:
                self._send(200, "application/octet-stream", found[1])
        else:
            self._send(404, "text/plain", b"not here")

    def _ticket(self, key: str) -> None:
        """Ask the archive for a ticket; the token itself never reaches the browser."""
        document = self._document(["", key])
        if document is None or not document.is_finished:
            self._send(404, "application/json", b"{}")
            return
        request = urllib.request.Request(
            f"{self.archive}/api/v1/filing-tickets",
            data=json.dumps({"source_system": "oa", "source_id": document.source_id}).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                self._send(200, "application/json", answer.read())
        except urllib.error.HTTPError as error:
            self._send(error.code, "application/json", error.read())
        except OSError:
            self._send(503, "application/json", b"{}")

    def _multipart(self, body: bytes) -> tuple[dict[str, str], dict[str, bytes]]:
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        fields: dict[str, str] = {}
        files: dict[str, bytes] = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts():
            name, filename = part.get_param("name", header="content-disposition"), part.get_filename()
            content = part.get_payload(decode=True)
            if filename:
                files[filename] = content
            elif filename is None and name:
                fields[name] = content.decode()
        return fields, files

    def _html(self, text: str) -> None:
        self._send(200, "text/html; charset=utf-8", text.encode())

    def _redirect(self, place: str) -> None:
        self.send_response(303)
        self.send_header("Location", quote(place))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet: the terminal belongs to whoever tries the button."""


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="A sample office system with the filing button.")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--archive", default="http://127.0.0.1:8000")
    parser.add_argument("--token", required=True, help="an API client's token with the scope «filing»")
    parser.add_argument("--folder", type=Path, default=Path("var/oa"))
    given = parser.parse_args()
    Desk.office, Desk.archive, Desk.token = Office(given.folder), given.archive.rstrip("/"), given.token
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Desk)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
