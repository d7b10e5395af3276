"""The pages of a team's groups."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actions import groups as acts
from accounts.actor import Actor
from accounts.errors import AccountError
from accounts.queries import group_of, groups_of, member_with, people_in
from accounts.web.forms import GroupMemberForm, GroupNameForm
from http_kit.page import is_about_input, page_back_to

PAGE = 50
GROUPS, GROUP = "accounts:team_groups", "accounts:team_group"


@page_back_to(GROUPS)
def groups(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Renders accounts/team/groups.html. Context: groups (a page of them), form (of a new one)."""
    form = GroupNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = acts.create_group(actor, name=form.cleaned_data["name"])
        except AccountError as error:
            if not is_about_input(error):
                raise
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The group “%(name)s” was made.") % {"name": made.name})
            return redirect(GROUP, group_id=made.pk)
    page = Paginator(groups_of(actor), PAGE).get_page(request.GET.get("page"))
    return render(
        request, "accounts/team/groups.html", {"groups": page, "form": form}, status=422 if form.errors else 200
    )


@require_safe
@page_back_to(GROUPS)
def group(request: HttpRequest, actor: Actor, group_id: int) -> HttpResponse:
    """Renders accounts/team/group.html. Context: group, people (a page of them), form (another one), name_form."""
    found = group_of(actor, group_id)
    page = Paginator(people_in(actor, group_id), PAGE).get_page(request.GET.get("page"))
    context = {
        "group": found,
        "people": page,
        "form": GroupMemberForm(),
        "name_form": GroupNameForm(initial={"name": found.name}),
    }
    return render(request, "accounts/team/group.html", context)


@require_POST
@page_back_to(GROUP, "group_id")
def rename(request: HttpRequest, actor: Actor, group_id: int) -> HttpResponse:
    acts.rename_group(actor, group_id=group_id, name=request.POST.get("name", ""))
    messages.success(request, _("The group has another name."))
    return redirect(GROUP, group_id=group_id)


@page_back_to(GROUP, "group_id")
def delete(request: HttpRequest, actor: Actor, group_id: int) -> HttpResponse:
    """GET asks, POST does it."""
    found = group_of(actor, group_id)
    if request.method == "POST":
        acts.delete_group(actor, group_id=group_id)
        messages.success(request, _("The group “%(name)s” was deleted.") % {"name": found.name})
        return redirect(GROUPS)
    return render(request, "accounts/team/delete_group.html", {"group": found})


@require_POST
@page_back_to(GROUP, "group_id")
def add(request: HttpRequest, actor: Actor, group_id: int) -> HttpResponse:
    """By the address: a list of all people of a large team would be long."""
    found = group_of(actor, group_id)
    member = member_with(actor, request.POST.get("email", ""))
    if member is None:
        messages.error(request, _("There is nobody with this address in the team."))
    else:
        acts.add_to_group(actor, group_id=found.pk, user_id=member.user_id)
        messages.success(request, _("%(who)s is in the group now.") % {"who": member.user.email})
    return redirect(GROUP, group_id=group_id)


@require_POST
@page_back_to(GROUP, "group_id")
def remove(request: HttpRequest, actor: Actor, group_id: int, user_id: int) -> HttpResponse:
    acts.remove_from_group(actor, group_id=group_id, user_id=user_id)
    messages.success(request, _("The person is no longer in the group."))
    return redirect(GROUP, group_id=group_id)
