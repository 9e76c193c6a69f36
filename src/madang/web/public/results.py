"""Being written."""

from django.http import HttpRequest, HttpResponse


def listing(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def detail(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def paper(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
