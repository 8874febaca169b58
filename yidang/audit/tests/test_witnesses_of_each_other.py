"""One archive shows its checkpoints to another: kept, countersigned, and never two histories of one log."""

import urllib.error
import urllib.request
from base64 import b64encode
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.test import Client

from tests.cast import Cast
from yidang import audit
from yidang.audit import checkpoints, cosignatures, notes, witnesses, witnessing
from yidang.audit.models import Cosignature, Entry, Sighting, WitnessedDay, WitnessedLog
from yidang.audit.seen import gather
from yidang.audit.tests.test_proofs_are_checked_strictly import growth_by_the_book, leaf_hash, root_by_the_book
from yidang.common import clock
from yidang.common.actor import Actor
from yidang.common.errors import NotFound
from yidang.common.signing import SigningKey

ADDRESS = "/api/v1/audit/witness"


class Other:
    """Another hospital's log, as the witness sees it."""

    def __init__(self, name: str = "renmin/log") -> None:
        self.key = SigningKey(Ed25519PrivateKey.generate())
        self.verifier = notes.VerifierKey(name, self.key.public_raw)
        self.leaves = [leaf_hash(bytes([number])) for number in range(30)]

    def note(self, size: int) -> str:
        head = notes.Head(self.verifier.name, size, root_by_the_book(self.leaves[:size]))
        return notes.sign(head.text, name=head.origin, key=self.key)

    def body(self, old: int, size: int, *, proof: list[bytes] | None = None, note: str = "") -> bytes:
        proof = growth_by_the_book(old, self.leaves[:size]) if proof is None and 0 < old <= size else proof or []
        lines = [f"old {old}", *(b64encode(part).decode() for part in proof)]
        return ("\n".join(lines) + "\n\n" + (note or self.note(size))).encode()


def post(body: bytes) -> Any:
    return Client().post(ADDRESS, body, content_type="text/plain")


@pytest.fixture
def other(cast: Cast, data) -> Other:
    made = Other()
    witnessing.register_log(str(made.verifier), actor=cast.actor("auditor"), now=clock.now())
    return made


@pytest.mark.promise("C3")
def test_a_log_that_grows_is_countersigned_step_by_step(other: Other) -> None:
    before = Entry.objects.order_by("-seq")[0].seq
    for old, size in ((0, 3), (3, 3), (3, 8), (8, 21)):
        answer = post(other.body(old, size))
        assert answer.status_code == 200, answer.content
        note = notes.parse(other.note(size) + answer.content.decode())
        assert note.cosigned_by(checkpoints.own_key()) is not None and note.signed_by(other.verifier)
    log = WitnessedLog.objects.get()
    assert log.size == 21 and WitnessedDay.objects.get().size == 21
    told = Entry.objects.filter(seq__gt=before).values_list("event", flat=True)
    assert list(told) == ["audit.witness.cosigned"], "a checkpoint a minute must not drown the witness's log"
    told = Client().get(ADDRESS, {"origin": "renmin/log"})
    assert told.status_code == 200 and notes.parse(told.content.decode()).head.size == 21
    assert len(WitnessedDay.objects.get().note) < 500


@pytest.mark.promise("C3")
def test_whatever_does_not_continue_what_was_seen_is_refused_with_its_number(other: Other) -> None:
    assert post(other.body(0, 8)).status_code == 200
    forked = Other()
    forked.key, forked.verifier = other.key, other.verifier
    forked.leaves = [*other.leaves[:5], leaf_hash(b"another"), *other.leaves[6:]]
    cases = {
        "unknown log": (Other("elsewhere/log").body(0, 3), 404),
        "another key": (Other().body(8, 9), 403),
        "a size that was not seen last": (other.body(3, 9), 409),
        "the first one again": (other.body(0, 9), 409),
        "another root for the same size": (forked.body(8, 8), 409),
        "a fork": (forked.body(8, 12), 422),
        "no proof": (other.body(8, 12, proof=[]), 422),
        "a proof of nothing": (other.body(8, 12, proof=[b"x"]), 422),
        "a log that shrank": (other.body(8, 6), 400),
        "no request": (b"old x\n\n" + other.note(9).encode(), 400),
        "a tree without leaves": (b"old 8\n\n" + b"renmin/log\n0\n" + b"A" * 43 + b"=\n\n", 400),
    }
    for name, (body, status) in cases.items():
        answer = post(body)
        assert answer.status_code == status, (name, answer.status_code, answer.content)
        if status == 409:
            assert answer.content == b"8\n" and answer.headers["Content-Type"] == "text/x.tlog.size"
    log = WitnessedLog.objects.get()
    assert log.size == 8 and log.refusals >= 3 and "renmin/log" in log.refused_note
    assert Entry.objects.filter(event="audit.witness.refused", outcome="refused").count() == log.refusals
    assert post(other.body(8, 12)).status_code == 200, "the true log goes on"


