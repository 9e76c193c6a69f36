"""Addresses of these pages."""

from django.urls import path

from madang.web.office import calls, definition_steps, definitions, home

app_name = "office"

urlpatterns = [
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
