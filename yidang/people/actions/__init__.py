"""Everything that changes people: signing in, accounts, duties, departments, clients."""

from yidang.people.actions.accounts import (
    change_user,
    create_user,
    deactivate_user,
    make_administrators,
    prepare_first_start,
    reactivate_user,
    reset_password,
)
from yidang.people.actions.api_clients import create_client, revoke_client
from yidang.people.actions.departments import create_department, merge_department, move_department, rename_department
from yidang.people.actions.duties import assign_duty, end_duty
from yidang.people.actions.signing_in import change_password, remember_language, sign_in, sign_out

__all__ = [
    "assign_duty",
    "change_password",
    "change_user",
    "create_client",
    "create_department",
    "create_user",
    "deactivate_user",
    "end_duty",
    "make_administrators",
    "merge_department",
    "move_department",
    "prepare_first_start",
    "reactivate_user",
    "remember_language",
    "rename_department",
    "reset_password",
    "revoke_client",
    "sign_in",
    "sign_out",
]
