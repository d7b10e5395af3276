"""The page on which an owner hands the home of somebody who was removed to another member."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.queries import member_of
from files.actions.hand_over import hand_over as hand_over_action
from files.queries.members import person_of_team, subjects_of_team
from http_kit.page import page


@page
def hand_over(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """GET asks to whom, POST does it. Renders files/hand_over.html. Context: section, member, people."""
    member = member_of(actor, user_id)
    if request.method == "POST":
        receiver = person_of_team(member.team_id, request.POST.get("email", ""))
        as_space = request.POST.get("as") == "space"
        handed = hand_over_action(actor, user_id=user_id, to_user_id=receiver, as_space=as_space)
        text = _("The files of %(who)s are in “%(path)s” of %(receiver)s now.")
        told = {"who": member.user.email, "path": handed.path, "receiver": request.POST.get("email", "")}
        messages.success(request, text % told)
        return redirect("accounts:team_member", user_id=user_id)
    people = [person for person in subjects_of_team(member.team_id)["people"] if person.pk != user_id]
    return render(request, "files/hand_over.html", {"section": "settings", "member": member, "people": people})
