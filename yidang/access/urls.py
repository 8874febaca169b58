"""Addresses of records and their pages."""

from django.urls import path

from yidang.access import (
    certificate_views,
    emergency_views,
    freeze_views,
    mask_views,
    print_views,
    request_views,
    trace_views,
    use_views,
    views,
)

app_name = "access"
urlpatterns = [
    path("records/<uuid:public_id>/", views.record, name="record"),
    path("records/<uuid:public_id>/hits/", views.hits, name="hits"),
    path("records/<uuid:public_id>/documents/<int:number>/pages/<int:page>/", views.page_image, name="page"),
    path("records/<uuid:public_id>/documents/<int:number>/content/", views.content, name="content"),
    path("records/<uuid:public_id>/documents/<int:number>/print/", print_views.ask, name="print"),
    path("prints/<uuid:public_id>/", print_views.fetch, name="printout"),
    path("emergency/", emergency_views.home, name="emergency"),
    path("emergency/<uuid:public_id>/renew/", emergency_views.renew, name="renew_emergency"),
    path("emergency/<uuid:public_id>/end/", emergency_views.end, name="end_emergency"),
    path("emergency/<uuid:public_id>/review/", emergency_views.review, name="review_emergency"),
    path("uses/", use_views.register, name="uses"),
    path("uses/counter/", use_views.counter, name="counter"),
    path("uses/statistics/", use_views.statistics, name="use_statistics"),
    path("uses/<uuid:public_id>/", use_views.use, name="use"),
    path("records/<uuid:public_id>/documents/<int:number>/certify/", certificate_views.issue, name="certify"),
    path("records/<uuid:public_id>/documents/<int:number>/pages/<int:page>/masks/", mask_views.masks, name="masks"),
    path("certificates/", certificate_views.register, name="certificates"),
    path("certificates/<uuid:public_id>/", certificate_views.certificate, name="certificate"),
    path("certificates/<uuid:public_id>/print/", certificate_views.print_out, name="certificate_print"),
    path("certificates/<uuid:public_id>/void/", certificate_views.void, name="certificate_void"),
    path("freezes/", freeze_views.freezes, name="freezes"),
    path("freezes/<uuid:public_id>/lift/", freeze_views.lift, name="lift_freeze"),
    path("verify/", certificate_views.verify, name="verify"),
    path("verify/archive-key.pem", certificate_views.key, name="archive_key"),
    path("verify/verify_certificate.py", certificate_views.verifier, name="verifier"),
    path("requests/", request_views.mine, name="requests"),
    path("requests/new/", request_views.ask, name="ask_request"),
    path("requests/<uuid:public_id>/", request_views.one, name="request"),
    path("requests/<uuid:public_id>/supplement/", request_views.supplement, name="supplement"),
    path("requests/<uuid:public_id>/withdraw/", request_views.withdraw, name="withdraw_request"),
    path("records/<uuid:public_id>/basket/", request_views.gather, name="basket"),
    path("grants/", request_views.my_grants, name="grants"),
    path("grants/<uuid:public_id>/give-back/", request_views.give_back, name="give_back"),
    path("tracing/", trace_views.trace, name="trace"),
]
