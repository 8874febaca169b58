"""Departments, people, duties, clients."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from yidang.common.actor import ADMINISTRATORS
from yidang.common.ids import new_public_id
from yidang.people.roles import ROLES


class Department(models.Model):
    """A department of the hospital: one lasting identity, whatever it is called in a given year."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    key = models.CharField(max_length=20, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.key


class DepartmentName(models.Model):
    """What a department was called from a day until a day (the last day included; open at the end for today's name)."""

    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="names")
    zh = models.CharField(max_length=100)
    en = models.CharField(max_length=100, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["department"], condition=Q(valid_until=None), name="people_one_present_name"
            ),
        ]

    def __str__(self) -> str:
        return self.zh


class DepartmentSuccession(models.Model):
    """One department took over another's work and papers on a day: a merger, a split, a replacement."""

    predecessor = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="inheritances")
    on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="people_one_succession"),
            models.CheckConstraint(condition=~Q(predecessor=models.F("successor")), name="people_no_self_succession"),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} → {self.successor_id}"


class UserManager(BaseUserManager["User"]):
    """Finds users by their sign-in name."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user of this sign-in name, whatever its case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A person with an account. There is no superuser: what one may do comes from duties alone."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=60)
    staff_number = models.CharField(max_length=30, blank=True)
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    clearance = models.PositiveSmallIntegerField(default=1)  # the highest level of a record: 0 public … 3 restricted
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=10, default="zh-hans")
    created_at = models.DateTimeField(auto_now_add=True)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    must_change_password = models.BooleanField(default=False)
    # Raised by every change of duties, state or password: sessions that began under another number have ended.
    session_epoch = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]
    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("username"), name="people_one_username_in_any_case"),
            models.CheckConstraint(condition=Q(clearance__lte=3), name="people_clearance_known"),
        ]

    def __str__(self) -> str:
        return self.username


class FormerPassword(models.Model):
    """The hash of a password that was used before, so that it is not chosen again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="former_passwords")
    hash = models.CharField(max_length=128)
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} until {self.replaced_at:%F}"


class SignedIn(models.Model):
    """One session of a person, from signing in to its end; the cookie's key is known here by its digest alone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sessions")
    key_digest = models.CharField(max_length=64, unique=True)
    address = models.CharField(max_length=45, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    epoch = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["user", "ended_at"], name="people_sessions_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} since {self.began_at:%F %T}"


class SignInAttempt(models.Model):
    """One try to sign in, kept for a day: locking counts these by account and by source."""

    username = models.CharField(max_length=60)
    address = models.CharField(max_length=45)
    at = models.DateTimeField()
    succeeded = models.BooleanField()

    class Meta:
        indexes = [
            models.Index(fields=["username", "at"], name="people_attempt_by_name"),
            models.Index(fields=["address", "at"], name="people_attempt_by_source"),
        ]

    def __str__(self) -> str:
        return f"{self.username} {self.at:%F %T}"


class Duty(models.Model):
    """A duty that a person holds, perhaps for some classes or a department only, from a day until a day."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duties")
    role = models.CharField(max_length=20, choices=[(key, key) for key in ROLES])
    class_codes = models.JSONField(default=list, blank=True)  # empty: every class; else these branches
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    granted_by = models.CharField(max_length=150, blank=True)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # At most one administrator's duty per person; that such a person holds nothing else is the action's to check.
            models.UniqueConstraint(
                fields=["user"], condition=Q(role__in=sorted(ADMINISTRATORS)), name="people_one_administration"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class ApiClient(models.Model):
    """A program that calls the API for an owner: never more than the owner may, within its scopes, until it expires."""

    public_id = models.UUIDField(default=new_public_id, unique=True, editable=False)
    name = models.CharField(max_length=60, unique=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="clients")
    token_digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    addresses = models.JSONField(default=list, blank=True)  # networks such as 10.8.0.0/16; empty: from anywhere
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    created_by = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return self.name
