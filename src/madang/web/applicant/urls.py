"""Addresses of these pages."""

from django.urls import path, re_path

from madang.web.applicant import (
    drafts,
    enquiries,
    file_view,
    filed,
    filed_papers,
    files,
    filing,
    form_pages,
    late,
    partners,
    people,
    preview,
    saving,
    uploads,
)

app_name = "applicant"

urlpatterns = [
    path("calls/<slug:slug>/ask", enquiries.ask, name="ask"),
    path("enquiries", enquiries.mine, name="enquiries"),
    path("enquiries/<str:uid>", enquiries.one, name="enquiry"),
    path("calls/<slug:slug>/briefings/<str:uid>.ics", enquiries.briefing_calendar, name="briefing-calendar"),
    path("calls/<slug:slug>/briefings/<str:uid>", enquiries.briefing, name="briefing"),
    path("calls/<slug:slug>/briefings/<str:uid>/register", enquiries.briefing_register, name="briefing-register"),
    path("calls/<slug:slug>/briefings/<str:uid>/leave", enquiries.briefing_leave, name="briefing-leave"),
    path("calls/<slug:slug>/apply", drafts.apply, name="apply"),
    path("applications", drafts.listing, name="drafts"),
    path("applications/<slug:uid>", form_pages.first, name="draft"),
    path("applications/<slug:uid>/save", saving.save, name="save"),
    path("applications/<slug:uid>/changes", saving.changes, name="changes"),
    path("applications/<slug:uid>/resolve", form_pages.resolve, name="resolve"),
    path("applications/<slug:uid>/people", people.page, name="people"),
    path("applications/<slug:uid>/partners", partners.page, name="partners"),
    path("applications/<slug:uid>/file", filing.press, name="press"),
    path("applications/<slug:uid>/receipts/<int:revision>", filing.receipt, name="receipt"),
    re_path(
        r"^applications/(?P<uid>[-\w]+)/receipts/(?P<revision>[1-9][0-9]{0,5})/(?P<name>receipt|form)\.json$",
        filing.receipt_file,
        name="receipt-file",
    ),
    path("applications/<slug:uid>/receipts/<int:revision>/receipt.pdf", filed_papers.receipt_pdf, name="receipt-pdf"),
    path(
        "applications/<slug:uid>/receipts/<int:revision>/application.pdf",
        filed_papers.application_pdf,
        name="filed-pdf",
    ),
    path("applications/<slug:uid>/receipts/<int:revision>/changes", filed.changes, name="filed-changes"),
    path("applications/<slug:uid>/revise", filed.revise, name="revise"),
    path("applications/<slug:uid>/keep", filed.keep, name="keep"),
    path("applications/<slug:uid>/withdraw", filed.withdraw, name="withdraw"),
    path("applications/<slug:uid>/resume", filed.resume, name="resume"),
    path("applications/<slug:uid>/late", late.late, name="late"),
    path("applications/<slug:uid>/discard", drafts.discard, name="discard"),
    path("applications/<slug:uid>/restore", drafts.restore, name="restore"),
    path("applications/<slug:uid>/preview.pdf", preview.pdf, name="preview"),
    path("applications/<slug:uid>/uploads", uploads.begin, name="uploads"),
    path("applications/<slug:uid>/uploads/<slug:upload>", uploads.one, name="upload"),
    path("applications/<slug:uid>/files/<slug:file>", files.download, name="file"),
    path("applications/<slug:uid>/files/<slug:file>/view", file_view.view, name="file-view"),
    path("applications/<slug:uid>/<slug:step>", form_pages.step, name="step"),
    path("invitations/drafts/<str:token>", people.invitation, name="invitation"),
]
