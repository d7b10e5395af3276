"""The pages of support: what there was and is, asking to act as a person, answering, beginning and ending it.

They are always those of who is signed in, also while that is an administrator who acts as somebody else.
"""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.support import consent_to_support, note_support_seen, request_support, start_support
from accounts.actions.support_endings import end_support
from accounts.actor import Actor
from accounts.errors import AccountError, SupportEnded
from accounts.models import SupportAccess
from accounts.permissions import TEAM_MANAGERS
from accounts.queries import person_to_support, support_accesses_of
from accounts.request_actor import enter_support, leave_support, require_signed_in
from accounts.support import state_of
from accounts.support_acts import consent_of, end_by
from accounts.web.forms import SupportForm
from http_kit.page import is_about_input, page_back_to

PAGE = 50
SUPPORT = "accounts:support"


@require_safe
@page_back_to(SUPPORT, oneself=True)
def support(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders accounts/support.html. Context: about (which list: me, mine or team), page, items (SupportAccess, its
    state, what the actor may do with it), may_ask.
    """
    _leave_what_ended(request)
    may_ask = actor.role in TEAM_MANAGERS or actor.is_staff
    about = request.GET.get("about", "me")
    if about not in ("me", "mine", "team") or (about == "team" and actor.role not in TEAM_MANAGERS):
        about = "me"
    page = Paginator(support_accesses_of(actor, about=about), PAGE).get_page(request.GET.get("page"))
    context = {"about": about, "page": page, "items": [_item(actor, access) for access in page], "may_ask": may_ask}
    return render(request, "accounts/support.html", {**context, "is_manager": actor.role in TEAM_MANAGERS})


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to(SUPPORT, oneself=True)
def ask(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders accounts/support_ask.html. Context: form."""
    form = SupportForm(request.POST or None, initial={"email": request.GET.get("person", "")})
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            user_id = person_to_support(actor, values.pop("email"))
            request_support(actor, user_id=user_id, **values)
        except AccountError as error:
            if not is_about_input(error) and error.code not in ("account_not_found", "not_allowed"):
                raise
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The person was asked. You are told when there is an answer."))
            return redirect(f"{reverse(SUPPORT)}?about=mine")
    return render(request, "accounts/support_ask.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@page_back_to(SUPPORT, oneself=True)
def consent(request: HttpRequest, actor: Actor, access_id: int) -> HttpResponse:
    consent_to_support(actor, access_id=access_id, may_write=request.POST.get("may_write") == "on")
    messages.success(request, _("You have agreed. Everybody concerned is told when it begins, and when it ends."))
    return redirect(_back(request))


@require_POST
@page_back_to(SUPPORT, oneself=True)
def start(request: HttpRequest, actor: Actor, access_id: int) -> HttpResponse:
    access = start_support(actor, access_id=access_id)
    enter_support(request, access.pk)
    return redirect("files:home")


@require_POST
@page_back_to(SUPPORT, oneself=True)
def end(request: HttpRequest, actor: Actor, access_id: int) -> HttpResponse:
    end_support(actor, access_id=access_id)
    leave_support(request, access_id)
    messages.success(request, _("It has ended."))
    return redirect(_back(request))


@require_POST
@page_back_to(SUPPORT, oneself=True)
def seen(request: HttpRequest, actor: Actor, access_id: int) -> HttpResponse:
    note_support_seen(actor, access_id=access_id)
    return redirect(_back(request))


def _item(actor: Actor, access: SupportAccess) -> dict[str, Any]:
    state = state_of(access)
    return {
        "access": access,
        "state": state,
        "may_consent": state == "asked" and consent_of(actor, access) is not None,
        "may_start": state == "consented" and access.by_id == actor.user_id,
        "may_end": state != "over" and end_by(actor, access) is not None,
    }


def _back(request: HttpRequest) -> str:
    """To the list that the form was in."""
    about = request.POST.get("about", "")
    return f"{reverse(SUPPORT)}?about={about}" if about in ("mine", "team") else reverse(SUPPORT)


def _leave_what_ended(request: HttpRequest) -> None:
    try:
        require_signed_in(request)
    except SupportEnded as error:
        leave_support(request)
        messages.warning(request, str(error))
