"""Being written."""

from django.http import HttpRequest, HttpResponse


def listing(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def detail(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def definition(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def statistics(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)


def statistics_file(request: HttpRequest, **kwargs: object) -> HttpResponse:
    return HttpResponse(status=501)
