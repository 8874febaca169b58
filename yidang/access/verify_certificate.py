#!/usr/bin/env python3
"""Check a certified copy of a Yidang archive with nothing but Python 3: python3 verify_certificate.py COPY.pdf KEY.pem

The last lines of the PDF hold a note signed with the archive's key (Ed25519): the digest of all bytes before it and of
every page's image. One changed character changes both. Names the pages that differ; ends with 0 only when all is well.
Whether the certificate was declared void later is known to the hospital's page alone. Compare the key's name with one
that you got another way, such as on paper.
"""

import base64
import hashlib
import json
import re
import sys
from pathlib import Path

TAIL = re.compile(rb"%Yidang-Certificate: ([A-Za-z0-9+/=]{100,200000})\nstartxref\n([0-9]{1,12})\n%%EOF\n\Z")
PAGES_MOST = 500

# Ed25519 (RFC 8032), checking only.
P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    one = (a[1] - a[0]) * (b[1] - b[0]) % P
    two = (a[1] + a[0]) * (b[1] + b[0]) % P
    three = 2 * a[3] * b[3] * D % P
    four = 2 * a[2] * b[2] % P
    e, f, g, h = two - one, four - three, four + three, two + one
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    if square == 0:
        return None if sign else 0
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P:
        return None
    return P - x if (x & 1) != sign else x


def decompress(raw):
    if len(raw) != 32:
        return None
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x = recover_x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def equal(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = recover_x(BASE_Y, 0)
BASE = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P)


def signature_fits(public, message, signature):
    if len(signature) != 64:
        return False
    a, r, s = decompress(public), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= Q:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % Q
    return equal(multiply(s, BASE), add(r, multiply(h, a)))


def canonical(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def split(content):
    """The bytes before the note, the note's text and its signature; None where there is no note of the right form."""
    tail = TAIL.search(content)
    if not tail:
        return None
    body = content[: tail.start()]
    own = re.search(rb"startxref\s+([0-9]{1,12})\s+%%EOF\s*\Z", body[-200:])
    if not own or own[1] != tail[2]:
        return None
    try:
        told = json.loads(base64.b64decode(tail[1], validate=True))
        text, signature = told["text"], base64.b64decode(told["signature"], validate=True)
        note = json.loads(text)
        if not isinstance(note, dict) or canonical(note) != text or not isinstance(note.get("pages"), list):
            return None
    except (ValueError, KeyError, TypeError):
        return None
    return body, text, signature, note


def page_marks(content):
    """The digests of the page images, in the order in which they stand in the file."""
    marks, at = [], 0
    while len(marks) < PAGES_MOST:
        at = content.find(b"stream\n\xff\xd8", at)
        if at < 0:
            break
        end = content.find(b"endstream", at + 7)
        if end < 0:
            break
        image = content[at + 7 : end]
        marks.append(hashlib.sha256(image[:-1] if image.endswith(b"\n") else image).hexdigest())
        at = end
    return marks


def differing(wanted, found):
    """The numbers of the pages whose image is not there as it was certified."""
    there = set(found)
    return [number for number, mark in enumerate(wanted, 1) if mark not in there]


def check(content, keys):
    """What is wrong with a certified copy, by name: no_note, bad_signature, changed; the note; the pages that differ."""
    parts = split(content)
    if parts is None:
        return "no_note", None, []
    body, text, signature, note = parts
    if not any(signature_fits(key, text.encode(), signature) for key in keys):
        return "bad_signature", None, []
    pages = differing(note["pages"], page_marks(body))
    if hashlib.sha256(body).hexdigest() != note.get("body") or pages:
        return "changed", note, pages
    return "", note, []


def main(copy, key):
    try:
        public = base64.b64decode("".join(Path(key).read_text(encoding="ascii").strip().splitlines()[1:-1]))[-32:]
        content = Path(copy).read_bytes()
    except (OSError, ValueError) as reason:
        print(f"BAD: the copy or the key cannot be read: {reason}.")
        return 1
    print(f"Key: {hashlib.sha256(public).hexdigest()[:16]}")
    wrong, note, pages = check(content, [public])
    if wrong == "no_note":
        print("BAD: the file ends with no signed note: it is no certified copy, or it was saved anew.")
    elif wrong == "bad_signature":
        print("BAD: the note was not signed with this key.")
    elif wrong:
        where = ", ".join(map(str, pages)) or "outside the page images"
        print(f"BAD: changed since it was certified; pages that differ: {where}.")
    if note:
        print(f"{note['hospital']} {note['number']} {note['code']} {note['issued_at']} {len(note['pages'])} pages")
    if not wrong:
        print("OK: every byte is as certified. Whether it is void now, the hospital's page tells.")
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(2)
    sys.exit(main(sys.argv[1], sys.argv[2]))
