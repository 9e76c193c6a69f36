"""Root addresses: one include per audience. The same addresses serve both languages."""

from django.urls import include, path

urlpatterns = [
    path("", include("madang.web.public.urls")),
    path("", include("madang.web.account.urls")),
    path("", include("madang.web.applicant.urls")),
    path("", include("madang.web.partner.urls")),
    path("office/", include("madang.web.office.urls")),
    path("account/", include("allauth.urls")),
]

handler400 = "madang.web.public.views.bad_request"
handler403 = "madang.web.public.views.forbidden"
handler404 = "madang.web.public.views.not_found"
handler500 = "madang.web.public.views.server_error"
