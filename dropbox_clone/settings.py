"""Django's settings. What an operator may choose is in configuration.py; nothing here reads os.environ."""

from typing import Any

from accounts.allauth_settings import allauth_settings
from common.redaction import remember
from dropbox_clone.backends import (
    broker_settings,
    cache_settings,
    database_settings,
    email_settings,
    search_settings,
)
from dropbox_clone.configuration import BASE_DIR, read_configuration
from dropbox_clone.env import one_clear_line
from dropbox_clone.logs import logging_settings
from dropbox_clone.schedule import CELERY_BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE
from dropbox_clone.secret_key import load_or_create_secret_key
from dropbox_clone.unfold_settings import UNFOLD as UNFOLD
from dropbox_clone.version import VERSION

with one_clear_line():
    CONFIGURATION = read_configuration()
    SECRET_KEY = CONFIGURATION.secret_key or load_or_create_secret_key(CONFIGURATION.data_dir)
    remember(CONFIGURATION.secrets | {SECRET_KEY})
    SECRET_KEY_FALLBACKS = list(CONFIGURATION.secret_key_fallbacks)
    DATABASES = {"default": database_settings(CONFIGURATION.database)}
    CACHES = {"default": cache_settings(CONFIGURATION.cache)}
    CELERY_BROKER_URL, CELERY_BROKER_TRANSPORT_OPTIONS = broker_settings(CONFIGURATION.broker, CONFIGURATION.data_dir)
    HAYSTACK_CONNECTIONS = {"default": search_settings(CONFIGURATION.search)}
    EMAIL = email_settings(CONFIGURATION.email, CONFIGURATION.data_dir)

