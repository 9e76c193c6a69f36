"""Addresses."""

from django.urls import path

from bench.bare import views

urlpatterns = [
    path("enter", views.enter),
    path("applications/<int:pk>/form", views.form, name="form"),
    path("applications/<int:pk>/save", views.save),
    path("applications/<int:pk>/attach", views.attach),
    path("applications/<int:pk>/file", views.press),
    path("applications/<int:pk>/receipt", views.receipt, name="receipt"),
]
