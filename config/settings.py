"""Settings of one house, read from the environment; the defaults are a safe machine on loopback.

Three databases on purpose (docs/privacy.md): `default` holds the threads under their keys, `keys` the wrapped keys,
`door` the letters on their way in and the answers on their way out. `street` is the same database as `door`, seen
with the few rights the public side has.
"""

import os
import secrets
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("BROBYGGER_VAR", BASE_DIR / "var" / "house"))

DEMO = os.environ.get("BROBYGGER_DEMO") == "1"
TESTING = os.environ.get("BROBYGGER_TESTING") == "1"
DEBUG = False

#: Which half of the house this process is: all of it, the public door, or the staff side.
SIDE = os.environ.get("BROBYGGER_SIDE", "all")

SECRET_KEY = os.environ.get("BROBYGGER_SECRET_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = os.environ.get("BROBYGGER_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("BROBYGGER_ORIGINS", "").split(",") if origin]
#: Where families come, for a link that is printed or sent: "https://…"; empty where it is where this page stands.
DOOR_ADDRESS = os.environ.get("BROBYGGER_DOOR_ADDRESS", "")

# Where the secrets lie: three places, so that a copy of any one is worthless.
MASTER_KEY_FILE = Path(os.environ.get("BROBYGGER_MASTER_KEY_FILE", VAR / "secret" / "master.key"))
KEY_RING_FILE = Path(os.environ.get("BROBYGGER_KEY_RING_FILE", VAR / "ring" / "ring.json"))
DOOR_KEYS_FILE = Path(os.environ.get("BROBYGGER_DOOR_KEYS_FILE", VAR / "door" / "public-keys.json"))
#: Where copies are put, and the public keys they are sealed to. Two places on purpose: whoever finds one has nothing.
BACKUP_DIRS = {
    kind: Path(os.environ.get(f"BROBYGGER_BACKUP_{kind.upper()}_DIR", VAR / "backups" / kind))
    for kind in ("content", "keys")
}
BACKUP_PUBLIC_FILE = Path(os.environ.get("BROBYGGER_BACKUP_PUBLIC_FILE", VAR / "backups" / "public-keys.json"))
#: Seals form tokens; lives in memory and is shared by the worker processes of one server only.
FORM_SECRET = bytes.fromhex(os.environ.get("BROBYGGER_FORM_SECRET") or secrets.token_hex(32))
#: How dear one guess at a return key is (privacy.seal.KDF). 0 is for tests alone.
KDF_VERSION = int(os.environ.get("BROBYGGER_KDF_VERSION", "0" if TESTING else "1"))
#: A clock set by hand, for the demo and the journeys; never in a real house.
CLOCK = os.environ.get("BROBYGGER_CLOCK", "") if (DEMO or TESTING) else ""
#: From when opening courses is unusual (brobygger.today.rules.Limits): BROBYGGER_UNUSUAL="courses=8,night_from=22".
UNUSUAL = {
    name: int(value)
    for name, value in (each.split("=") for each in os.environ.get("BROBYGGER_UNUSUAL", "").split(",") if each)
}
#: A folder with this house's own law.toml, contacts.csv, kommuner.csv or regions.csv for the notification guide.
GUIDE = os.environ.get("BROBYGGER_GUIDE", "")

#: How many years a weighing of our own duty to notify is kept (as psychologists' records: BEK 567/2017 § 6).
DUTY_KEPT_YEARS = int(os.environ.get("BROBYGGER_DUTY_KEPT_YEARS", "5"))

_EVERYBODY = [
    "django.contrib.staticfiles",
    "template_partials.apps.SimpleAppConfig",
    "config",
    "brobygger.ground",
    "brobygger.privacy",
    "brobygger.catalogue",
    "brobygger.content",
    "brobygger.door",
]
_STAFF = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django_htmx",
    # Before allauth, so that its pages are ours.
    "brobygger.access",
    "allauth",
    "brobygger.access.apps.Accounts",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "brobygger.backups",
    "brobygger.threads",
    "brobygger.outbox",
    "brobygger.appointments",
    "brobygger.intake",
    "brobygger.consents",
    "brobygger.casework",
    "brobygger.groups",
    "brobygger.calendars",
    "brobygger.placement",
    "brobygger.outcomes",
    "brobygger.rights",
    "brobygger.reports",
    "brobygger.today",
]
INSTALLED_APPS = _EVERYBODY if SIDE == "door" else [*_STAFF, *_EVERYBODY]

_PUBLIC_MIDDLEWARE = [
    "brobygger.ground.middleware.Headers",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
]
_STAFF_MIDDLEWARE = [
    "brobygger.access.middleware.StaffOnly",
]
MIDDLEWARE = _PUBLIC_MIDDLEWARE if SIDE == "door" else [*_PUBLIC_MIDDLEWARE, *_STAFF_MIDDLEWARE]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

