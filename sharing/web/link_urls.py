"""Addresses of the pages of links, for their owners."""

from django.urls import path

from sharing.web import links

app_name = "links"

urlpatterns = [
    path("links/", links.links, name="links"),
    path("links/in/<int:space_id>/", links.in_space, name="in_space"),
    path("links/of/<int:node_id>/", links.of_node, name="of_node"),
    path("links/<int:link_id>/", links.link, name="link"),
    path("links/<int:link_id>/qr.svg", links.qr_code, name="qr_code"),
    path("links/<int:link_id>/revoke", links.revoke, name="revoke"),
    path("links/<int:link_id>/take-over", links.take_over, name="take_over"),
]
