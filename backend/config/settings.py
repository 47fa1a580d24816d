"""The one settings module: embedded by default, production when the environment says so."""

import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.csp import CSP

from backend.config.environment import parse_database_url, parse_mail_url, read_bool, read_list, read_text

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(read_text("TANDEM_VAR") or Path.cwd() / "var").resolve()
WEB_DIR = BASE_DIR / "backend" / "web"
FIXTURES_DIR = BASE_DIR / "fixtures"

DEBUG = read_bool("DEBUG")
DATABASE_URL = read_text("DATABASE_URL")
REDIS_URL = read_text("REDIS_URL")
MAIL_URL = read_text("MAIL_URL")
# Embedded: one process, SQLite, its jobs in a thread.
EMBEDDED = not DATABASE_URL
# Local: nobody but this machine is served, over plain http; every other installation must be told its secrets.
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
ALLOWED_HOSTS = read_list("ALLOWED_HOSTS", ",".join(sorted(LOOPBACK_HOSTS)))
LOCAL = LOOPBACK_HOSTS.issuperset(ALLOWED_HOSTS)


def _secret_key() -> str:
    """The key of the environment; a local installation makes one once and keeps it."""
    if key := read_text("SECRET_KEY"):
        return key
    if not LOCAL:
        raise ImproperlyConfigured("SECRET_KEY must be set when ALLOWED_HOSTS names another machine than this one")
    try:
        return _kept_secret_key(VAR_DIR / "secret-key")
    except OSError as error:
        raise ImproperlyConfigured(
            f"Impossible d’écrire dans {VAR_DIR} ({error.strerror}) : choisissez un autre dossier avec TANDEM_VAR."
        ) from error


def _kept_secret_key(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(get_random_secret_key(), encoding="ascii")
    return path.read_text(encoding="ascii")


SECRET_KEY = _secret_key()
CSRF_TRUSTED_ORIGINS = read_list("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "django_filters",
    "django_htmx",
    "django_tasks_db",
    "crontask",
    "rest_framework",
    "drf_spectacular",
    "backend.config",
    "backend.web",
    "backend.api",
    "backend.notifications",
    "backend.campaigns",
    "backend.tutoring",
    "backend.needs",
    "backend.agenda",
    "backend.credits",
    "backend.conversations",
    "backend.skills",
    "backend.networks",
    "backend.accounts",
    "backend.referentials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    # Django pads what it compresses, against guesses by length (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "backend.web.shared.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "backend.config.urls"
ASGI_APPLICATION = "backend.config.asgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB_DIR / room / "templates" for room in ("shared", "public", "learner", "tutor", "coordinator")],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "backend.web.shared.context.navigation",
            ],
            "libraries": {"tandem": "backend.web.shared.template_tags"},
            "builtins": ["django.templatetags.static", "backend.web.shared.template_tags"],
        },
    },
]

# Data

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": VAR_DIR / "tandem.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
DATABASES = {"default": parse_database_url(DATABASE_URL) if DATABASE_URL else SQLITE}
IN_MEMORY_LAYER = {"BACKEND": "channels.layers.InMemoryChannelLayer"}
REDIS_LAYER = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
CHANNEL_LAYERS = {"default": REDIS_LAYER if REDIS_URL else IN_MEMORY_LAYER}
# Counters of refused sign-ins must be shared by all server processes: they live in Redis, or in the database's stead
# in the memory of the only process.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# Background work: queued in the database; the scheduler's lock lives in Redis.

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
CRONTASK = {"REDIS_URL": REDIS_URL or None}

# People

AUTH_USER_MODEL = "accounts.Person"
# Lets in the identities of Pro Santé Connect's test side, whose numbers have no valid key.
RPPS_TEST_IDENTITIES = read_bool("RPPS_TEST_IDENTITIES")
# The address is unique whatever its case, by a constraint that this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "welcome"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "backend.web.public.sign_in.SignInAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_FORMS = {
    "login": "backend.web.public.account_forms.LoginForm",
    "request_login_code": "backend.web.public.account_forms.RequestLoginCodeForm",
    "confirm_login_code": "backend.web.public.account_forms.ConfirmLoginCodeForm",
    "reauthenticate": "backend.web.public.account_forms.ReauthenticateForm",
    "change_password": "backend.web.public.account_forms.ChangePasswordForm",
    "set_password": "backend.web.public.account_forms.SetPasswordForm",
    "reset_password": "backend.web.public.account_forms.ResetPasswordForm",
    "reset_password_from_key": "backend.web.public.account_forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
# Accounts are made by a coordinator, who knows the person: the address needs no second proof to sign in.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 10 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
# Per account tightly, per address only far above what a hospital behind one address does.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "200/m/ip,10/5m/key",
    "request_login_code": "60/m/ip,5/5m/key",
    "reset_password": "60/m/ip,5/5m/key",
}

# Words and time: instants are stored in UTC, shown in the zone of the network.

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "UTC"
USE_TZ = True

# Mail

EML_DIR = VAR_DIR / "outbox"
MAILERS = {
    "default": parse_mail_url(MAIL_URL)
    if MAIL_URL
    else {"BACKEND": "backend.common.eml.EmailBackend", "OPTIONS": {"folder": EML_DIR}}
}
MAIL_DOMAIN = read_text("MAIL_DOMAIN", "tandem.example")
# Where people find this Tandem: the beginning of every link in a mail. A local server says where it listens.
PUBLIC_URL = read_text("PUBLIC_URL", "" if LOCAL else f"https://{ALLOWED_HOSTS[0]}").rstrip("/")
DEFAULT_FROM_EMAIL = read_text("MAIL_FROM", "Tandem <bonjour@tandem.example>")

# Who answers for this installation, as the legal pages name them.

PUBLISHER = read_text("PUBLISHER", "La structure qui vous a ouvert un compte (votre CPTS ou son regroupement)")
HOSTING = read_text(
    "HOSTING", "Un serveur choisi par cette structure, qui vous donne son nom et son adresse sur demande"
)
CONTACT_EMAIL = read_text("CONTACT_EMAIL", "bonjour@tandem.example")

# Static files: hashed names, compressed, served by the application itself.

STATIC_URL = "static/"
STATICFILES_DIRS = [WEB_DIR / "shared" / "static"]
# A local installation serves files from where they are: nothing is collected.
STATIC_ROOT = None if LOCAL else VAR_DIR / "static"
WHITENOISE_USE_FINDERS = LOCAL
WHITENOISE_MAX_AGE = 3600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": VAR_DIR / "files"}},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if LOCAL
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["backend.api.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "backend.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "backend.api.errors.handle_exception",
    "DEFAULT_VERSIONING_CLASS": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tandem",
    "DESCRIPTION": "Peer tutoring in digital health for the local networks of French health professionals.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Levels that somebody holds and levels of an answer about oneself differ, under one name of field.
    "ENUM_NAME_OVERRIDES": {
        "LevelEnum": "backend.skills.enums.Level",
        "PositioningLevelEnum": "backend.skills.enums.PositioningLevel",
    },
}

# Safety

SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Two cookies in all, as the page « Vie privée » says: passing messages live in the session.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
# Production is https only; the demonstration is plain http on this machine.
HTTPS_ONLY = read_bool("HTTPS_ONLY", default=not LOCAL)
SECURE_SSL_REDIRECT = HTTPS_ONLY
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# Behind a proxy that sets these headers itself, and only then.
if read_bool("TRUST_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"secrets": {"()": "backend.common.secret_addresses.SecretAddressFilter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["secrets"],
            "stream": sys.stderr,
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"backend": {"level": "INFO"}},
}
