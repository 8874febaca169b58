"""Addresses of filing, the inbox and the button's script."""

from django.urls import path

from yidang.intake.views import button, completeness, filing, inbox

app_name = "intake"
urlpatterns = [
    path("filing/", filing.form, name="filing"),
    path("filing/files/", filing.draft_files, name="draft_files"),
    path("filing/drafts/<uuid:public_id>/files/<int:number>/pages/<int:page>/", filing.draft_page, name="draft_page"),
    path("filings/", inbox.mine, name="mine"),
    path("filings/<uuid:public_id>/", inbox.submission, name="submission"),
    path("filings/<uuid:public_id>/receipt/", inbox.receipt, name="receipt"),
    path("filings/<uuid:public_id>/return/", inbox.send_back, name="return"),
    path("filings/<uuid:public_id>/withdrawal/", inbox.withdraw, name="withdrawal"),
    path("filings/<uuid:public_id>/proposal/", inbox.take_back_proposal, name="proposal"),
    path("filings/<uuid:public_id>/files/<int:number>/pages/<int:page>/", inbox.waiting_page, name="waiting_page"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/acceptance/", inbox.accept, name="acceptance"),
    path("inbox/completeness/", completeness.lists, name="lists"),
    path("inbox/completeness/<uuid:public_id>/", completeness.one_list, name="list"),
    path("inbox/completeness/<uuid:public_id>/comparison/", completeness.compare_again, name="list_compare"),
    path("inbox/completeness/<uuid:public_id>/end/", completeness.close_list, name="list_close"),
    path("inbox/completeness/<uuid:public_id>/excuses/", completeness.excuse_item, name="list_excuse"),
    path("filing-button.js", button.script, name="button"),
]