def test_only_the_audit_administrator_registers_and_a_changed_key_is_refused(cast: Cast, data) -> None:
    first, second = Other(), Other()
    for username in ("sysadmin", "secadmin", "lin"):
        with pytest.raises(NotFound):
            witnessing.register_log(str(first.verifier), actor=cast.actor(username), now=clock.now())
    browser = cast.client("auditor")
    assert browser.post("/audit/witnessed/", {"key": str(first.verifier)}).status_code == 302
    assert browser.post("/audit/witnessed/", {"key": str(first.verifier)}).status_code == 422
    log = WitnessedLog.objects.get()
    assert browser.post(f"/audit/witnessed/{log.pk}/end/").status_code == 302
    assert post(first.body(0, 3)).status_code == 404
    assert browser.post("/audit/witnessed/", {"key": str(second.verifier)}).status_code == 422
    for nonsense in ("", "x", "a+b+c", str(checkpoints.own_key())):
        assert browser.post("/audit/witnessed/", {"key": nonsense}).status_code in {200, 422}
    assert WitnessedLog.objects.count() == 1


class Wire:
    """The network between two archives: what the one sends is given to the other's witness."""

    def __init__(self) -> None:
        self.own = witnessing.Answer(200, "")
        self.log: WitnessedLog | None = None

    def __call__(self, request: urllib.request.Request, timeout: float) -> Any:
        if request.get_method() == "GET":
            text, status = (self.log.note if self.log else ""), 200 if self.log else 404
        else:
            answer = witnessing.add_checkpoint(request.data, actor=Actor.anonymous("10.9.9.9"), now=clock.now())
            text, status = answer.text, answer.status
            self.log = WitnessedLog.objects.filter(origin=checkpoints.origin()).first()
        if status != 200:
            raise urllib.error.HTTPError(request.full_url, status, "", {}, BytesIO(text.encode()))
        found = BytesIO(text.encode())
        found.status = status
        return found


