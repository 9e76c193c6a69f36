"""Addresses of these pages."""

from django.urls import path

from madang.web.office import (
    calls,
    definition_steps,
    definitions,
    enquiries_answers,
    enquiries_contacts,
    enquiries_questions,
    enquiries_sessions,
    home,
    organisations,
    people,
)

app_name = "office"

urlpatterns = [
    path("organisations", organisations.listing, name="organisations"),
    path("organisations/duplicates", organisations.duplicates, name="organisation-duplicates"),
    path("organisations/merge", organisations.merge, name="organisation-merge"),
    path("organisations/merges", organisations.merges, name="organisation-merges"),
    path("organisations/merges/<int:pk>/undo", organisations.undo, name="organisation-merge-undo"),
    path("enquiries", enquiries_questions.listing, name="enquiries"),
    path("enquiries/calls/<slug:slug>", enquiries_contacts.call, name="enquiries-call"),
    path("enquiries/calls/<slug:slug>/contact", enquiries_contacts.contact, name="contact"),
    path("enquiries/calls/<slug:slug>/answer", enquiries_answers.answer, name="answer"),
    path("enquiries/calls/<slug:slug>/briefing", enquiries_sessions.briefing_new, name="briefing-new"),
    path("enquiries/briefings/<str:uid>", enquiries_sessions.briefing, name="briefing"),
    path("enquiries/briefings/<str:uid>/change", enquiries_sessions.briefing_change, name="briefing-change"),
    path("enquiries/briefings/<str:uid>/cancel", enquiries_sessions.briefing_cancel, name="briefing-cancel"),
    path("enquiries/<str:uid>", enquiries_questions.one, name="enquiry"),
    path("enquiries/<str:uid>/close", enquiries_questions.close, name="enquiry-close"),
    path("people", people.listing, name="people"),
    path("people/<str:uid>", people.person, name="person"),
    path("people/<str:uid>/end-role", people.end, name="person-end-role"),
    path("people/<str:uid>/close", people.close, name="person-close"),
    path("", home.home, name="home"),
    path("calls", calls.listing, name="calls"),
    path("calls/new", calls.new, name="call-new"),
    path("calls/drafts/<str:uid>", definitions.overview, name="definition"),
    path("calls/drafts/<str:uid>/form", definitions.part, name="definition-form"),
    path("calls/drafts/<str:uid>/form/<path:at>", definitions.part, name="definition-part"),
    path("calls/drafts/<str:uid>/act", definitions.act, name="definition-act"),
    path("calls/drafts/<str:uid>/text", definitions.text, name="definition-text"),
    path("calls/drafts/<str:uid>/preview", definitions.preview, name="definition-preview"),
    path("calls/drafts/<str:uid>/differences", definitions.differences, name="definition-differences"),
    path("calls/drafts/<str:uid>/undo", definitions.undo, name="definition-undo"),
    path("calls/drafts/<str:uid>/trial", definitions.trial, name="definition-trial"),
    path("calls/drafts/<str:uid>/submit", definition_steps.submit, name="definition-submit"),
    path("calls/drafts/<str:uid>/approval", definition_steps.decide, name="definition-approval"),
    path("calls/drafts/<str:uid>/publish", definition_steps.publish, name="definition-publish"),
    path("calls/drafts/<str:uid>/discard", definition_steps.discard, name="definition-discard"),
]