_LOADERS = [
    (
        "template_partials.loader.Loader",
        [
            (
                "django.template.loaders.cached.Loader",
                ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
            )
        ],
    )
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": _LOADERS,
            "builtins": ["template_partials.templatetags.partials", "brobygger.ground.templatetags.house"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "brobygger.catalogue.context.house",
                *(
                    []
                    if SIDE == "door"
                    else [
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                        "brobygger.access.guards.viewer",
                    ]
                ),
            ],
        },
    }
]
FORM_RENDERER = "brobygger.ground.forms.HouseRenderer"

_SQLITE: dict[str, Any] = {
    "ENGINE": "brobygger.ground.sqlite",
    "CONN_MAX_AGE": 600,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA mmap_size=134217728;"
        "PRAGMA journal_size_limit=67108864;PRAGMA cache_size=-20000;PRAGMA temp_store=MEMORY;"
        # What is put in the place of a row deletes it, and is refused where deleting is.
        "PRAGMA secure_delete=ON;PRAGMA recursive_triggers=ON;",
    },
}
DATABASE_KIND = os.environ.get("BROBYGGER_DB", "sqlite")


def _database(alias: str) -> dict[str, Any]:
    """Settings of one of the databases; PostgreSQL by BROBYGGER_PG_<ALIAS>_USER and friends."""
    shared = "door" if alias == "street" else alias
    if DATABASE_KIND == "sqlite":
        (VAR / "data").mkdir(parents=True, exist_ok=True)
        return {**_SQLITE, "NAME": VAR / "data" / f"{shared}.sqlite3"}
    prefix = f"BROBYGGER_PG_{alias.upper()}_"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ.get("BROBYGGER_PG_PREFIX", "brobygger_") + shared,
        "HOST": os.environ.get("BROBYGGER_PG_HOST", ""),
        "PORT": os.environ.get("BROBYGGER_PG_PORT", ""),
        "USER": os.environ.get(prefix + "USER", os.environ.get("BROBYGGER_PG_USER", "brobygger")),
        "PASSWORD": os.environ.get(prefix + "PASSWORD", os.environ.get("BROBYGGER_PG_PASSWORD", "")),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3},
    }


#: The alias through which the public side reads and writes. In-process tests have no second login to use.
STREET = "door" if TESTING and not os.environ.get("BROBYGGER_VAR") else "street"
STREET_RIGHTS = {"door_letter": {"insert"}, "door_box": {"select"}, "door_answer": {"select"}, "door_pulse": {"select"}}
STREET_RIGHTS["door_questions"] = {"select"}
#: The public half alone has the house's texts to read and the street; no keys, and not the keeper's view of the door.
_ALIASES = ["default", STREET] if SIDE == "door" else ["default", "keys", "door", STREET]
DATABASES = {alias: _database(alias) for alias in dict.fromkeys(_ALIASES)}
DATABASE_ROUTERS = ["config.routers.Rooms"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "da"
LANGUAGES = [("da", _("Danish")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
#: In `<key of the house>/` here lie its own shapes of a report, as files (docs/reports.md).
HOUSES = BASE_DIR / "houses"
TIME_ZONE = "Europe/Copenhagen"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("BROBYGGER_STATIC", VAR / "static"))
if TESTING:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.memory.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING and not os.environ.get("BROBYGGER_VAR")
        else "brobygger.ground.lean.LeanStorage"
    },
}
WHITENOISE_MANIFEST_STRICT = False
# Our stylesheet is for our own pages.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# Nothing that is written may touch the disk on its way: no upload handler that spills, and a small body.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
# A letter is at most 10,000 characters; sent by an old phone, each Danish one may take six bytes on the wire.
DATA_UPLOAD_MAX_MEMORY_SIZE = 128 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60

SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
# Set by ground.middleware, on pages alone: on a stylesheet it is only weight.
SECURE_CROSS_ORIGIN_OPENER_POLICY = None
X_FRAME_OPTIONS = "DENY"
BEHIND_TLS = os.environ.get("BROBYGGER_TLS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The staff side alone has cookies, and they do not leave it.
STAFF_PATHS = ["/personale/", "/en/staff/"]
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = STAFF_PATHS[0]
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
#: A sign-in lasts a working day, ends when nobody has done anything for a while, and holds at so many places at once.
SESSION_LONGEST = float(os.environ.get("BROBYGGER_SIGNED_IN_HOURS", "10")) * 3600
SESSION_IDLE = float(os.environ.get("BROBYGGER_IDLE_MINUTES", "30")) * 60
SEATS_AT_ONCE = int(os.environ.get("BROBYGGER_PLACES", "3"))
# Longer than the longest, so that we can still tell whose session is over and keep what they wrote.
SESSION_COOKIE_AGE = int(SESSION_LONGEST) + 2 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
# Browsers do not tell ports apart: two houses on one machine need two names.
SESSION_COOKIE_NAME = os.environ.get("BROBYGGER_COOKIE", "huset")
CSRF_COOKIE_NAME = f"{SESSION_COOKIE_NAME}-form"

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today:front"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "brobygger.access.adapter.AccountAdapter"
MFA_ADAPTER = "brobygger.access.adapter.MfaAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
# Guesses are counted by account and device (access.guessing); by address they are not, since none is kept.
_BY_ADDRESS = ("login", "login_failed", "signup", "reset_password", "reset_password_from_key")
ACCOUNT_RATE_LIMITS = dict.fromkeys(_BY_ADDRESS)
MFA_RATE_LIMITS = {"webauthn_login": None}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# A passkey that asks for a finger, a face or a code is two factors in one, and may come alone.
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_TOTP_ISSUER = "Brobygger"
# A code is good for the half minute before and after its own: clocks differ, and so do thumbs.
MFA_TOTP_TOLERANCE = 1
ACCOUNT_FORMS = {
    "login": "brobygger.access.forms.SignIn",
    "reauthenticate": "brobygger.access.forms.PasswordAgain",
    "change_password": "brobygger.access.forms.NewPassword",
}
MFA_FORMS = {
    "authenticate": "brobygger.access.forms.Code",
    "reauthenticate": "brobygger.access.forms.CodeAgain",
    "activate_totp": "brobygger.access.forms.FirstCode",
    "add_webauthn": "brobygger.access.forms.NewPasskey",
}
#: The municipality's own sign-in (OpenID Connect), for people hired here; off unless it is named. deploy/README.md
OIDC_ISSUER = os.environ.get("BROBYGGER_OIDC_ISSUER", "").rstrip("/")
OIDC_NAME = os.environ.get("BROBYGGER_OIDC_NAME", "Kommunen") if OIDC_ISSUER else ""
#: Levels (`acr`) the municipality gives to a sign-in with two factors, when it does not say so in `amr`.
OIDC_ACR = [level for level in os.environ.get("BROBYGGER_OIDC_ACR", "").split(",") if level]
SOCIALACCOUNT_ADAPTER = "brobygger.access.adapter.MunicipalityAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
# A link and not a form: our pages let no form go to another host. The second step and `state` guard it.
SOCIALACCOUNT_LOGIN_ON_GET = True
_OIDC_APP = {
    "provider_id": "kommune",
    "name": OIDC_NAME,
    "client_id": os.environ.get("BROBYGGER_OIDC_CLIENT", ""),
    "secret": os.environ.get("BROBYGGER_OIDC_SECRET", ""),
    "settings": {"server_url": OIDC_ISSUER, "oauth_pkce_enabled": True},
}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [_OIDC_APP] if OIDC_ISSUER else [], "OAUTH_PKCE_ENABLED": True}}
#: The password of everybody in the demo, shown on its sign-in page; a real house has none.
DEMO_PASSWORD_TEXT = "godt vejr i dag"
DEMO_PASSWORD = DEMO_PASSWORD_TEXT if DEMO else ""

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
# What leaves the house by other people's wires (deploy/README.md). Nothing does until somebody names a wire here.
OUTBOX_SMS = {name: os.environ.get(f"BROBYGGER_SMS_{name.upper()}", "") for name in ("url", "token", "sender")}
OUTBOX_SMTP = {
    name: os.environ.get(f"BROBYGGER_SMTP_{name.upper()}", "")
    for name in ("host", "port", "user", "password", "from", "starttls")
}
_CONSOLE = "brobygger.outbox.channels.Console" if DEMO else ""
#: Channel -> the class that speaks on it.
OUTBOX_CHANNELS = {
    "sms": "brobygger.outbox.channels.HttpGateway" if OUTBOX_SMS["url"] else _CONSOLE,
    "mail": "brobygger.outbox.channels.Smtp" if OUTBOX_SMTP["host"] else _CONSOLE,
}
OUTBOX_CHANNELS = {name: speaks for name, speaks in OUTBOX_CHANNELS.items() if speaks}
#: For how many seconds a message belongs to the worker that began to send it.
OUTBOX_LEASE = int(os.environ.get("BROBYGGER_OUTBOX_LEASE", "300"))
#: What the door offers besides being rung. A door of its own holds no wires: there it is said, as "sms,mail".
CHANNELS_OFFERED = [name for name in os.environ.get("BROBYGGER_CHANNELS", ",".join(OUTBOX_CHANNELS)).split(",") if name]
# No address, no body, no line of a request: what goes wrong is said by type and place alone.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"bare": {"()": "brobygger.ground.logging.Bare"}},
    "formatters": {"plain": {"()": "brobygger.ground.logging.Plain"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "filters": ["bare"], "formatter": "plain"}},
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["out"], "level": "WARNING", "propagate": False}},
}
DEFAULT_EXCEPTION_REPORTER = "brobygger.ground.logging.SilentReporter"
