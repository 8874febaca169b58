"""SM2 signatures (GB/T 32918.2, GM/T 0003.2) over SM3, for archives that must sign with a national algorithm beside Ed25519.

Written out because no library that we may depend on has it: `cryptography` knows SM3 but not the curve, `gmssl` draws its
nonces from `random`, `tongsuopy` is no longer kept up. It signs a few texts a minute on the archive's own machine; it is not
made to hide its timing from a stranger who could measure single signatures there.
"""

import hmac
import secrets
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.hashes import SM3, Hash

# The recommended curve of GB/T 32918.5.
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
IDENTITY = b"1234567812345678"  # the default identity of GM/T 0009
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
Point = tuple[int, int] | None


def sm3(content: bytes) -> bytes:
    """The SM3 digest."""
    digest = Hash(SM3())
    digest.update(content)
    return digest.finalize()


def _add(one: Point, two: Point) -> Point:
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0]:
        if (one[1] + two[1]) % P == 0:
            return None
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def _multiply(scalar: int, point: Point) -> Point:
    result: Point = None
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point, scalar = _add(point, point), scalar >> 1
    return result


def _bytes(number: int) -> bytes:
    return number.to_bytes(32, "big")


@dataclass(frozen=True)
class Sm2Key:
    """A private key; ``public`` is its point as 64 bytes, x and y."""

    private: int

    @classmethod
    def generate(cls) -> "Sm2Key":
        """A new key."""
        return cls(secrets.randbelow(N - 2) + 1)

    @cached_property
    def public(self) -> bytes:
        """The public half, 64 bytes."""
        point = _multiply(self.private, G)
        assert point is not None, "a private key lies below the order of the group"
        return _bytes(point[0]) + _bytes(point[1])

    def sign(self, content: bytes, *, nonce: int | None = None) -> bytes:
        """The signature over bytes as r and s, 64 bytes.

        :param nonce: for known answers alone
        """
        e = _digest(self.public, content)
        while True:
            k = nonce or secrets.randbelow(N - 1) + 1
            point = _multiply(k, G)
            assert point is not None, "a nonce lies below the order of the group"
            r = (e + point[0]) % N
            s = pow(1 + self.private, -1, N) * (k - r * self.private) % N
            if r and s and r + k != N:
                return _bytes(r) + _bytes(s)

    def sign_text(self, text: str) -> str:
        """The signature over a text in UTF-8, in base64."""
        return b64encode(self.sign(text.encode())).decode("ascii")


def _digest(public: bytes, content: bytes) -> int:
    curve = b"".join(map(_bytes, (A, B, *G)))
    z = sm3((len(IDENTITY) * 8).to_bytes(2, "big") + IDENTITY + curve + public)
    return int.from_bytes(sm3(z + content), "big")


def verify(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether a signature over bytes was made with the private half of a public key of 64 bytes."""
    if len(public) != 64 or len(signature) != 64:
        return False
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if x >= P or y >= P or (y * y - x * x * x - A * x - B) % P or not (0 < r < N and 0 < s < N) or (r + s) % N == 0:
        return False
    point = _add(_multiply(s, G), _multiply((r + s) % N, (x, y)))
    if point is None:
        return False
    return hmac.compare_digest(_bytes((_digest(public, content) + point[0]) % N), _bytes(r))


def pem(public: bytes) -> str:
    """A public key as PEM, for openssl and others."""
    body = b64encode(_SPKI + public).decode("ascii")
    lines = [body[first : first + 64] for first in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])


def der(signature: bytes) -> bytes:
    """A signature as openssl writes it: a sequence of two numbers."""
    numbers = b""
    for half in (signature[:32], signature[32:]):
        number = half.lstrip(b"\0") or b"\0"
        number = b"\0" + number if number[0] & 0x80 else number
        numbers += b"\x02" + bytes([len(number)]) + number
    return b"\x30" + bytes([len(numbers)]) + numbers
