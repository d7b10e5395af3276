"""Marathon's own rules for an application, as a JSON schema, of the properties that a deployment like ours can use.

Written from the published types of Marathon 1.9's API (mesosphere/marathon, docs/rest-api/public/api/v2/types/app.raml
and what that uses) and from its last published schema (1.6, docs/rest-api/public/api/v2/schema/AppDefinition.json).
No package registry brings either. Like theirs, it refuses every property that it does not know. What Marathon checks
beyond its types is in `rules`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator

Schema = dict[str, Any]

NATURAL: Schema = {"type": "integer", "minimum": 0}
FRACTION: Schema = {"type": "number", "minimum": 0, "maximum": 1}
PORT: Schema = {"type": "integer", "minimum": 0, "maximum": 65535}
TEXT: Schema = {"type": "string", "minLength": 1}
STRINGS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
NAME_OF_PORT: Schema = {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"}
PATH_ID: Schema = {"type": "string", "pattern": r"^(/?((\.{2})|([a-z0-9][a-z0-9\-.]*[a-z0-9]+)|([a-z0-9]*))($|/))+$"}


def closed(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(required)}


def many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


PORT_MAPPING = closed(
    {
        "containerPort": PORT,
        "hostPort": PORT,
        "servicePort": PORT,
        "labels": STRINGS,
        "name": NAME_OF_PORT,
        "protocol": {"enum": ["tcp", "udp", "udp,tcp"]},
        "networkNames": many(TEXT),
    }
)
PERSISTENT = closed(
    {
        "type": {"enum": ["root", "path", "mount"]},
        "size": NATURAL,
        "maxSize": NATURAL,
        "profileName": TEXT,
        "constraints": many(many(TEXT)),
    },
    "size",
)
VOLUME = closed(
    {"containerPath": TEXT, "hostPath": TEXT, "persistent": PERSISTENT, "secret": TEXT, "mode": {"enum": ["RO", "RW"]}},
    "containerPath",
)
DOCKER = closed(
    {
        "image": TEXT,
        "forcePullImage": {"type": "boolean"},
        "privileged": {"type": "boolean"},
        "parameters": many(closed({"key": TEXT, "value": {"type": "string"}}, "key", "value")),
        "pullConfig": closed({"secret": TEXT}, "secret"),
    },
    "image",
)
CONTAINER = closed(
    {
        "type": {"enum": ["MESOS", "DOCKER"]},
        "docker": DOCKER,
        "portMappings": many(PORT_MAPPING),
        "volumes": many(VOLUME),
    }
)
HEALTH_CHECK = closed(
    {
        "protocol": {"enum": ["HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_HTTP", "MESOS_HTTPS", "MESOS_TCP"]},
        "command": closed({"value": TEXT}, "value"),
        "path": {"type": "string", "pattern": "^/"},
        "port": PORT,
        "portIndex": NATURAL,
        "ipProtocol": {"enum": ["IPv4", "IPv6"]},
        "gracePeriodSeconds": NATURAL,
        "intervalSeconds": NATURAL,
        "timeoutSeconds": NATURAL,
        "delaySeconds": NATURAL,
        "maxConsecutiveFailures": NATURAL,
        "ignoreHttp1xx": {"type": "boolean"},
    },
    "protocol",
)
READINESS_CHECK = closed(
    {
        "name": TEXT,
        "protocol": {"enum": ["HTTP", "HTTPS"]},
        "path": {"type": "string", "pattern": "^/"},
        "portName": NAME_OF_PORT,
        "intervalSeconds": NATURAL,
        "timeoutSeconds": NATURAL,
        "httpStatusCodesForReady": many({"type": "integer", "minimum": 100, "maximum": 999}),
        "preserveLastResponse": {"type": "boolean"},
    }
)
CONSTRAINT: Schema = {
    "type": "array",
    "minItems": 2,
    "maxItems": 3,
    "items": [TEXT, {"enum": ["UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS"]}, TEXT],
}
ENVIRONMENT: Schema = {
    "type": "object",
    "additionalProperties": {"oneOf": [{"type": "string"}, closed({"secret": TEXT}, "secret")]},
}
APPLICATION = {
    **closed(
        {
            "id": PATH_ID,
            "acceptedResourceRoles": many(TEXT),
            "args": many({"type": "string"}),
            "backoffFactor": {"type": "number", "minimum": 1},
            "backoffSeconds": NATURAL,
            "cmd": TEXT,
            "constraints": many(CONSTRAINT),
            "container": CONTAINER,
            "cpus": {"type": "number", "minimum": 0.001},
            "dependencies": many(PATH_ID),
            "disk": {"type": "number", "minimum": 0},
            "env": ENVIRONMENT,
            "fetch": many(closed({"uri": TEXT, "cache": {"type": "boolean"}, "destPath": TEXT}, "uri")),
            "healthChecks": many(HEALTH_CHECK),
            "instances": NATURAL,
            "killSelection": {"enum": ["YOUNGEST_FIRST", "OLDEST_FIRST"]},
            "labels": STRINGS,
            "maxLaunchDelaySeconds": NATURAL,
            "mem": {"type": "number", "minimum": 0},
            "networks": many(closed({"name": TEXT, "mode": {"enum": ["container", "container/bridge", "host"]}})),
            "portDefinitions": many(
                closed({"port": PORT, "labels": STRINGS, "name": NAME_OF_PORT, "protocol": {"enum": ["tcp", "udp"]}})
            ),
            "readinessChecks": many(READINESS_CHECK),
            "requirePorts": {"type": "boolean"},
            "role": TEXT,
            "secrets": {"type": "object", "additionalProperties": closed({"source": TEXT}, "source")},
            "taskKillGracePeriodSeconds": NATURAL,
            "unreachableStrategy": {
                "oneOf": [
                    {"const": "disabled"},
                    closed({"inactiveAfterSeconds": NATURAL, "expungeAfterSeconds": NATURAL}),
                ]
            },
            "upgradeStrategy": closed({"maximumOverCapacity": FRACTION, "minimumHealthCapacity": FRACTION}),
            "user": TEXT,
        },
        "id",
    ),
    "not": {"required": ["cmd", "args"]},
}


def complaints(application: dict[str, Any]) -> list[str]:
    """What Marathon would say against it; empty when nothing."""
    found = [f"{error.json_path}: {error.message}" for error in Draft7Validator(APPLICATION).iter_errors(application)]
    return found or list(rules(application))


def rules(application: dict[str, Any]) -> Iterator[str]:
    """Marathon's checks over more than one property (its api.validation package)."""
    container = application.get("container", {})
    ports = container.get("portMappings", application.get("portDefinitions", []))
    bridged = [network["mode"] for network in application.get("networks", [])] == ["container/bridge"]
    if "portMappings" in container and not bridged:
        yield "portMappings need a container network"
    if application.get("portDefinitions") and bridged:
        yield "portDefinitions are for the host's network"
    for check in application.get("healthChecks", []):
        if ("command" in check) != (check["protocol"] == "COMMAND"):
            yield "a COMMAND check, and no other, has a command"
        if "path" in check and "HTTP" not in check["protocol"]:
            yield "only HTTP checks have a path"
        if check.get("portIndex", 0) >= len(ports) and check["protocol"] != "COMMAND":
            yield "a health check's portIndex is of no port"
    names = {port.get("name") for port in ports}
    for check in application.get("readinessChecks", []):
        if check.get("portName") not in names:
            yield "a readiness check's portName is of no port"
        if check["timeoutSeconds"] >= check["intervalSeconds"]:
            yield "a readiness check's timeout must be below its interval"
    used = {value["secret"] for value in application.get("env", {}).values() if isinstance(value, dict)}
    if used - set(application.get("secrets", {})):
        yield f"secrets that are not declared: {sorted(used - set(application['secrets']))}"
    yield from _of_residents(application)


def _of_residents(application: dict[str, Any]) -> Iterator[str]:
    """Applications with persistent volumes stay on their agent."""
    volumes = application.get("container", {}).get("volumes", [])
    persistent = [volume for volume in volumes if "persistent" in volume]
    if not persistent:
        return
    if any("/" in volume["containerPath"] for volume in persistent):
        yield "a persistent volume's containerPath is a name in the sandbox"
    if application["upgradeStrategy"]["maximumOverCapacity"] != 0:
        yield "a resident application cannot have more instances than it has"
    if application["unreachableStrategy"] != "disabled":
        yield "a resident application that is away keeps its volume only with unreachableStrategy disabled"
