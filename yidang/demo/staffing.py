"""Departments, people, passwords and tokens of the demonstration, made through the doors of people."""

import random
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from yidang.common.actor import Actor
from yidang.common.errors import InvalidInput
from yidang.demo.cast import EVERYONE, MAIN, MERGED, PLACES, RENAMED, Person
from yidang.demo.handover import Stage
from yidang.people import passwords
from yidang.people.actions import (
    create_client,
    create_department,
    create_user,
    merge_department,
    rename_department,
)
from yidang.people.actors import actor_of_user
from yidang.people.models import Department, User
from yidang.people.roles import scopes_of

FOUNDER = Actor.system("demo")
_WORDS = "Qingfeng Mingyue Songtao Baihua Chunyu Yunduan Xingkong Bishui Danqing Luoying Guilan Fengye Shanquan Zhuying".split()
TOKEN_DAYS = 365


class Account(NamedTuple):
    """An account whose password and token are printed."""

    username: str
    name: str
    role: str
    password: str
    token: str


@dataclass(frozen=True)
class Staff:
    """Everybody, once they are in the database."""

    users: dict[str, User]
    departments: dict[str, Department]
    accounts: list[Account]

    def actor(self, username: str) -> Actor:
        """The actor of a person, at the demonstration's own address."""
        return actor_of_user(self.users[username], address="127.0.0.1", session="demo")


def password_of(person: Person, rng: random.Random) -> str:
    """A password that the rules accept: two words and a number."""
    while True:
        password = f"{rng.choice(_WORDS)}-{rng.choice(_WORDS).lower()}-{rng.randint(1000, 9999)}"
        try:
            passwords.check_rules(password, username=person.username, display_name=person.name)
        except InvalidInput:
            continue
        return password


def employ(stage: Stage, *, now: datetime) -> Staff:
    """Make departments with their history, then people, then a token for one person of each kind."""
    departments = _departments(now)
    users: dict[str, User] = {}
    accounts = []
    for number, person in enumerate(EVERYONE, 1):
        password = password_of(person, stage.rng("password", person.username))
        users[person.username] = create_user(
            username=person.username, display_name=person.name, password=password, department=departments.get(person.department),
            roles=[person.role], clearance=person.clearance, staff_number=f"RH{1000 + number}", must_change=False, actor=FOUNDER, now=now,
        )  # fmt: skip
        if person in MAIN:
            _client, token = create_client(
                f"{person.username}-demo", owner=users[person.username], scopes=sorted(scopes_of(frozenset({person.role}))), days=TOKEN_DAYS,
                actor=FOUNDER, now=now,
            )  # fmt: skip
            accounts.append(Account(person.username, person.name, person.role, password, token))
    return Staff(users, departments, accounts)


def _departments(now: datetime) -> dict[str, Department]:
    made: dict[str, Department] = {}
    merged, into, merged_on = MERGED
    key, former, _english, renamed_on = RENAMED
    for place in (*PLACES, merged):
        name = former if place.key == key else place.zh
        made[place.key] = create_department(
            place.key, zh=name, en=_english if place.key == key else place.en, parent=made.get(place.parent),
            opened_on=place.opened, actor=FOUNDER, now=now,
        )  # fmt: skip
    present = next(place for place in PLACES if place.key == key)
    rename_department(made[key], zh=present.zh, en=present.en, on=renamed_on, actor=FOUNDER, now=now)
    merge_department(made[merged.key], into=made[into], on=merged_on, actor=FOUNDER, now=now)
    return made
