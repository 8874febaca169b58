"""Checkpoints and receipts also signed with SM2, by the published example and by openssl's judgement."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import transaction

from yidang import audit
from yidang.audit import checkpoints, exporting, notes, seen, verifying
from yidang.audit.models import Checkpoint, Verification
from yidang.common import clock, signing, sm2
from yidang.common.actor import Actor

HERE = Actor.system("test")
# GM/T 0003.5-2012, annex A: key, public point, nonce, signature over «message digest».
PRIVATE = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
PUBLIC = (
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
NONCE = 0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21
SIGNATURE = (
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)


@pytest.mark.promise("I3")
def test_the_published_example_comes_out_and_what_is_changed_does_not_fit() -> None:
    key = sm2.Sm2Key(PRIVATE)
    assert key.public.hex() == PUBLIC
    signature = key.sign(b"message digest", nonce=NONCE)
    assert signature.hex() == SIGNATURE
    assert sm2.verify(key.public, b"message digest", signature)
    assert not sm2.verify(key.public, b"message digesu", signature)
    assert not sm2.verify(sm2.Sm2Key(PRIVATE + 1).public, b"message digest", signature)
    for place in range(0, 64, 7):
        wrong = bytearray(signature)
        wrong[place] ^= 1
        assert not sm2.verify(key.public, b"message digest", bytes(wrong))
    zero, order = bytes(32), sm2.N.to_bytes(32, "big")
    for r, s in ((zero, signature[32:]), (signature[:32], zero), (order, signature[32:]), (signature[:32], order)):
        assert not sm2.verify(key.public, b"message digest", r + s)
    assert not sm2.verify(bytes(64), b"message digest", signature), "a point off the curve"


@pytest.mark.promise("I3")
def test_openssl_accepts_what_was_signed_and_nothing_else(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    key = sm2.Sm2Key.generate()
    for name, content in {
        "key.pem": sm2.pem(key.public).encode(), "text": b"root", "other": b"boot", "signature": sm2.der(key.sign(b"root")),
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(content)

    def judged(text: str) -> int:
        return subprocess.run(
            [openssl, "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", text, "-sigfile", "signature",
             "-digest", "sm3", "-pkeyopt", "distid:1234567812345678"], cwd=tmp_path, capture_output=True,
        ).returncode  # fmt: skip

    assert judged("text") == 0 and judged("other") != 0


@pytest.mark.django_db
@pytest.mark.promise("I3", "C7")
def test_a_checkpoint_carries_both_lines_and_the_exported_log_verifies_alone(data, settings, tmp_path: Path) -> None:
    settings.SM2 = True
    for number in range(3):
        with transaction.atomic():
            audit.write("test.thing.done", actor=HERE, facts={"number": number})
    taken = checkpoints.take()
    note = notes.parse(taken.note)
    key = signing.sm2_key()
    assert key is not None and len(note.signatures) == 2
    assert note.signed_by(checkpoints.own_key())
    assert note.sm2_signed_by(notes.VerifierKey(checkpoints.origin(), key.public)) is True
    assert seen.gather()[1] == []
    # Another archive that knows nothing of SM2 reads past the line, and so does the verifier of an export.
    exporting.export_log(tmp_path / "log", actor=HERE)
    assert (tmp_path / "log" / "public_key_sm2.pem").read_text().startswith("-----BEGIN PUBLIC KEY-----")
    verifier = [sys.executable, "-I", "-S", str(tmp_path / "log" / "verify_audit.py")]
    assert subprocess.run(verifier, capture_output=True).returncode == 0


@pytest.mark.django_db
def test_an_sm2_line_that_does_not_fit_is_told(data, settings) -> None:
    settings.SM2 = True
    with transaction.atomic():
        audit.write("test.thing.done", actor=HERE)
    taken = checkpoints.take()
    lines = taken.note.rstrip("\n").split("\n")
    spoilt = re.sub(r"....$", "AAA=" if lines[-1].endswith("=") else "AAAA", lines[-1])
    assert spoilt != lines[-1]
    forged = "\n".join([*lines[:-1], spoilt]) + "\n"
    Checkpoint.objects.filter(pk=taken.pk).update(note=forged)
    [told] = seen.gather()[1]
    assert told.code == "edited"
    with pytest.raises(checkpoints.CheckpointRefused):
        seen.gather({"paper": forged})
    auditor = Actor("person", "auditor", duties=frozenset({"audit_admin"}))
    with pytest.raises(checkpoints.CheckpointRefused):
        verifying.ask_verification(kept=forged, actor=auditor, now=clock.now())
    assert not Verification.objects.exists(), "a verification that cannot be made would stay open for ever"


@pytest.mark.django_db
def test_without_the_setting_nothing_is_made(data) -> None:
    with transaction.atomic():
        audit.write("test.thing.done", actor=HERE)
    assert len(notes.parse(checkpoints.take().note).signatures) == 1
    assert not (Path(data) / "keys" / "archive.sm2").exists()
