"""Who acts: built once at the edge and passed on, never read from thin air."""

from dataclasses import dataclass, replace

# Three separated administrators (DA/T 92-2022 9.1.3): each holds that duty and no other, and reads no records.
ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, an API client, the program itself, or nobody.

    :param kind: ``person``, ``client``, ``system`` or ``anonymous``
    :param duties: keys of the duties held now (``archivist``, ``leader`` …)
    :param on_behalf_of: username of the person for whom a client or delegate acts, or empty
    :param scopes: what an API client may do at most; ``None`` for a person: everything that the duties allow
    :param session: a short digest that tells sessions apart in the log, not the session's key
    """

    kind: str
    username: str = ""
    display_name: str = ""
    user_id: int | None = None
    department_id: int | None = None
    duties: frozenset[str] = frozenset()
    on_behalf_of: str = ""
    client: str = ""
    address: str = ""
    session: str = ""
    scopes: frozenset[str] | None = None
    language: str = "zh-hans"

    @classmethod
    def system(cls, name: str) -> "Actor":
        """The program itself, named after the part that acts, e.g. ``scrub``."""
        return cls(kind="system", username=f"system:{name}", display_name=name)

    @classmethod
    def anonymous(cls, address: str = "") -> "Actor":
        """Nobody has signed in."""
        return cls(kind="anonymous", address=address)

    @property
    def is_signed_in(self) -> bool:
        """Whether a person or a client stands behind this actor."""
        return self.kind in {"person", "client"}

    def has_duty(self, *keys: str) -> bool:
        """Whether the actor holds at least one of these duties."""
        return not self.duties.isdisjoint(keys)

    @property
    def is_administrator(self) -> bool:
        """Whether this is one of the three administrators, who have no records to read, file or sign for."""
        return not self.duties.isdisjoint(ADMINISTRATORS)

    def may_use(self, scope: str) -> bool:
        """Whether the way in (a browser, a token) allows this scope; the duties are asked separately."""
        return self.scopes is None or scope in self.scopes

    def at(self, address: str) -> "Actor":
        """The same actor seen from another address."""
        return replace(self, address=address)
