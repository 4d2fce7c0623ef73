"""The one settings file. Everything comes from the environment; it is safe when nothing is set.

Each GOLDSEAM_ variable is described in docs/operate/settings.md. Secrets can also be given as files:
GOLDSEAM_SECRET_KEY_FILE=/run/secrets/key is read when GOLDSEAM_SECRET_KEY would be.
"""

from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from goldseam_web.config.environment import (
    LOOPBACK_NAMES,
    data_folder,
    env,
    read_what_was_kept,
    secret,
    words,
)
from goldseam_web.config.logs import logging_config
from goldseam_web.lib.addresses import host_of, origin_of
from goldseam_web.lib.file_rights import close_to_others

# --- What this install is -------------------------------------------------------------------------

PACKAGE = Path(__file__).resolve().parent.parent

GOLDSEAM_DATA = data_folder(env.str("GOLDSEAM_DATA", default="data"))
read_what_was_kept(GOLDSEAM_DATA)
GOLDSEAM_PORT = env.int("GOLDSEAM_PORT", default=8000)
GOLDSEAM_BASE_URL = env.str("GOLDSEAM_BASE_URL", default=f"http://127.0.0.1:{GOLDSEAM_PORT}").rstrip("/")
GOLDSEAM_TLS_CERTIFICATE = env.str("GOLDSEAM_TLS_CERTIFICATE", default="")
GOLDSEAM_TLS_KEY = env.str("GOLDSEAM_TLS_KEY", default="")
GOLDSEAM_DEMO = env.bool("GOLDSEAM_DEMO", default=False)
GOLDSEAM_RECORD_ONLY = env.bool("GOLDSEAM_RECORD_ONLY", default=False)
GOLDSEAM_REQUIRE_TOTP = env.bool("GOLDSEAM_REQUIRE_TOTP", default=not GOLDSEAM_DEMO)
GOLDSEAM_IDLE_MINUTES = env.int("GOLDSEAM_IDLE_MINUTES", default=60)
GOLDSEAM_SEVERAL_HOSTS = env.bool("GOLDSEAM_SEVERAL_HOSTS", default=False)
GOLDSEAM_BEHIND_PROXY = env.bool("GOLDSEAM_BEHIND_PROXY", default=False)

DEBUG = env.bool("GOLDSEAM_DEBUG", default=False)
_HTTPS = GOLDSEAM_BASE_URL.startswith("https://")

# --- Secrets --------------------------------------------------------------------------------------

SECRET_KEY = secret("GOLDSEAM_SECRET_KEY", kept_in=GOLDSEAM_DATA / "secret-key")
SECRET_KEY_FALLBACKS = words("GOLDSEAM_SECRET_KEY_FALLBACKS")
# The first key encrypts, all of them decrypt: put a new one in front to rotate.
GOLDSEAM_ENCRYPTION_KEYS = words("GOLDSEAM_ENCRYPTION_KEYS") or [
    secret("GOLDSEAM_ENCRYPTION_KEYS", kept_in=GOLDSEAM_DATA / "encryption-key")
]
# The first key marks and seals the audit, all of them verify it.
GOLDSEAM_AUDIT_KEYS = words("GOLDSEAM_AUDIT_KEYS") or [
    secret("GOLDSEAM_AUDIT_KEYS", kept_in=GOLDSEAM_DATA / "audit-key")
]
GOLDSEAM_AUDIT_HEADS = env.str("GOLDSEAM_AUDIT_HEADS", default=str(GOLDSEAM_DATA / "audit-heads"))

# --- Applications ---------------------------------------------------------------------------------

INSTALLED_APPS = [
    "goldseam_web",
    "goldseam_web.audit",
    "goldseam_web.accounts",
    "goldseam_web.cases",
    "goldseam_web.outbox",
    "goldseam_web.concerns",
    "goldseam_web.measures",
    "goldseam_web.alerts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
]

