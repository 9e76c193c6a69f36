"""Addresses of one's own pages. Signing in and everything around it are allauth's (`account/`), except where a page of
ours stands at the same address: these come first.
"""

from django.urls import path

from madang.web.account import demo, security, signup, views

app_name = "account"

urlpatterns = [
    path("me", views.home, name="home"),
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
    # In place of allauth's own:
    path("account/signup/", signup.signup, name="signup"),
    path("account/signup/code/", signup.confirm, name="signup-code"),
    path("account/email/", views.address, name="allauth-email"),
    path("account/2fa/", security.overview, name="allauth-2fa"),
    path("account/2fa/webauthn/", security.overview, name="allauth-passkeys"),
    path("account/sessions/", security.sessions, name="allauth-sessions"),
    path("account/3rdparty/", security.connections, name="allauth-connections"),
    path("account/login/code/", signup.to_the_door, name="allauth-code"),
]
