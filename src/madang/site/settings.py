"""Django settings. Everything comes from the environment, and every default is safe for one machine.

| variable | meaning | default |
|---|---|---|
| MADANG_DATA | the one folder with database, files, keys and caches | ./var |
| MADANG_DATABASE_URL | `sqlite:///path` or `postgresql://user:password@host:port/name` | SQLite in MADANG_DATA |
| MADANG_FILES_URL | where files lie: `s3://KEY:SECRET@host:port/bucket/prefix?region=…&tls=0` | MADANG_DATA/files |
| MADANG_CLAMAV | ClamAV's clamd for what is handed in: `host:port` or `unix:/path` | none |
| MADANG_HOSTS | host names that this site answers to, separated by commas | 127.0.0.1, localhost |
| MADANG_HTTPS | readers come over https: secure cookies, HSTS | off |
| MADANG_PROXIES | the operator's own proxies: addresses, networks, or `unix` for a socket file | this machine |
| MADANG_CLIENT_HEADER | the header by which such a proxy tells the reader's address (X-Real-IP) | none |
| MADANG_ARRIVAL_HEADER | the header by which such a proxy tells when the request came to it (X-Request-Start) | none |
| MADANG_WEB_THREADS | pages and forms that one web process works on at once | 2 on SQLite, 4 on PostgreSQL |
| MADANG_WEB_WRITERS | of these, how many may be forms | 1 on SQLite, else all |
| MADANG_WEB_WRITES_PER_MINUTE | what one signed-in person may send to one web process | 600 |
| MADANG_DEBUG | Django's debug pages and unhashed static files; never in public | off |
| MADANG_OPERATOR_IS_GOVERNMENT | show the line "official site of the Korean government" | off |
| MADANG_SOURCE_ADDRESS | where this installation's source code can be had, for the footer | none |
| MADANG_SITE_ADDRESS | the address that links in mails begin with | http://127.0.0.1:8000 |
| MADANG_MAIL_URL | `smtp://user:password@host:port` (smtps, smtp+tls), `file:`, `console:`, `django:CLASS` | file: |
| MADANG_MAIL_FROM | the sender of mails | Madang <madang@localhost> |
| MADANG_MAIL_RETURN | the address to which mail servers send back what they cannot deliver | the sender |
| MADANG_MAIL_BOUNCES | a Maildir with what comes back, read by the worker | none |
| MADANG_MAIL_HELD | templates whose mails the office releases, separated by commas (`alert,draft-reminder`) | none |
| MADANG_OIDC_ISSUER | single sign-on by OpenID Connect: the issuer's address | none |
| MADANG_OIDC_CLIENT_ID, MADANG_OIDC_CLIENT_SECRET | this site's name and secret at the issuer | none |
| MADANG_OIDC_NAME | the issuer's name on the button | its host name |
| MADANG_TRANSLATOR_URL, MADANG_TRANSLATOR_KEY | a LibreTranslate service for machine translations | none |
| MADANG_DEMO | the sample installation: signs in sample people, shows its own mail; never in public | off |
"""

import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from madang.kernel import keys
from madang.kernel.datadir import data_dir, private
from madang.site.environment import (
    database,
    file_store,
    flag,
    mail,
    number,
    oidc,
    scanner,
    sso_origins,
    translator,
    words,
)
from madang.web.door.proxies import LOCAL

PACKAGE = Path(__file__).resolve().parent.parent
DATA = data_dir()

DEBUG = flag("MADANG_DEBUG")
HTTPS = flag("MADANG_HTTPS")
OPERATOR_IS_GOVERNMENT = flag("MADANG_OPERATOR_IS_GOVERNMENT")
SOURCE_ADDRESS = os.environ.get("MADANG_SOURCE_ADDRESS", "")
ALLOWED_HOSTS = words("MADANG_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
SECRET_KEY, *SECRET_KEY_FALLBACKS = keys.secrets_of("secret-key")  # replaced by `madang rotate-keys`

ROOT_URLCONF = "madang.site.urls"
ASGI_APPLICATION = "madang.site.asgi.application"

SITE_ADDRESS = os.environ.get("MADANG_SITE_ADDRESS", "").rstrip("/") or "http://127.0.0.1:8000"
DEMO = flag("MADANG_DEMO")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "madang.kernel",
    "madang.apps.accounts",
    "madang.apps.directory",
    "madang.apps.calls",
    "madang.apps.outbox",
    "madang.apps.enquiries",
    "madang.apps.applications",
    "madang.apps.review",
    "madang.apps.decisions",
    "madang.web",
    "madang.site",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "madang.web.middleware.PermissionsPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "madang.web.middleware.Person",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "madang.web.middleware.Refusals",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "web" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "madang.web.context.shell",
            ],
        },
    },
]

