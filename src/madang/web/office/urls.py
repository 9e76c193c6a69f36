"""Addresses of these pages."""

from django.urls import path

from madang.web.office import (
    enquiries_answers,
    enquiries_contacts,
    enquiries_questions,
    enquiries_sessions,
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
]
