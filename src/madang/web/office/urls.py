"""Addresses of these pages."""

from django.urls import path

from madang.web.office import organisations

app_name = "office"

urlpatterns = [
    path("organisations", organisations.listing, name="organisations"),
    path("organisations/duplicates", organisations.duplicates, name="organisation-duplicates"),
    path("organisations/merge", organisations.merge, name="organisation-merge"),
    path("organisations/merges", organisations.merges, name="organisation-merges"),
    path("organisations/merges/<int:pk>/undo", organisations.undo, name="organisation-merge-undo"),
]
