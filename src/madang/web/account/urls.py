"""Addresses of one's own pages. Signing in and everything around it are allauth's (`account/`), except where a page of
ours stands at the same address: these come first.
"""

from django.urls import path

from madang.web.account import demo, organisations, security, signup, views
from madang.web.account import organisations_forms as forms
from madang.web.account import organisations_people as people

app_name = "account"

urlpatterns = [
    path("me", views.home, name="home"),
    path("organisations", organisations.listing, name="organisations"),
    path("organisations/new", forms.found_organisation, name="found-organisation"),
    path("organisations/similar", forms.similar, name="similar-organisations"),
    path("organisations/ask", people.ask, name="ask-to-join"),
    path("organisations/<slug:uid>", organisations.page, name="organisation"),
    path("organisations/<slug:uid>/edit", forms.edit, name="organisation-edit"),
    path("organisations/<slug:uid>/numbers", forms.numbers, name="organisation-numbers"),
    path("organisations/<slug:uid>/numbers/<int:pk>/end", forms.end_number, name="organisation-number-end"),
    path("organisations/<slug:uid>/domains", forms.domains, name="organisation-domains"),
    path("organisations/<slug:uid>/domains/<int:pk>", forms.domain, name="organisation-domain"),
    path("organisations/<slug:uid>/domains/<int:pk>/end", forms.end_domain, name="organisation-domain-end"),
    path("organisations/<slug:uid>/join", people.join_by_domain, name="organisation-join"),
    path("organisations/<slug:uid>/invite", people.invite, name="organisation-invite"),
    path("organisations/<slug:uid>/invitations/<int:pk>/revoke", people.revoke, name="organisation-revoke"),
    path("organisations/<slug:uid>/requests/<int:pk>", people.join_request, name="organisation-request"),
    path("organisations/<slug:uid>/people/<slug:person>", people.colleague, name="organisation-person"),
    path("organisations/<slug:uid>/people/<slug:person>/end", people.end, name="organisation-person-end"),
    path("organisations/<slug:uid>/hand-over", people.hand_over, name="organisation-hand-over"),
    path("invitations/organisations/<slug:token>", people.invitation, name="organisation-invitation"),
    path("me/particulars", views.particulars, name="particulars"),
    path("me/address", views.address, name="address"),
    path("me/address/code", views.address_code, name="address-code"),
    path("me/security", security.overview, name="security"),
    path("me/sessions", security.sessions, name="sessions"),
    path("me/consents", views.consents, name="consents"),
    path("me/leave", views.leave, name="leave"),
    path("texts/<str:kind>", views.text, name="text"),
    path("demo/people", demo.people, name="demo-people"),
    path("demo/mail", demo.mail, name="demo-mail"),
    path("account/signup/", signup.signup, name="signup"),
    path("account/signup/code/", signup.confirm, name="signup-code"),
    path("account/email/", views.address, name="allauth-email"),
    path("account/2fa/", security.overview, name="allauth-2fa"),
    path("account/2fa/webauthn/", security.overview, name="allauth-passkeys"),
    path("account/sessions/", security.sessions, name="allauth-sessions"),
    path("account/3rdparty/", security.connections, name="allauth-connections"),
    path("account/login/code/", signup.to_the_door, name="allauth-code"),
]
