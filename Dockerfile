# One image for both shapes; docs/operations/deploying.md says how to run it. The default command runs everything in one
# container, with its data in /data:
#   docker run --publish 127.0.0.1:8000:8000 --volume dropbox_clone:/data --read-only --tmpfs /tmp dropbox_clone
# In a cluster the same image runs one process each, and needs no /data:
#   python -m dropbox_clone.entry migrate   once, before a new release serves
#   python -m dropbox_clone.entry web       many
#   python -m dropbox_clone.entry worker    many
#   python -m dropbox_clone.entry beat      exactly one
# Any Debian with python3.11 and python3-venv will do as PYTHON.
ARG PYTHON=python:3.11-slim-bookworm

# --- bundle: the web UI, by Node from PyPI ------------------------------------------------------------------------------
FROM ${PYTHON} AS bundle
# For networks with a certificate authority of their own: the file that pip and npm trust. Not kept in the image.
ARG PIP_CERT
ARG NODE_EXTRA_CA_CERTS
WORKDIR /app
COPY scripts/frontend.sh scripts/
COPY requirements-node.lock package.json package-lock.json tsconfig.json ./
COPY frontend frontend
RUN --mount=type=cache,target=/var/cache/pip --mount=type=cache,target=/var/cache/npm \
    export PIP_CACHE_DIR=/var/cache/pip npm_config_cache=/var/cache/npm \
    && python3 -m venv .venv && scripts/frontend.sh && rm -rf .venv node_modules

# --- packages: what requirements.lock names, by hashes, and nothing to install more with. A stage of its own: a release that changes
# none finds it in the cache of builds.
FROM ${PYTHON} AS packages
ARG PIP_CERT
WORKDIR /app
COPY requirements.lock requirements-otel.lock ./
RUN --mount=type=cache,target=/var/cache/pip \
    export PIP_CACHE_DIR=/var/cache/pip \
    && python3 -m venv .venv \
    && .venv/bin/python -m pip install --disable-pip-version-check --only-binary=:all: --no-binary=django-haystack \
        --require-hashes --requirement requirements.lock --requirement requirements-otel.lock \
    && .venv/bin/python -m pip uninstall --quiet --yes pip setuptools

# --- application: source, bytecode; all static files under the names of their hashes
FROM packages AS application
COPY . .
COPY --from=bundle /app/frontend/dist frontend/dist
RUN DATA_DIR=/tmp/build PYTHONDONTWRITEBYTECODE=1 .venv/bin/python -m dropbox_clone.entry migrate \
    && rm -rf /tmp/build scripts frontend/src frontend/styles frontend/static frontend/*.* package.json package-lock.json tsconfig.json \
    && .venv/bin/python -m compileall -q accounts common dropbox_clone files http_kit protocols search sharing storage \
    && mkdir /application && mv -- * /application/

# --- the image ----------------------------------------------------------------------------------------------------------
FROM ${PYTHON}
RUN groupadd --system --gid 10001 app \
    && useradd --system --uid 10001 --gid app --home-dir /app --no-create-home --shell /usr/sbin/nologin app \
    && install --directory --owner=app --group=app --mode=0700 /data
WORKDIR /app
# Two layers: a release that changes no package is downloaded as the second one alone.
COPY --from=packages /app/.venv /app/.venv
COPY --from=application /application /app
ENV PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=dropbox_clone.settings \
    HOST=0.0.0.0 \
    PORT=8000 \
    DATA_DIR=/data
# As a number, so that Kubernetes can see that it is not root.
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["python", "-m", "dropbox_clone.probe"]
CMD ["python", "-m", "dropbox_clone.supervisor"]
