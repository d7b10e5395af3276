"""Prints the configuration of HAProxy for compose.yaml."""

import sys

from deploy.compose import haproxy_configuration

sys.stdout.write(haproxy_configuration())
