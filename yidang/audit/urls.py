"""Addresses of the log."""

from django.urls import path

from yidang.audit.views import log, witnesses

app_name = "audit"
urlpatterns = [
    path("audit/", log.log, name="log"),
    path("audit/verification/", log.verification, name="verification"),
    path("audit/verification/progress/", log.progress, name="progress"),
    path("audit/export/", log.export, name="export"),
    path("audit/checkpoints/", witnesses.checkpoint_list, name="checkpoints"),
    path("audit/checkpoints/new/", witnesses.new_checkpoint, name="new_checkpoint"),
    path("audit/checkpoints/<int:size>/", witnesses.sheet, name="sheet"),
    path("audit/cosignatures/", witnesses.cosignature_list, name="cosignatures"),
    path("audit/cosignatures/<int:number>/", witnesses.cosignature, name="cosignature"),
    path("audit/witnessed/", witnesses.registration, name="registration"),
    path("audit/witnessed/<int:number>/end/", witnesses.ending, name="ending"),
    path("audit/<int:seq>/", log.entry, name="entry"),
]
