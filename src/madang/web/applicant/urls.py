"""Addresses of these pages."""

from django.urls import URLPattern, path

from madang.web.applicant import enquiries

app_name = "applicant"

urlpatterns: list[URLPattern] = [
    path("calls/<slug:slug>/ask", enquiries.ask, name="ask"),
    path("enquiries", enquiries.mine, name="enquiries"),
    path("enquiries/<str:uid>", enquiries.one, name="enquiry"),
    path("calls/<slug:slug>/briefings/<str:uid>.ics", enquiries.briefing_calendar, name="briefing-calendar"),
    path("calls/<slug:slug>/briefings/<str:uid>", enquiries.briefing, name="briefing"),
    path("calls/<slug:slug>/briefings/<str:uid>/register", enquiries.briefing_register, name="briefing-register"),
    path("calls/<slug:slug>/briefings/<str:uid>/leave", enquiries.briefing_leave, name="briefing-leave"),
]
