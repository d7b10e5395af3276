"""In the product, these two lines are in files/api/urls.py."""

from django.urls import path

from tests.contributing.feature import views

urlpatterns = [
    path("api/v1/nodes/<int:node_id>/loud_names", views.LoudNamesView.as_view()),
    path("api/v1/nodes/<int:node_id>/lower_name", views.LowerNameView.as_view()),
]
