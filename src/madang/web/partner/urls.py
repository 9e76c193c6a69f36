"""Addresses of these pages."""

from django.urls import path

from madang.web.partner import papers

app_name = "partner"

urlpatterns = [
    path("papers/<str:token>", papers.page, name="papers"),
    path("papers/<str:token>/handed/<slug:file>", papers.handed, name="handed"),
    path("papers/<str:token>/files/<slug:file>", papers.download, name="file"),
]
