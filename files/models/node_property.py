"""Properties that clients hang on nodes and that mean nothing to us: dead properties (RFC 4918 section 4)."""

from django.db import models

from files.models.node import Node


class NodeProperty(models.Model):
    """`value` is the XML inside the property's element, as text. It stays with the node wherever that goes.

    No constraint of the database, because the release before purges nodes without knowing of this table; a row that is
    left is never seen, since ids of nodes are not given twice.
    """

    node = models.ForeignKey(Node, models.CASCADE, related_name="properties", db_constraint=False)
    namespace = models.CharField(max_length=500, blank=True)
    name = models.CharField(max_length=255)
    value = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("node", "namespace", "name", name="property_name_unique")]

    def __str__(self) -> str:
        return f"{{{self.namespace}}}{self.name} of {self.node_id}"
