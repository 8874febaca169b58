"""The bench that asks this program and another one the same: here the other one is a second Yidang."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from bench import peer
from tools.server import Server


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_both_are_filed_into_and_asked_and_both_have_their_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demonstration: Callable[..., Server]
) -> None:
    monkeypatch.setattr(peer, "DOCUMENTS", 3)
    monkeypatch.setattr(peer, "ASKED", 3)
    first, second = (demonstration(tmp_path / name) for name in ("one", "two"))
    first.start()
    second.start()
    try:
        monkeypatch.setenv("BENCH_PEER_URL", second.address)
        monkeypatch.setenv("BENCH_PEER_TOKEN", second.accounts["archivist"].token)
        figures = {figure.name: figure for figure in peer.compare(*peer.sides(first))}
    finally:
        first.stop()
        second.stop()
    asked = ("file", "search", "list", "record", "page")
    for whose in ("ours", f"Yidang at 127.0.0.1:{second.port}"):
        assert all(figures[f"{whose}: {what}, p95"].value > 0 for what in asked)
        assert all("n=3" in figures[f"{whose}: {what}, p95"].note for what in asked)


def test_every_kind_of_peer_says_what_the_bench_asks() -> None:
    for file in peer.PEERS.glob("*.yaml"):
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert {"name", "authorization", "file", "search", "first", "list", "record", "page"} <= told.keys(), file
        for fields in told["file"]["fields"].values():
            fields.format(title="t", number=1, token="x")
