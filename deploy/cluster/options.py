"""What `python -m deploy.cluster` can be told, by arguments and by the environment."""

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Options:
    """`port` None: a free one, the same at the next start. `variables` are the product's own settings."""

    folder: Path
    host: str = "127.0.0.1"
    port: int | None = None
    web: int = 3
    workers: int = 2
    broker: str = "rabbitmq"  # or redis
    storage: str = ""  # minio, seaweedfs, or what there is
    variables: dict[str, str] = field(default_factory=dict)
    through: dict[str, int] = field(default_factory=dict)  # kind of a part -> port of a proxy in front of it


def default_folder() -> Path:
    return Path(os.environ.get("DATA_DIR") or REPOSITORY / "var" / "cluster").absolute()


def parser() -> argparse.ArgumentParser:
    result = argparse.ArgumentParser(
        prog="python -m deploy.cluster", description="The product as a cluster on one machine."
    )
    commands = result.add_subparsers(dest="command")
    run = commands.add_parser("run", help="start everything and stay in the foreground (the default)")
    run.add_argument("--web", type=int, default=3, help="replicas")
    run.add_argument("--workers", type=int, default=2)
    run.add_argument("--broker", choices=("rabbitmq", "redis"), default="rabbitmq")
    run.add_argument("--storage", choices=("minio", "seaweedfs"), default="")
    run.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a setting of the product")
    run.add_argument(
        "--through",
        action="append",
        default=[],
        metavar="KIND=PORT",
        help="a proxy that stands before postgresql, redis, rabbitmq or object-store: replicas and workers go there",
    )
    status = commands.add_parser("status", help="what runs where")
    status.add_argument("--json", action="store_true")
    scale = commands.add_parser("scale", help="more or fewer replicas or workers, without a failed request")
    scale.add_argument("kind", choices=("web", "worker"))
    scale.add_argument("number")
    roll = commands.add_parser("roll", help="migrate, then replace every replica and worker one by one")
    roll.add_argument("--release", default="", help="a folder with the code of a release; default: the one that runs")
    for name, text in (("hold", "kill -9 a part and keep it down"), ("start", "start a held part again")):
        commands.add_parser(name, help=text).add_argument("part")
    commands.add_parser("stop", help="stop everything")
    return result


def options_of(arguments: argparse.Namespace) -> Options:
    port = os.environ.get("PORT", "")
    if port and not port.isdigit():
        parser().error(f"PORT must be a number, got {port!r}")
    return Options(
        folder=default_folder(),
        host=os.environ.get("HOST") or "127.0.0.1",
        port=int(port) if port else None,
        web=arguments.web,
        workers=arguments.workers,
        broker=arguments.broker,
        storage=arguments.storage,
        variables=dict(word.split("=", 1) for word in arguments.set if "=" in word),
        through={kind: int(port) for kind, _, port in (word.partition("=") for word in arguments.through)},
    )
