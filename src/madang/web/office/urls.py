"""Addresses of these pages."""

from django.urls import URLPattern, path

from madang.web.office import people

app_name = "office"

urlpatterns: list[URLPattern] = [
    path("people", people.listing, name="people"),
    path("people/<str:uid>", people.person, name="person"),
    path("people/<str:uid>/end-role", people.end, name="person-end-role"),
    path("people/<str:uid>/close", people.close, name="person-close"),
]
