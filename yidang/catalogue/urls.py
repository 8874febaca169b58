"""Addresses of the catalogue."""

from django.urls import path

from yidang.catalogue import copies_views, correction_views, relation_views, retention_views, views

app_name = "catalogue"
urlpatterns = [
    path("catalogue/", views.home, name="home"),
    path("catalogue/classes/<str:code>/", views.record_class, name="class"),
    path("catalogue/classes/<str:code>/print/", views.printed, name="printed"),
    path("catalogue/classes/<str:code>/arrangement/", views.arrangement, name="arrangement"),
    path("catalogue/classes/<str:code>/volumes/", views.volumes, name="volumes"),
    path("catalogue/classes/<str:code>/scheme/", views.scheme, name="scheme"),
    path("catalogue/schedule/", views.schedule, name="schedule"),
    path("catalogue/schedule/approval/", views.approval, name="approval"),
    path("catalogue/records/<uuid:public_id>/description/", views.description, name="description"),
    path("catalogue/records/<uuid:public_id>/retention/", retention_views.retention, name="retention"),
    path(
        "catalogue/records/<uuid:public_id>/retention/holds/<uuid:hold_id>/lift/",
        retention_views.lift,
        name="lift_hold",
    ),
    path("catalogue/records/<uuid:public_id>/relations/", relation_views.relations, name="relations"),
    path(
        "catalogue/records/<uuid:public_id>/relations/<uuid:relation_id>/end/", relation_views.end, name="end_relation"
    ),
    path("catalogue/records/<uuid:public_id>/correct/", correction_views.propose, name="correct"),
    path("catalogue/corrections/<uuid:public_id>/", correction_views.one, name="correction"),
    path("catalogue/corrections/<uuid:public_id>/withdraw/", correction_views.withdraw, name="withdraw_correction"),
    path("catalogue/copies/", copies_views.needed, name="copies"),
    path("catalogue/holds/", retention_views.holds, name="holds"),
]
