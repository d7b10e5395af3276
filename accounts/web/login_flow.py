"""The page on which a person lets a client in. Its address is Nextcloud's, see protocols/nextcloud/urls.py."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.actions.login_flow import deny_login_flow, grant_login_flow
from accounts.actions.tokens import device_name
from accounts.actor import Actor
from accounts.errors import LoginFlowNotFound
from accounts.models import LoginFlow
from accounts.queries import login_flow_of
from accounts.request_actor import address_of
from http_kit.page import page_back_to


@dataclass(frozen=True, slots=True)
class Asking:
    """What the page tells of a flow; `is_elsewhere`: the client is at another address than this browser."""

    flow: LoginFlow
    name: str
    is_elsewhere: bool


@require_http_methods(["GET", "HEAD", "POST"])
@page_back_to("accounts:devices")
def grant(request: HttpRequest, actor: Actor, login_secret: str) -> HttpResponse:
    """GET shows the question, POST has `grant` or `deny`. Unknown, used and expired ones look the same: 404."""
    try:
        if request.method == "POST":
            if "grant" in request.POST:
                flow = grant_login_flow(actor, login_secret=login_secret)
                return render(request, "accounts/device_granted.html", {"flow": flow})
            deny_login_flow(actor, login_secret=login_secret)
            return render(request, "accounts/device_denied.html")
        flow = login_flow_of(login_secret)
    except LoginFlowNotFound:
        return render(request, "accounts/device_unknown.html", status=404)
    is_elsewhere = flow.address is not None and flow.address != address_of(request)
    return render(
        request, "accounts/device_grant.html", {"asking": Asking(flow, device_name(flow.client), is_elsewhere)}
    )
