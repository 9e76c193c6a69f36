"""Form page, autosave, file, press, receipt."""

import hashlib
import json
import os
import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from bench.bare.models import Application, Attachment, Filing

ANSWERS = ["name", "city", "summary", "problem", "field", "people", "since", "contact"]


class ApplicationForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ANSWERS


def _mine(request: HttpRequest, pk: int, *, lock: bool = False) -> Application:
    rows = Application.objects.select_for_update() if lock else Application.objects.all()
    return get_object_or_404(rows, pk=pk, owner=request.user)


@require_safe
@login_required
def form(request: HttpRequest, pk: int) -> HttpResponse:
    application = _mine(request, pk)
    files = Attachment.objects.filter(application=application)
    context = {"form": ApplicationForm(instance=application), "application": application, "files": files}
    return render(request, "form.html", context)


@require_POST
@login_required
def save(request: HttpRequest, pk: int) -> HttpResponse:
    changes: dict[str, Any] = json.loads(request.body)
    with transaction.atomic():
        application = _mine(request, pk, lock=True)
        for name, value in changes.items():
            if name not in ANSWERS:
                return JsonResponse({"faults": [name]}, status=422)
            try:
                setattr(application, name, ApplicationForm.base_fields[name].clean(value))
            except ValidationError as error:
                return JsonResponse({"faults": error.messages}, status=422)
        application.save()
    return JsonResponse({"saved": sorted(changes), "at": application.changed_at.isoformat()})


@require_POST
@login_required
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    given = request.FILES["file"]
    path = settings.DATA / "files" / secrets.token_hex(16)
    with path.open("wb") as kept:
        for piece in given.chunks():
            kept.write(piece)
        kept.flush()
        os.fsync(kept.fileno())
    with transaction.atomic():
        application = _mine(request, pk, lock=True)
        Attachment.objects.create(application=application, name=given.name, path=str(path), size=given.size)
    return JsonResponse({"name": given.name})


@require_POST
@login_required
def press(request: HttpRequest, pk: int) -> HttpResponse:
    with transaction.atomic():
        application = _mine(request, pk, lock=True)
        if application.filed_at is None:
            files = list(Attachment.objects.filter(application=application).values("name", "path", "size"))
            content = json.dumps({**model_to_dict(application, ANSWERS), "files": files}, default=str, sort_keys=True)
            application.filed_at = timezone.now()
            application.save()
            Filing.objects.create(
                application=application,
                number=secrets.token_hex(8),
                content=content,
                sha256=hashlib.sha256(content.encode()).hexdigest(),
                filed_at=application.filed_at,
            )
    return redirect("receipt", pk=pk)


@require_safe
@login_required
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    filing = get_object_or_404(Filing, application=pk, application__owner=request.user)
    return render(request, "receipt.html", {"filing": filing})


@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    """A new session with a draft of its own: how the benchmark gets its applicants."""
    user = get_user_model().objects.create(username=secrets.token_hex(8))
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    application = Application.objects.create(owner=user)
    return HttpResponse(str(application.pk))
