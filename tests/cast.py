"""The fixed cast: departments and people of 仁和医院, the same in every test; passwords are known to tests alone."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.test import Client

from yidang.common.actor import Actor
from yidang.people import actions
from yidang.people.actors import actor_of_user
from yidang.people.models import Department, User

DEPARTMENTS = {
    "YLD": "院领导",
    "YB": "院长办公室",
    "YW": "医务科",
    "HL": "护理部",
    "CW": "财务科",
    "RS": "人事科",
    "SB": "设备科",
    "KY": "科研科",
    "BA": "病案室",
    "DA": "档案室",
    "XN": "心血管内科",
}
ENGLISH = {
    "YLD": "Hospital leaders",
    "YB": "Director's office",
    "YW": "Medical affairs",
    "HL": "Nursing",
    "CW": "Finance",
    "RS": "Personnel",
    "SB": "Equipment",
    "KY": "Research",
    "BA": "Medical records",
    "DA": "Archive room",
    "XN": "Cardiology",
}
# username: name, department, duty, clearance
PEOPLE = {
    "lin": ("林静", "DA", "archivist", 3),
    "he": ("何敏", "BA", "records_clerk", 2),
    "xu": ("许芳", "YB", "department_clerk", 1),
    "zhao": ("赵磊", "CW", "staff", 1),
    "chen": ("陈思远", "XN", "clinician", 1),
    "wu": ("吴建国", "YW", "approver", 2),
    "zhou": ("周文", "YLD", "leader", 3),
    "sysadmin": ("孙工", "", "system_admin", 0),
    "secadmin": ("钱工", "", "security_admin", 0),
    "auditor": ("郑工", "", "audit_admin", 0),
}
PASSWORD = "Cinnabar-4711!"
FOUNDER = Actor.system("cast")


@dataclass(frozen=True)
class Cast:
    """The people and departments, once they are in the database."""

    people: dict[str, User]
    departments: dict[str, Department]

    def actor(self, username: str) -> Actor:
        """The actor of a person, with the duties held now."""
        return actor_of_user(User.objects.get(username=username), address="10.0.0.7", session="test")

    def client(self, username: str, **kwargs: bool) -> Client:
        """A browser in which the person has signed in."""
        browser = Client(**kwargs)
        answer = browser.post("/sign-in/", {"username": username, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return browser

    def token(self, username: str, *scopes: str, name: str = "") -> str:
        """The token of a new API client that the person owns."""
        _client, token = actions.create_client(
            name or f"test {username}", owner=self.people[username], scopes=scopes, days=1, actor=FOUNDER,
            now=datetime.now(UTC),
        )  # fmt: skip
        return token


def build_cast() -> Cast:
    """Put the cast into the database."""
    now = datetime.now(UTC)
    departments = {
        key: actions.create_department(key, zh=zh, en=ENGLISH[key], actor=FOUNDER, now=now)
        for key, zh in DEPARTMENTS.items()
    }
    people = {
        username: actions.create_user(
            username=username, display_name=name, password=PASSWORD, department=departments.get(department),
            roles=[role], clearance=clearance, must_change=False, actor=FOUNDER, now=now,
        )
        for username, (name, department, role, clearance) in PEOPLE.items()
    }  # fmt: skip
    return Cast(people, departments)


def present_cast() -> Cast:
    """The cast that is in the database."""
    people = {user.username: user for user in User.objects.select_related("department")}
    departments = {department.key: department for department in Department.objects.all()}
    return Cast({name: people[name] for name in PEOPLE}, {key: departments[key] for key in DEPARTMENTS})
