"""Addresses of one's own pages. Signing in and everything around it are allauth's (`account/`)."""

from django.urls import path

from madang.web.account import views

app_name = "account"

urlpatterns = [
    path("me", views.home, name="home"),
]