DATA_DIR = CONFIGURATION.data_dir
DEBUG = False
ROOT_URLCONF = "dropbox_clone.urls"
WSGI_APPLICATION = "dropbox_clone.wsgi.application"
ASGI_APPLICATION = "dropbox_clone.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- the product --------------------------------------------------------------------------------------------
BASE_URL, BASE_URL_GIVEN = CONFIGURATION.base_url, CONFIGURATION.base_url_given
LINKS_KNOWN = CONFIGURATION.links_known
STORAGE_URL = CONFIGURATION.storage.geturl()
STORAGE_MAY_FORGET = False  # tests alone keep bytes in memory
SIGNUP = CONFIGURATION.signup
PROOF_LIFETIME = CONFIGURATION.proof_lifetime
ACCOUNT_DELETION_GRACE = CONFIGURATION.account_deletion_grace
INVITATION_LIFETIME = CONFIGURATION.invitation_lifetime
INVITATION_MAILS_PER_TEAM = CONFIGURATION.invitation_mails_per_team
MAIL_IS_SENT = CONFIGURATION.mail_is_sent
DEFAULT_ACCOUNT_QUOTA = CONFIGURATION.default_account_quota  # bytes
AUDIT_RETENTION = CONFIGURATION.audit_retention
TRASH_RETENTION = CONFIGURATION.trash_retention
VERSION_RETENTION = CONFIGURATION.version_retention
RECEIPT_RETENTION = CONFIGURATION.receipt_retention
WEBHOOK_LOG_RETENTION = CONFIGURATION.webhook_log_retention
UPLOAD_EXPIRY = CONFIGURATION.upload_expiry
UPLOAD_SILENCE = CONFIGURATION.upload_silence
RESERVED_SHARE = CONFIGURATION.reserved_share  # percent
FREE_DISK_FLOOR = CONFIGURATION.free_disk_floor  # bytes
TRASH_GIVES_WAY = CONFIGURATION.trash_gives_way
# The brake on mass change (files/tree/brake.py).
BRAKE, BRAKE_WINDOW = CONFIGURATION.brake.is_on, CONFIGURATION.brake.window
BRAKE_ACCEPTED = CONFIGURATION.brake.accepted
BRAKE_FLOOR, BRAKE_MOST = CONFIGURATION.brake.floor, CONFIGURATION.brake.most
BRAKE_SHARE, BRAKE_STRICT = CONFIGURATION.brake.share, CONFIGURATION.brake.strict
# Where webhooks may be sent: networks besides the public ones, whether without TLS, and to which ports.
WEBHOOK_PRIVATE_ADDRESSES, WEBHOOK_HTTP = CONFIGURATION.webhooks.private_addresses, CONFIGURATION.webhooks.http
WEBHOOK_PORTS = CONFIGURATION.webhooks.ports
# What is counted beside bytes, of one person, and of a team with all its people and spaces.
ACCOUNT_NODES, TEAM_NODES = CONFIGURATION.account_nodes, CONFIGURATION.team_nodes
ACCOUNT_PROPERTIES, TEAM_PROPERTIES = CONFIGURATION.account_properties, CONFIGURATION.team_properties
ACCOUNT_UPLOADS, ACCOUNT_LOCKS = CONFIGURATION.account_uploads, CONFIGURATION.account_locks
ACCOUNT_ANSWERS, ACCOUNT_ANSWERS_SIZE = CONFIGURATION.account_answers, CONFIGURATION.account_answers_size
GC_GRACE = CONFIGURATION.gc_grace
ERASURE_PERIOD = CONFIGURATION.erasure_period
MOVE_GRACE = CONFIGURATION.move_grace
MOVE_WORKERS = CONFIGURATION.move_workers
MOVE_BANDWIDTH = CONFIGURATION.move_bandwidth
JSON_BODY_TIMEOUT = CONFIGURATION.json_body_timeout
MAX_UPLOAD_SIZE = CONFIGURATION.max_upload_size  # bytes
VAULTS = [  # what is sealed or signed with SECRET_KEY and lasts: `manage.py rotatesecret`
    "accounts.secret_box.second_factors",
    "accounts.secret_box.outgoing_mail",
    "accounts.secret_box.sessions",
    "accounts.chain.sealing.audit_keys",
    "files.blobs.pools.sealed_urls",
    "sharing.webhook_signing.webhook_secrets",
]
JOURNAL_FOLLOWERS = ["search.indexing.following.INDEX"]  # files/journal_follower.py; metrics tell how far they are
DELETED_ACCOUNT_HOOKS = [
    "files.actions.clear_home.clear_home",
    "files.actions.lock.forget_person",
    "sharing.actions.waiting.forget_person",
    "sharing.actions.forgetting.forget_person",
    "sharing.actions.webhook_upkeep.forget_person",
]
HELD_ACCOUNT_HOOKS = ["sharing.queries.leaving.holds_shared"]  # what keeps the clock from deleting who was removed
NEW_ACCOUNT_HOOKS = ["files.actions.spaces.ensure_home"]
PURGED_NODES_HOOKS = [
    "sharing.actions.links.forget_nodes",
    "sharing.actions.comments.forget_nodes",
    "sharing.actions.reminders.forget_nodes",
    "sharing.actions.tags.forget_nodes",
]
FSCK_HOOKS = ["sharing.actions.link_checks.row_checks"]  # files/maintenance/fsck: what else contradicts itself
ACCESS_HOOKS = ["files.actions.mounts.ask_for_mounts"]
LINK_PRINCIPAL = "sharing.queries.link_access.renewed"  # accounts/unit_of_work.py: what an actor of a link is now
READ_HOOKS = ["sharing.actions.reads.note_read"]  # what was shared is read: files/downloads/reads.py
# accounts/policies.py: what tighter policies of a team end.
POLICY_HOOKS = [
    "sharing.queries.link_policy.endings",
    "sharing.queries.webhook_policy.endings",
    "accounts.policy_endings.endings",
    "files.queries.retention.endings",
]
TEAM_CHANGE_HOOKS = ["files.actions.move_home.move_home", "sharing.actions.tags.change_team"]
MAIL_RENDERERS = {  # who makes mails of what, of apps above accounts (accounts/tasks.py)
    "changes_held": "files.notices.changes_held_messages",
    "shared": "sharing.mails.shared_messages",
}
KNOWN_REGIONS = "files.queries.pools.known_regions"
SET_TEAM_REGION = "files.actions.regions.set_team_region"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "accounts",  # before django.contrib.auth, whose commands make or change half of an account
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # templates of allauth.mfa and allauth.account
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "dropbox_clone.apps.CompositionConfig",
    "haystack",
    "files",
    "sharing",
    "search",
]

# --- requests -----------------------------------------------------------------------------------------------
ALLOWED_HOSTS = list(CONFIGURATION.allowed_hosts)
TRUSTED_PROXIES = CONFIGURATION.trusted_proxies
METRICS_TOKEN, METRICS_ALLOW = CONFIGURATION.metrics_token, CONFIGURATION.metrics_allow
WORKER_METRICS_HOST, WORKER_METRICS_PORT = CONFIGURATION.worker_metrics_host, CONFIGURATION.worker_metrics_port
MIDDLEWARE = [
    # What every request needs; what only pages need skips the endpoints of programs (see middleware.py).
    "dropbox_clone.middleware.RequestIdMiddleware",
    "dropbox_clone.middleware.TrustedProxyMiddleware",
    "dropbox_clone.middleware.AnswerHeadersMiddleware",
    "dropbox_clone.web_server.watched_responses.WatchedResponsesMiddleware",
    "dropbox_clone.admission.body_limits.BodyLimitMiddleware",
    "dropbox_clone.middleware.DirectDoorMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.links.BaseUrlMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dropbox_clone.middleware.PageLocaleMiddleware",
    "dropbox_clone.middleware.PageCommonMiddleware",
    "dropbox_clone.middleware.PageCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dropbox_clone.middleware.PageMessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.support_gate.SupportGateMiddleware",
]
APPEND_SLASH = False
# Endpoints of programs: no cookies are set, no messages, no translation by middleware. CSRF of session requests
# to the API is checked by its authentication class.
PROGRAM_PREFIXES = (
    *("/api/", "/tus/", "/dav/", "/remote.php/", "/public.php/", "/ocs/", "/status.php"),
    *("/healthz", "/readyz", "/metrics"),
)
# Bodies are streamed by the endpoints that take files; what Django itself may read into memory stays small.
DATA_UPLOAD_MAX_MEMORY_SIZE = max(CONFIGURATION.admission.page_body_limit, 1024 * 1024)
FILE_UPLOAD_HANDLERS = ["dropbox_clone.admission.body_limits.RefusingUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_100  # a form with a selection of limits.MAXIMUM_NODES, and its other fields

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.web.support_banner.support_banner",
                "files.web.context.shell",
                "sharing.web.context.bell",
            ]
        },
    }
]

