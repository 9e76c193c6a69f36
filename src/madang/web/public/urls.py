"""Addresses of the public pages."""

from django.urls import path

from madang.web import pdf_frame
from madang.web.public import (
    alerts,
    browser,
    calendar,
    calls,
    core_pages,
    health,
    keys,
    mail_stop,
    papers,
    questions,
    receipts,
    results,
    selftest,
    verify,
    views,
)

app_name = "public"

urlpatterns = [
    path("", views.home, name="home"),
    path("calls", calls.listing, name="calls"),
    path("calls.ics", calendar.listing, name="calendar"),
    path("calls/<slug:slug>", calls.detail, name="call"),
    path("calls/<slug:slug>.ics", calendar.of_call, name="call-calendar"),
    path("calls/<slug:slug>/definition.yaml", calls.definition, name="definition"),
    path("calls/<slug:slug>/statistics", calls.statistics, name="statistics"),
    path("calls/<slug:slug>/statistics.<str:form>", calls.statistics_file, name="statistics-file"),
    path("calls/<slug:slug>/questions", questions.page, name="questions"),
    path("calls/<slug:slug>/questions.json", questions.file, name="questions-file"),
    path("calls/<slug:slug>/self-test", selftest.page, name="self-test"),
    path("results", results.listing, name="results"),
    path("results/<slug:slug>", results.detail, name="result"),
    path("results/<slug:slug>/<int:number>", results.detail, name="result-number"),
    path("results/<slug:slug>/<int:number>/<str:name>", papers.paper, name="result-paper"),
    path("verify", verify.page, name="verify"),
    path("verify/madang-verify.html", browser.offline, name="verify-offline"),
    path("verify/receipt", receipts.page, name="verify-receipt"),
    path("verify/<str:number>", receipts.one, name="receipt"),
    path("core", core_pages.index, name="core"),
    path("core/<slug:name>", core_pages.kind, name="core-kind"),
    path("core/<slug:name>/<str:file>", core_pages.file, name="core-file"),
    path("keys", keys.page, name="keys"),
    path(".well-known/madang-keys.json", keys.published, name="keys-file"),
    path("alerts", alerts.page, name="alerts"),
    path("alerts/<str:uid>", alerts.one, name="alert"),
    path("alerts/end/<str:token>", alerts.end, name="alert-end"),
    path("pdf-frame", pdf_frame.frame, name="pdf-frame"),
    path("mail/stop/<str:token>", mail_stop.page, name="mail-stop"),
    path("clock", views.clock, name="clock"),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("preferences", views.preferences, name="preferences"),
    path("style-guide", views.style_guide, name="style-guide"),
]