@pytest.fixture
def wire(cast: Cast, data, settings, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """We are our own witness over a wire: the same code on both of its ends."""
    made = Wire()
    monkeypatch.setattr(urllib.request, "urlopen", made)
    own = checkpoints.own_key()
    WitnessedLog.objects.create(origin=own.name, key=str(own), registered_by="test", registered_at=clock.now())
    settings.WITNESSES = [f"renmin=https://renmin.example/api/v1/audit/witness;{own}"]
    return made


def grow() -> None:
    with transaction.atomic():
        audit.write("test.thing.done", actor=Actor.system("test"))
    checkpoints.take()


def test_our_checkpoints_are_sent_with_their_proof_and_come_back_countersigned(wire: Wire) -> None:
    for _time in range(3):
        grow()
        [told] = witnesses.show_all(clock.now())
        assert told.trouble == "" and told.size == checkpoints.latest().size
        assert notes.parse(told.note).cosigned_by(checkpoints.own_key()) is not None
    assert witnesses.show_all(clock.now()) == [], "nothing new to show"
    [(head, _note)] = witnesses.what_was_seen(witnesses.configured()[0])
    assert head.size == checkpoints.latest().size


def test_every_cosignature_is_kept_listed_and_compared(wire: Wire, cast: Cast) -> None:
    for _time in range(3):
        grow()
        witnesses.show_all(clock.now())
    kept = list(Cosignature.objects.order_by("size"))
    assert len(kept) == 3 and all(notes.parse(one.note).cosigned_by(checkpoints.own_key()) for one in kept)
    seen, changed, _silent = gather(ask=False)
    assert changed == [] and [one.size for one in seen if one.who == "renmin"].count(kept[0].size) == 1
    auditor = cast.client("auditor")
    page = auditor.get("/audit/cosignatures/").content.decode()
    assert "renmin" in page and page.count("/audit/cosignatures/") >= 3
    file = auditor.get(f"/audit/cosignatures/{kept[0].pk}/")
    assert file.content.decode() == kept[0].note and checkpoints.read(file.content.decode()).size == kept[0].size
    other = cast.client("lin", REMOTE_ADDR="10.4.0.7")
    assert other.get("/audit/cosignatures/").status_code == 404
    assert other.get(f"/audit/cosignatures/{kept[0].pk}/").status_code == 404
    # A signed note that somebody edits is named, and the edit is no checkpoint to compare with.
    Cosignature.objects.filter(pk=kept[1].pk).update(note=kept[1].note.replace(f"\n{kept[1].size}\n", "\n1\n"))
    _seen, changed, _silent = gather(ask=False)
    assert [(one.who, one.size) for one in changed] == [("renmin", kept[1].size)]


def test_old_cosignatures_are_thinned_to_the_last_of_each_day(wire: Wire) -> None:
    now, note = clock.now(), "x"
    for day in (60, 59, 10):
        for number in range(3):
            at = (now - timedelta(days=day)).replace(hour=4, minute=number)
            Cosignature.objects.create(witness="renmin", size=10_000 - 100 * day + number, note=note, seen_at=at)
    assert cosignatures.thin(now) == 4 and cosignatures.thin(now) == 0
    assert sorted(Cosignature.objects.values_list("size", flat=True)) == [4002, 4102, 9000, 9001, 9002]


def test_a_witness_that_remembers_more_than_we_do_is_believed(wire: Wire) -> None:
    grow()
    witnesses.show_all(clock.now())
    Sighting.objects.all().delete()  # as a database that was put back would have it
    grow()
    [told] = witnesses.show_all(clock.now())
    assert told.trouble == "" and told.size == checkpoints.latest().size
    WitnessedLog.objects.update(size=told.size + 5)
    grow()
    [told] = witnesses.show_all(clock.now())
    assert told.trouble == f"ahead {WitnessedLog.objects.get().size}" or told.trouble.startswith("disagrees")


def test_a_witness_that_does_not_answer_is_tried_again_in_five_minutes(wire: Wire, monkeypatch) -> None:
    def down(*_args: object, **_more: object) -> None:
        raise urllib.error.URLError("no route")

    grow()
    monkeypatch.setattr(urllib.request, "urlopen", down)
    [told] = witnesses.show_all(clock.now())
    assert told.trouble == "unreachable no route"
    monkeypatch.setattr(urllib.request, "urlopen", wire)
    assert witnesses.show_all(clock.now()) == []
    [told] = witnesses.show_all(clock.now() + witnesses.PAUSE)
    assert told.trouble == ""


@pytest.mark.slow
@pytest.mark.promise("C2", "C3")
def test_over_real_http_a_checkpoint_goes_out_and_its_cosignature_comes_back(
    transactional_db: None, live_server: Any, data, settings
) -> None:
    own = checkpoints.own_key()
    WitnessedLog.objects.create(origin=own.name, key=str(own), registered_by="test", registered_at=clock.now())
    settings.WITNESSES = [f"renmin={live_server.url}{ADDRESS};{own}"]
    for _time in range(2):
        grow()
        [told] = witnesses.show_all(clock.now())
        assert told.trouble == "" and told.size == checkpoints.latest().size
    [(head, _note)] = witnesses.what_was_seen(witnesses.configured()[0])
    assert head.size == told.size
