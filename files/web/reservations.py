"""What holds bytes of the quota without being files yet: one's own, and the team's for those who manage it."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.models import Role
from files.actions.uploads import end_reservation
from files.queries.uploads import list_reservations
from http_kit import forms
from http_kit.page import page


@require_safe
@page
def reservations(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders files/reservations.html.

    Context: uploads (a page of them), of_team, manages.
    """
    of_team = request.GET.get("team") == "1"
    found = Paginator(list_reservations(actor, of_team=of_team), forms.PAGE_SIZE).get_page(request.GET.get("page"))
    manages = actor.role in (Role.OWNER, Role.ADMIN)
    return render(request, "files/reservations.html", {"uploads": found, "of_team": of_team, "manages": manages})


@require_POST
@page
def end(request: HttpRequest, actor: Actor, upload_id: UUID) -> HttpResponse:
    end_reservation(actor, upload_id=upload_id)
    messages.success(request, _("The upload is ended, and its space is free again."))
    of_team = "?team=1" if request.POST.get("team") == "1" else ""
    return redirect(f"{reverse('files:reservations')}{of_team}")
