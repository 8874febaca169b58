"""``yidang vault``: one JSON document, and an exit that tells a script whether all is well."""

import json
import shutil

import pytest
from click.testing import CliRunner

from yidang.vault.commands import vault as group
from yidang.vault.root import Root

Pair = tuple[Root, Root]
pytestmark = pytest.mark.django_db(transaction=True)


def run(*words: str) -> tuple[int, dict]:
    result = CliRunner().invoke(group, [*words, "--json"])
    return result.exit_code, json.loads(result.stdout)


def test_status_of_a_sound_vault_is_well(kept_vault: Pair, filed) -> None:
    filed()
    code, document = run("status")
    assert code == 0 and document["well"]
    assert [(site["key"], site["state"], site["objects"]) for site in document["sites"]] == [
        ("main", "ok", 1),
        ("second", "ok", 1),
    ]


def test_status_sets_new_sites_up(data, settings, db: None) -> None:
    settings.SITES = []
    assert run("status")[0] == 0
    assert (data / "vault/main/0=ocfl_1.1").is_file()


def test_a_missing_site_is_not_well(kept_vault: Pair, filed) -> None:
    filed()
    shutil.rmtree(kept_vault[1].path)
    code, document = run("status")
    assert code == 1 and [site["state"] for site in document["sites"]] == ["ok", "missing"]
    code, document = run("scrub", "--all")
    assert code == 1 and document["not_read"] == ["second"]


def test_damage_makes_a_scrub_end_with_one_and_repair_mends_it(kept_vault: Pair, filed) -> None:
    kept = filed()
    (kept_vault[0].object_folder(kept.object_id) / "v1/content/record.json").unlink()
    code, document = run("scrub", "--all")
    assert code == 1 and document["sites"][0]["kinds"] == {"missing": 1}
    assert run("status")[0] == 1
    code, document = run("repair")
    assert code == 0 and document["repaired"] == [{"site": "main", "object": str(kept.object_id)}]
    assert run("scrub", "--all")[0] == 0 and run("status")[0] == 0


def test_a_lost_site_is_filled_by_name(kept_vault: Pair, filed) -> None:
    filed()
    shutil.rmtree(kept_vault[1].path)
    code, document = run("repair", "--refill", "second")
    assert code == 0 and len(document["repaired"]) == 1
    assert run("status")[0] == 0


def test_an_unknown_site_is_refused_in_a_sentence(kept_vault: Pair) -> None:
    code, document = run("repair", "--refill", "nowhere")
    assert code == 1 and document["code"] == "vault.unknown_site" and "nowhere" in document["detail"]


def test_people_get_lines(kept_vault: Pair, filed) -> None:
    filed()
    result = CliRunner().invoke(group, ["status"])
    assert result.exit_code == 0 and "second" in result.stdout
