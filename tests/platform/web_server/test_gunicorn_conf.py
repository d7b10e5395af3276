"""What gunicorn makes of our configuration."""

from gunicorn.config import Config
from gunicorn.workers.gthread import ThreadWorker

from dropbox_clone.web_server import gunicorn_conf


def test_files_go_by_sendfile() -> None:
    config = Config()
    for name, value in vars(gunicorn_conf).items():
        if name in config.settings:
            config.set(name, value)
    assert config.sendfile is True
    assert issubclass(config.worker_class, ThreadWorker)  # sendfile, and a thread for each request under way
    assert config.threads > 100
