"""RabbitMQ, with an Erlang port mapper of its own, so that nothing is left behind and nothing is shared."""

import os
import secrets

import amqp

from deploy.cluster.layout import Layout, is_free
from deploy.cluster.part import Part

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"  # the one in /usr/sbin insists on another user
USER = "dropbox_clone"


def parts(layout: Layout) -> list[Part]:
    """The port mapper, then the server."""
    mapper, port, internal = (layout.port(name) for name in ("epmd", "rabbitmq", "rabbitmq-internal"))
    folder = layout.part("rabbitmq")
    _write_configuration(layout, port)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))},
        "HOME": str(folder),
        "ERL_EPMD_PORT": str(mapper),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODENAME": f"dropbox_clone_{port}@localhost",
        "RABBITMQ_DIST_PORT": str(internal),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +S 2:2",
    }
    return [
        Part(
            name="epmd",
            kind="epmd",
            command=["epmd", "-port", str(mapper), "-address", "127.0.0.1"],
            log=layout.log("epmd"),
            port=mapper,
            ready=lambda: not is_free(mapper),
            patience=2,
        ),
        Part(
            name="rabbitmq",
            kind="rabbitmq",
            command=[SERVER],
            folder=folder,
            environment=environment,
            log=layout.log("rabbitmq"),
            port=port,
            ready=lambda: _answers(layout, port),
            patience=15,
        ),
    ]


def url(layout: Layout, port: int) -> str:
    return f"amqp://{USER}:{layout.secret('rabbitmq')}@127.0.0.1:{port}//"


def _write_configuration(layout: Layout, port: int) -> None:
    folder = layout.part("rabbitmq")
    (folder / "plugins").write_text("[].\n")
    cookie = folder / ".erlang.cookie"
    if not cookie.exists():
        cookie.touch(mode=0o600)
        cookie.write_text(secrets.token_hex(16))
        cookie.chmod(0o400)
    configuration = folder / "rabbitmq.conf"
    configuration.touch(mode=0o600)
    configuration.write_text(
        f"listeners.tcp.1 = 127.0.0.1:{port}\n"
        f"default_user = {USER}\ndefault_pass = {layout.secret('rabbitmq')}\n"
        "loopback_users = none\n"
        "heartbeat = 20\n"
        "vm_memory_high_watermark.absolute = 512MB\ndisk_free_limit.absolute = 50MB\n"
    )


def _answers(layout: Layout, port: int) -> bool:
    try:
        connection = amqp.Connection(
            f"127.0.0.1:{port}", userid=USER, password=layout.secret("rabbitmq"), connect_timeout=2, read_timeout=2
        )
        connection.connect()
        connection.close()
    except (OSError, amqp.AMQPError):
        return False
    return True