# --- security -----------------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = CONFIGURATION.https
SESSION_COOKIE_NAME = "__Host-session" if CONFIGURATION.https else "session"
DEVICE_COOKIE_NAME = "__Host-device" if CONFIGURATION.https else "device"
CSRF_COOKIE_NAME = "__Host-csrf" if CONFIGURATION.https else "csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 24 * 3600
CSRF_TRUSTED_ORIGINS = [CONFIGURATION.base_url]
# A session that is only in one process's cache would survive a sign-out in the others.
SESSION_ENGINE = "dropbox_clone.sessions" if CONFIGURATION.cache.scheme == "locmem" else "dropbox_clone.cached_sessions"
STRICT_TRANSPORT_SECURITY = "max-age=31536000" if CONFIGURATION.https else ""
SILENCED_SYSTEM_CHECKS = ["security.W001", "security.W002", "security.W003"]  # our own middleware does these
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
# django-unfold writes scripts and styles into its pages, and Alpine.js evaluates attributes.
CONTENT_SECURITY_POLICY_ADMIN = (
    CONTENT_SECURITY_POLICY + "; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'"
)
PASSWORD_HASHERS = [
    "accounts.backends.BoundedArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AuthenticationBackend"]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
]

# --- sign-up and sign-in (django-allauth) -------------------------------------------------------------------
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
globals().update(allauth_settings(https=CONFIGURATION.https))

# --- REST ------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        f"accounts.api.authentication.{kind}Authentication" for kind in ("Bearer", "Basic", "Session")
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["http_kit.rendering.ApiJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["http_kit.json_body.BoundedJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "http_kit.rendering.AlwaysJSON",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "http_kit.problems.exception_handler",
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "dropbox_clone",
    "VERSION": VERSION,
    "ENUM_NAME_OVERRIDES": {
        "NodeKind": "files.api.outputs.shapes.KIND",
        "TeamRole": "accounts.models.Role",
        "AccessRole": "files.api.outputs.shapes.ROLE",
        "LinkRole": "sharing.api.link_shapes.ROLE",
        "SharedRole": "sharing.api.share_inputs.SHARED_ROLE",
        "Right": "files.api.outputs.shapes.RIGHT",
        "SpaceKind": "files.models.SpaceKind",
        "TokenKind": "accounts.models.TokenKind",
        "ChangeKind": "files.models.ChangeKind",
        "ActivityKind": "sharing.queries.activity_groups.ActivityKind",
        "NotificationKind": "sharing.models.NotificationKind",
        "MailChoice": "sharing.models.MailChoice",
        "DeliveryKind": "sharing.models.DeliveryKind",
        "DeliveryState": "sharing.models.DeliveryState",
        "Outside": "accounts.models.Outside",
        "LinkStanding": "sharing.api.link_administration.STANDING",
    },
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "files.api.schema.add_what_all_share",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
}

# --- jobs ---------------------------------------------------------------------------------------------------
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that was away for long finds its workers waiting
CELERY_BROKER_CONNECTION_TIMEOUT = 2  # seconds
CELERY_BROKER_HEARTBEAT = 20  # seconds; RabbitMQ gives the messages of a worker that froze to others after two of them
# Somebody who presses a button while the broker is away gets a message soon.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
# One message in hand for each thread: a killed worker leaves no long tail of messages behind.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = CONFIGURATION.broker.scheme != "filesystem"
# The schedule is in the settings and nowhere else: a file of it could be broken by a kill -9.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

# --- mail, language, static files, logs ---------------------------------------------------------------------
EMAIL_BACKEND = EMAIL.pop("EMAIL_BACKEND")
globals().update(EMAIL)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIGURATION.email_from

LANGUAGE_CODE = CONFIGURATION.language
LANGUAGES = [("en", "English")]  # strings are marked for translation; a language comes with its locale/
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static_build"
STATICFILES_DIRS = [path for path in (BASE_DIR / "frontend" / "dist",) if path.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # unused: files go through storage
    "staticfiles": {"BACKEND": "dropbox_clone.staticfiles.HashedStaticFilesStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False

LOGGING = logging_settings(CONFIGURATION.log_level, CONFIGURATION.log_format)
