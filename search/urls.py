"""Addresses of the pages of searching."""

from django.urls import path

from search import web

app_name = "search"

urlpatterns = [path("search/", web.results, name="results")]