# --- People ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["madang.web.account.backend.Backend"]
PASSWORD_HASHERS = ["madang.kernel.passwords.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account:home"
LOGOUT_REDIRECT_URL = "public:home"
SESSION_ENGINE = "madang.kernel.sessions"
SESSION_COOKIE_NAME = "madang-session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Whose attempts are counted: the address of the request. The door has put the one there that a proxy of the operator's
# told (`web/door/proxies.py`), and has taken the headers of everybody else away.
PROXIES = words("MADANG_PROXIES", default=list(LOCAL))
CLIENT_HEADER = os.environ.get("MADANG_CLIENT_HEADER", "")
ARRIVAL_HEADER = os.environ.get("MADANG_ARRIVAL_HEADER", "")

# allauth: one door, an address and a code; a password for those who have set one (ADR 13).
CODE = {"numeric": True, "length": 8, "dashed": True}  # digits: they are typed on every keyboard, whatever its script
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = CODE
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = CODE
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_CODE_FORMAT = CODE
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_USER_DISPLAY = "madang.web.account.adapter.shown"
ACCOUNT_ADAPTER = "madang.web.account.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "madang.web.account.forms.SignIn",
    "reset_password": "madang.web.account.forms.ForgottenPassword",
    "confirm_login_code": "madang.web.account.forms.SignInCode",
    "confirm_password_reset_code": "madang.web.account.forms.PasswordCode",
}
# For one address of a mailbox (`key`) tight, for one address of a network wide: a city hall, a university or a whole
# provider may stand behind one, and everybody files on the same afternoon. Three hundred may sign up and sign in within
# a minute; what such an address may have sent to mailboxes is bounded by the hour too.
ACCOUNT_RATE_LIMITS = {
    "login": "1000/m/ip",
    "login_failed": "300/m/ip,5/5m/key",
    "request_login_code": "1000/m/ip,3000/h/ip,3/m/key,20/h/key",
    "signup": "1000/m/ip",
    "reset_password": "300/m/ip,3/m/key,20/h/key",
    "reset_password_from_key": "300/m/ip",
    "confirm_email": "1/10s/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "ask_for_paper": "30/h/user",  # each sends a mail to whatever address
    "hand_over_paper": "120/h/key",  # of one link
}
SOCIALACCOUNT_ADAPTER = "madang.web.account.adapter.SocialAccountAdapter"
SOCIALACCOUNT_PROVIDERS = oidc()
SOCIALACCOUNT_AUTO_SIGNUP = False  # name, language and consents are asked first
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # one issuer, the operator's own: what it has verified is believed
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_FORMS = {"signup": "madang.web.account.forms.SignUpBySso"}
MFA_ADAPTER = "madang.web.account.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Madang"
MFA_TOTP_TOLERANCE = 1
MFA_RATE_LIMITS = {"webauthn_login": "1000/m/ip"}
USERSESSIONS_TRACK_ACTIVITY = True

# The versions of the texts that people consent to. A changed text gets a new version, and is asked for again.
CONSENT_VERSIONS = {"terms": "2026-12", "privacy": "2026-12", "news": "2026-12"}

# --- Mail -----------------------------------------------------------------------------------------------------------

# Mail goes through the outbox (`madang.kernel.mail`); the worker sends it by this.
MAIL = mail(os.environ.get("MADANG_MAIL_URL", ""), DATA)
EMAIL_BACKEND = MAIL.pop("EMAIL_BACKEND")
globals().update(MAIL)
DEFAULT_FROM_EMAIL = os.environ.get("MADANG_MAIL_FROM", "") or "Madang <madang@localhost>"
MAIL_DOMAIN = DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >") or "localhost"
MAIL_RETURN = os.environ.get("MADANG_MAIL_RETURN", "")
MAIL_BOUNCES = os.environ.get("MADANG_MAIL_BOUNCES", "")
MAIL_HELD = frozenset(words("MADANG_MAIL_HELD", default=[]))
MAIL_PER_CONNECTION = 100  # servers commonly end a connection after some hundred

# --- Machine translation ----------------------------------------------------------------------------------------------

TRANSLATOR_URL = translator(os.environ.get("MADANG_TRANSLATOR_URL", ""))
TRANSLATOR_KEY = os.environ.get("MADANG_TRANSLATOR_KEY", "")

# --- Data -----------------------------------------------------------------------------------------------------------

DATABASES = {"default": database(os.environ.get("MADANG_DATABASE_URL", ""), DATA)}
CACHES = {"default": {"BACKEND": "madang.kernel.counters.Counters", "LOCATION": DATA / "cache" / "counters.sqlite3"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

MEDIA_ROOT = DATA / "files"  # served by views that ask who may read, never by address
file_store(os.environ.get("MADANG_FILES_URL", ""))
scanner(os.environ.get("MADANG_CLAMAV", ""))
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # a form without its files
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # above this a file goes to disk while it arrives
FILE_UPLOAD_TEMP_DIR = private(DATA / "cache" / "uploads")  # not /tmp, which may be memory, and which nobody watches
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Places in a web process (web/door/plan.py) --------------------------------------------------------------------

ON_SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
WEB_THREADS = number("MADANG_WEB_THREADS", default=2 if ON_SQLITE else 4, most=64)
WEB_WRITERS = min(WEB_THREADS, number("MADANG_WEB_WRITERS", default=1 if ON_SQLITE else WEB_THREADS, most=64))
WEB_WRITES_PER_MINUTE = number("MADANG_WEB_WRITES_PER_MINUTE", default=600, most=1_000_000)

# --- Languages and time ---------------------------------------------------------------------------------------------

# Messages are written in English in the source; Korean is the default of the house. A reader's choice is a cookie,
# so the same address serves both languages.
LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", _("Korean")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "madang-language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Seoul"

# --- Browser files --------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "cache" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage",
    },
}

# --- Safety ---------------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": [
            "'self'",
            *sso_origins(),
        ],  # a form that leads to single sign-on is followed by a redirect there
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_NAME = "madang-csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "madang.web.public.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [f"https://{host.removeprefix('.')}" for host in ALLOWED_HOSTS if host != "*"] if HTTPS else []
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"without_secrets": {"()": "madang.site.logs.WithoutSecrets"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "without_secrets"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
