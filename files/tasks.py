"""Celery's endpoint to upkeep: each task starts one job by its name. All that matters is in the database."""

from celery import shared_task

from files.maintenance.upkeep import UPKEEP, run_asked


@shared_task(name="files.tasks.upkeep")
def upkeep(name: str) -> str:
    """Returns how it ended: "idle" when there was nothing to do, or somebody does it already."""
    run = UPKEEP[name].run()
    return "idle" if run is None else run.state


@shared_task(name="files.tasks.upkeep_now")
def upkeep_now(name: str) -> str:
    """The same whether or not it is due."""
    run = UPKEEP[name].run(now_please=True)
    return "idle" if run is None else run.state


@shared_task(name="files.tasks.upkeep_asked")
def upkeep_asked() -> int:
    """What people have asked for in the admin console; how many jobs it ran."""
    return len(run_asked())
