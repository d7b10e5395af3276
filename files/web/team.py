"""Pages for who manages a team: hand over the home of somebody who was removed; and what holds bytes of the quota
without being files yet, one's own and the team's.
"""

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
from accounts.queries import member_of
from files.actions.hand_over import hand_over as hand_over_action
from files.actions.uploads import end_reservation
from files.queries.members import person_of_team, subjects_of_team
from files.queries.uploads import list_reservations
from http_kit import forms
from http_kit.page import page


@page
def hand_over(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """GET shows the form, POST does it. Renders files/hand_over.html. Context: section, member, people."""
    member = member_of(actor, user_id)
    if request.method == "POST":
        receiver = person_of_team(member.team_id, request.POST.get("email", ""))
        as_space = request.POST.get("as") == "space"
        handed = hand_over_action(actor, user_id=user_id, to_user_id=receiver, as_space=as_space)
        text = _("The files of %(who)s are in “%(path)s” of %(receiver)s now.")
        values = {"who": member.user.email, "path": handed.path, "receiver": request.POST.get("email", "")}
        messages.success(request, text % values)
        return redirect("accounts:team_member", user_id=user_id)
    people = [person for person in subjects_of_team(member.team_id)["people"] if person.pk != user_id]
    return render(request, "files/hand_over.html", {"section": "settings", "member": member, "people": people})


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
