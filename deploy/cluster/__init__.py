"""The product as a cluster on one machine: `make cluster`, `python -m deploy.cluster --help`.

For tests and tools (running.py):

    from deploy.cluster import start
    with start(folder, web=3, workers=2, broker="rabbitmq", storage="seaweedfs", TRASH_RETENTION="1d") as cluster:
        cluster.url                              # of HAProxy
        cluster.parts                            # {name: part} as they are now: .pid .port .log .state .restarts
        cluster.of("web")                        # parts of a kind: web worker beat postgresql redis rabbitmq epmd
                                                 #   object-store haproxy
        cluster.parts["web-1"].kill()            # kill -9 of all its processes; started again by the cluster
        cluster.parts["web-1"].terminate()       # SIGTERM; it drains, ends, and is started again
        cluster.parts["redis"].freeze(), .thaw() # SIGSTOP, SIGCONT to all its processes
        cluster.parts["minio"].hold(), .restart()  # kill -9 and stay down; start again and wait until it is ready
        cluster.command("scale", "web", "5")     # also worker; "roll" [folder of a release]
        cluster.manage("fsck", "--hash")         # manage.py on the same database and storage
        cluster.stop()                           # also at the end of the block

To cut or delay connections, put a proxy before a part: `ports_of(folder, storage)` tells where it will listen, and
`start(..., through={"postgresql": port_of_the_proxy})` sends replicas and workers there. To fill the disk of the object
store, mount a small one at folder/minio (or folder/seaweedfs) before the start.

Who does what: options -> manager (order of start and stop, scale, roll) -> supervision (keeps parts running) -> part
(one process); postgresql, redis_server, rabbitmq, object_store, balancer and product say how each is started; control
is the socket between a running cluster and who asks it; layout has folders, ports and secrets.
"""

from deploy.cluster.control import ControlFailed
from deploy.cluster.running import RunningCluster, RunningPart, ports_of, start

__all__ = ["ControlFailed", "RunningCluster", "RunningPart", "ports_of", "start"]
