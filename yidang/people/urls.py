"""Addresses of the door, of accounts, departments and clients."""

from django.urls import path

from yidang.people.views import accounts, clients, departments, door

app_name = "people"
urlpatterns = [
    path("sign-in/", door.sign_in, name="sign_in"),
    path("sign-out/", door.sign_out, name="sign_out"),
    path("password/", door.password, name="password"),
    path("first-start/", door.first_start, name="first_start"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.new, name="new_account"),
    path("accounts/<uuid:public_id>/", accounts.account, name="account"),
    path("accounts/<uuid:public_id>/duties/", accounts.give_duty, name="give_duty"),
    path("accounts/<uuid:public_id>/duties/<int:number>/end/", accounts.end_duty, name="end_duty"),
    path("accounts/<uuid:public_id>/state/", accounts.switch, name="switch_account"),
    path("accounts/<uuid:public_id>/password/", accounts.reset_password, name="reset_password"),
    path("departments/", departments.departments, name="departments"),
    path("departments/<str:key>/", departments.department, name="department"),
    path("departments/<str:key>/name/", departments.rename, name="rename_department"),
    path("departments/<str:key>/merger/", departments.merge, name="merge_department"),
    path("clients/", clients.clients, name="clients"),
    path("clients/<uuid:public_id>/revocation/", clients.revoke, name="revoke_client"),
]