MIDDLEWARE = [
    "goldseam_web.config.middleware.NoNews",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "goldseam_web.config.middleware.WellFormed",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "goldseam_web.config.middleware.PrivatePages",
    "goldseam_web.config.middleware.ClientsPages",
    "goldseam_web.config.open_pages.OpenPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "goldseam_web.config.middleware.HeadWritesNothing",
    "goldseam_web.config.middleware.AutomaticLogoff",
    "goldseam_web.config.middleware.SecondFactor",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "goldseam_web.config.urls"
WSGI_APPLICATION = "goldseam_web.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Every form says for whom it was made.
            "builtins": ["goldseam_web.templatetags.owned_forms"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "goldseam_web.config.context.install",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------

DATABASES = {
    "default": env.db_url("GOLDSEAM_DATABASE", default=f"sqlite:///{GOLDSEAM_DATA}/goldseam.sqlite3")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # SQLite gives its further files the rights of the first; made before ours were the rule, it may be anybody's.
    _file = str(DATABASES["default"]["NAME"])
    close_to_others(*(Path(f"{_file}{ending}") for ending in ("", "-wal", "-shm", "-journal")))
    # IMMEDIATE: in the default mode most concurrent read-then-write transactions fail as "locked".
    # FULL: once a client was told "saved", the answer must survive a power cut.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
# Kept between requests, each by its thread: making one anew takes longer than most of our statements.
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Only what asks to be prepared is (lib/prepared.py); Django's own statements never do.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("prepare_threshold", 0)
# Whether a server is still there; a file is.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = DATABASES["default"]["ENGINE"] != "django.db.backends.sqlite3"

# --- Who may come in ------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {
        "NAME": "django.contrib.auth.password_validation.CommonPasswordValidator",
        # Django's own list ends where ours begins: shorter ones are refused for their length.
        "OPTIONS": {"password_list_path": PACKAGE / "accounts" / "used_passwords.txt.gz"},
    },
    {"NAME": "goldseam_web.accounts.passwords.NotAboutYouValidator"},
    {"NAME": "goldseam_web.accounts.passwords.HardToGuessValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "goldseam_web.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "goldseam_web.accounts.forms.SignInForm",
    "reset_password": "goldseam_web.accounts.forms.ForgottenPasswordForm",
    "reset_password_from_key": "goldseam_web.accounts.forms.NewPasswordForm",
    "change_password": "goldseam_web.accounts.forms.ChangePasswordForm",
    "reauthenticate": "goldseam_web.accounts.forms.ConfirmPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an administrator, not the public, enters the addresses
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True  # the age of the session is ours to decide, not a tick box
ACCOUNT_REAUTHENTICATION_REQUIRED = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # long enough to find the phone and scan the code after signing in
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"
# Locking out after wrong passwords is the work of axes, which counts in the database for all processes.
# A limit by person alone would let anybody keep them out.
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "60/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if GOLDSEAM_BEHIND_PROXY else 0

MFA_ADAPTER = "goldseam_web.accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True  # a passkey that asks for a fingerprint or PIN is two factors in one
MFA_TOTP_ISSUER = "Goldseam"
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "goldseam_web.accounts.forms.CodeForm",
    "reauthenticate": "goldseam_web.accounts.forms.ConfirmCodeForm",
    "activate_totp": "goldseam_web.accounts.forms.ActivateTotpForm",
    "add_webauthn": "goldseam_web.accounts.forms.AddPasskeyForm",
    "authenticate_webauthn": "goldseam_web.accounts.forms.PasskeyForm",
    "login_webauthn": "goldseam_web.accounts.forms.PasskeySignInForm",
    "reauthenticate_webauthn": "goldseam_web.accounts.forms.ConfirmPasskeyForm",
}
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are entered by an administrator and not verified by mail

AXES_HANDLER = "goldseam_web.accounts.lockout.GrowingPause"  # how many and how long
AXES_FAILURE_LIMIT = 1
AXES_COOLOFF_TIME = timedelta(days=1)  # how long wrong passwords are remembered
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_USERNAME_CALLABLE = "goldseam_web.accounts.lockout.sign_in_name"
AXES_CLIENT_IP_CALLABLE = "goldseam_web.accounts.lockout.client_address"
AXES_DISABLE_ACCESS_LOG = True  # signing in is in the audit trail
AXES_VERBOSE = False

# --- Cookies, transport, what a page may load -----------------------------------------------------

ALLOWED_HOSTS = [host_of(GOLDSEAM_BASE_URL), *LOOPBACK_NAMES, *words("GOLDSEAM_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [origin_of(GOLDSEAM_BASE_URL)]
CSRF_FAILURE_VIEW = "goldseam_web.accounts.views.csrf_failure"
# Browsers take a cookie of this prefix from this host alone, and only over https.
_COOKIE_PREFIX = "__Host-" if _HTTPS else ""
SESSION_ENGINE = "goldseam_web.accounts.sessions"
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}goldseam_session"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrftoken"
GOLDSEAM_DEVICE_COOKIE = f"{_COOKIE_PREFIX}goldseam_device"
GOLDSEAM_POLL_COOKIE = f"{_COOKIE_PREFIX}goldseam_poll"
# Clients' are of one link's path, which that prefix forbids; this one asks for https.
GOLDSEAM_PHONE_COOKIE = f"{'__Secure-' if _HTTPS else ''}goldseam_phone"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
SECURE_SSL_REDIRECT = _HTTPS and GOLDSEAM_BEHIND_PROXY
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if GOLDSEAM_BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
# Not "no-referrer": browsers then send "Origin: null" with every form, which the CSRF check refuses, signing in
# included. Client pages, whose address is a key, set "no-referrer" themselves.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024  # the longest form here is a few kilobytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = GOLDSEAM_DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = DEBUG

# --- Mail -----------------------------------------------------------------------------------------

GOLDSEAM_MAIL_CONFIGURED = "GOLDSEAM_EMAIL_URL" in env.ENVIRON or "GOLDSEAM_EMAIL_URL_FILE" in env.ENVIRON
GOLDSEAM_OUTBOX = GOLDSEAM_DATA / "outbox"
if GOLDSEAM_MAIL_CONFIGURED:
    _mail = env.email_url("GOLDSEAM_EMAIL_URL")
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
elif GOLDSEAM_DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = GOLDSEAM_OUTBOX
elif DEBUG:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
else:
    # A local mail server, if there is one; otherwise sending fails and `check` says why.
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("GOLDSEAM_EMAIL_FROM", default=f"no-reply@{host_of(GOLDSEAM_BASE_URL)}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Language, time, logs -------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
LOGGING = logging_config(
    style=env.str("GOLDSEAM_LOG", default="console"), level=env.str("GOLDSEAM_LOG_LEVEL", default="INFO")
)
