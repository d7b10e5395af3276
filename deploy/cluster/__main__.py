"""`make cluster`, and the commands for the cluster that runs."""

import os
import signal
import sys
import time

from deploy.cluster.control import ControlFailed, ask
from deploy.cluster.layout import DataDirInUse
from deploy.cluster.manager import Manager, show
from deploy.cluster.options import default_folder, options_of, parser
from deploy.cluster.supervision import say
from dropbox_clone.process import die_with_parent


def main(words: list[str]) -> int:
    arguments = parser().parse_args(words or ["run"])
    try:
        if arguments.command == "run":
            if "MAKELEVEL" in os.environ:  # make passes SIGTERM on to us, but nothing passes on its own death
                die_with_parent(os.getppid(), signal.SIGTERM)
            return Manager(options_of(arguments)).run()
        return _command(arguments)
    except (ControlFailed, DataDirInUse) as error:
        sys.stderr.write(f"cluster: {error}\n")
        return 1


def _command(arguments: object) -> int:
    folder, command = default_folder(), getattr(arguments, "command", "")
    if command == "status":
        show(ask(folder, "status", seconds=10), as_json=getattr(arguments, "json", False))
    elif command == "scale":
        ask(folder, "scale", getattr(arguments, "kind", ""), getattr(arguments, "number", ""), say=say)
    elif command == "roll":
        release = getattr(arguments, "release", "")
        ask(folder, "roll", *([os.path.abspath(release)] if release else []), say=say)
    elif command == "stop":
        ask(folder, "stop")
        while (folder / "cluster.json").exists():
            time.sleep(0.1)
    else:
        ask(folder, command, getattr(arguments, "part", ""), say=say)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
