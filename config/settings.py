"""All settings, read once at start. Generated page: docs/operator/settings.md."""

import secrets
import socket
from pathlib import Path

from config.readers import (
    SettingError,
    in_force,
    read_bool,
    read_data_folder,
    read_database,
    read_int,
    read_list,
    read_networks,
    read_path,
    read_replica,
    read_text,
)

BASE = Path(__file__).resolve().parent.parent

DATA = read_data_folder()
SECRET_FILE = read_path(
    "YIDANG_SECRET_FILE",
    str(DATA / "keys" / "secret"),
    "File with the secret that signs sessions; made on first start.",
)


def _secret(path: Path) -> str:
    """The installation's secret; two processes that start together agree on one, because the file is made exclusively."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x", encoding="ascii") as made:
            path.chmod(0o600)
            made.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    value = path.read_text(encoding="ascii").strip()
    if len(value) < 40:
        raise SettingError(
            "YIDANG_SECRET_FILE", f"{path} holds fewer than 40 characters; remove it to have a new one made."
        )
    return value


SECRET_KEY = _secret(SECRET_FILE)
DEBUG = False
ALLOWED_HOSTS = read_list("YIDANG_HOSTS", "*", "Host names that the program answers to; * for any.")
HTTPS = read_bool(
    "YIDANG_HTTPS", False, "The program is reached over HTTPS: cookies are marked Secure and named __Host-."
)
CSRF_TRUSTED_ORIGINS = read_list(
    "YIDANG_TRUSTED_ORIGINS", "", "Origins trusted for forms behind a proxy, e.g. https://archive.hospital."
)
SM2 = read_bool(
    "YIDANG_SM2",
    False,
    "Sign checkpoints of the log and receipts with SM2 (GB/T 32918) beside Ed25519.",
)
BEHIND_PROXY = read_bool(
    "YIDANG_BEHIND_PROXY", False, "Take the caller's address from X-Forwarded-For of the nearest proxy."
)
FILING_ORIGINS = read_list(
    "YIDANG_FILING_ORIGINS",
    "",
    "Origins of pages (the OA) that may file with the button from a browser, e.g. http://oa.hospital:8080.",
)
HOSPITAL_NAME = read_text(
    "YIDANG_HOSPITAL_NAME", "仁和医院", "The hospital's name, shown in the header and on watermarks."
)
TIME_ZONE = read_text("YIDANG_TIME_ZONE", "Asia/Shanghai", "The time zone of pages and due dates.")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "yidang.common",
    "yidang.ui",
    "yidang.audit",
    "yidang.people",
    "yidang.jobs",
    "yidang.permissions",
    "yidang.approval",
    "yidang.vault",
    "yidang.catalogue",
    "yidang.search",
    "yidang.digitisation",
    "yidang.access",
    "yidang.oversight",
    "yidang.intake",
    "yidang.continuity",
    "yidang.upkeep",
    "yidang.desk",
    "yidang.demo",
    "yidang.commands",
]
INSTALLED_APPS = [
    app
    for app in INSTALLED_APPS
    if not app.startswith("yidang.") or (BASE / app.replace(".", "/") / "__init__.py").exists()
]

DATABASES = {
    "default": read_database(
        "YIDANG_DATABASE",
        DATA / "database" / "yidang.sqlite3",
        "Database address; SQLite in the data folder by default.",
    )
}

DATABASE_POOL = read_int(
    "YIDANG_DATABASE_POOL",
    0,
    "Most connections of one process to PostgreSQL, shared by its threads; 0 gives each thread one of its own.",
)
if DATABASE_POOL and DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # Django's persistent connections and the pool exclude each other; the pool checks a connection before it lends it.
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": min(2, DATABASE_POOL), "max_size": DATABASE_POOL, "timeout": 30}},
    }
if read_bool(
    "YIDANG_DATABASE_BOUNCER",
    False,
    "PostgreSQL is reached through a pooler by transaction, such as PgBouncer: no cursors outlive a transaction.",
):
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True

DATABASE_REPLICA_SECONDS = read_int(
    "YIDANG_DATABASE_REPLICA_SECONDS",
    5,
    "Seconds by which the replica may be behind; where it is more, the database itself answers lists and counts.",
    least=1,
)
_REPLICA = read_replica(
    "YIDANG_DATABASE_REPLICA",
    DATABASES["default"],
    "Address of a streaming replica of PostgreSQL that is asked for lists and counts; empty for none.",
)
if _REPLICA:
    DATABASES["replica"] = _REPLICA
    DATABASE_ROUTERS = ["yidang.common.db.replica.Router"]

SITES = read_list(
    "YIDANG_SITES",
    "",
    "The vault's sites as name=folder or name=s3://bucket/prefix?endpoint=…, comma-separated; two folders by default.",
)
MACHINE = (
    read_text("YIDANG_MACHINE", "", "The name of this machine among those of one archive; its host name when left out.")
    or socket.gethostname()
)[:60]
ROLE = read_text("YIDANG_ROLE", "both", "What this machine does: web (pages and API), worker (later work) or both.")
if ROLE not in {"web", "worker", "both"}:
    raise SettingError("YIDANG_ROLE", f"«{ROLE}» is not a role; use web, worker or both.")
SHARED = read_text(
    "YIDANG_SHARED",
    "",
    "What several machines share beside the vault: a folder that all mount, or s3://bucket/prefix?endpoint=…; empty for one machine.",
)
DRAIN_SECONDS = read_int(
    "YIDANG_DRAIN_SECONDS", 0, "Seconds between saying at /readyz that this machine ends and taking no more questions."
)
SCRUB_DAYS = read_int("YIDANG_SCRUB_DAYS", 30, "Days within which every kept byte is read again.", least=1)
LOG_NAME = read_text(
    "YIDANG_LOG_NAME",
    "",
    "The name of this archive's log in its checkpoints, e.g. archive.hospital.cn/log; made from its key when left out.",
)
LOG_CLASS = read_text("YIDANG_LOG_CLASS", "WS·XZ", "The class under which each ended year of the audit log is filed.")
WITNESSES = read_list(
    "YIDANG_WITNESSES",
    "",
    "Who keeps the log's checkpoints, as name=folder or name=https://…/api/v1/audit/witness;key-of-the-witness.",
)
FLUSH = read_text("YIDANG_FLUSH", "auto", "How bytes are flushed: each, group (one syncfs) or auto (probe).")
BACKUP = read_text(
    "YIDANG_BACKUP",
    "",
    "Where backups are kept: a folder on another disk or machine, or an address that restic knows, e.g. s3:…",
)
BACKUP_MINUTES = read_int(
    "YIDANG_BACKUP_MINUTES", 15, "How old the restore point may be, in minutes; a backup begins early enough.", least=5
)
BACKUP_PASSPHRASE_FILE = read_path(
    "YIDANG_BACKUP_PASSPHRASE_FILE",
    str(DATA / "keys" / "backup.passphrase"),
    "File with the passphrase of the backups; made with the first one. Keep it on paper elsewhere.",
)
BACKUP_CREDENTIALS = read_path(
    "YIDANG_BACKUP_CREDENTIALS",
    str(DATA / "keys" / "backup-access.json"),
    "File with what opens the place for backups: access_key and secret_key, or ssh_key and known_hosts, as JSON.",
)
BACKUP_OFFSITE = read_text(
    "YIDANG_BACKUP_OFFSITE", "", "Which copy stands in another building, in words; shown as declared, not measured."
)
BACKUP_OFFLINE = read_text(
    "YIDANG_BACKUP_OFFLINE", "", "Which copy is offline or cannot be overwritten, in words; shown as declared."
)
DRILL_DAYS = read_int("YIDANG_DRILL_DAYS", 1, "Days between two drills, which begin at night; 0 for none.")
DRILL_FOLDER = read_text("YIDANG_DRILL_FOLDER", "", "Where a drill restores aside; the data folder's cache by default.")
CLAMD = read_text(
    "YIDANG_CLAMD",
    "",
    "Address of ClamAV: unix:/run/clamav/clamd.ctl or tcp:host:3310; empty looks in the usual places.",
)
MAX_FILE_MIB = read_int("YIDANG_MAX_FILE_MIB", 4096, "Largest file that the door takes, in MiB.", least=1)
MAX_FILES = read_int("YIDANG_MAX_FILES", 2000, "Most files in one submission.", least=1)
SESSION_IDLE_MINUTES = read_int(
    "YIDANG_SESSION_IDLE_MINUTES", 15, "Minutes without use after which a session ends.", least=1
)
SESSION_HOURS = read_int("YIDANG_SESSION_HOURS", 12, "Hours after which a session ends in any case.", least=1)
THREADS = read_int("YIDANG_THREADS", 32, "Threads of the web process.", least=4)
COSTLY_PER_MINUTE = read_int(
    "YIDANG_COSTLY_PER_MINUTE",
    120,
    "Searches a minute that one person may make; a tenth as many exports, a quarter as many recognitions. 0 for no limit.",
)
TODO_WEBHOOK = read_text(
    "YIDANG_TODO_WEBHOOK",
    "",
    "Where waiting signatures are told: the hospital's to-do list, https://…; empty for none.",
)
IDENTITY_CHECK = read_text(
    "YIDANG_IDENTITY_CHECK",
    "",
    "Where the counter asks whether a name and the number of an identity card belong together, https://…; empty for none.",
)
ADDRESS = read_text(
    "YIDANG_ADDRESS", "http://127.0.0.1:8000", "The address that people open this archive at, for links sent elsewhere."
)
PASSWORD_MAX_AGE_DAYS = read_int(
    "YIDANG_PASSWORD_MAX_AGE_DAYS", 90, "Days after which a password must be changed; 0 for never."
)

LOG_LEVEL = read_text(
    "YIDANG_LOG_LEVEL", "INFO", "What the program's log tells: DEBUG, INFO, WARNING or ERROR."
).upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    raise SettingError("YIDANG_LOG_LEVEL", f"«{LOG_LEVEL}» is not a level; use DEBUG, INFO, WARNING or ERROR.")
LOG_MIB = read_int("YIDANG_LOG_MIB", 60, "Room for the log files of each process in DATA/log, in MiB.", least=1)

SLOW_STATEMENT_MS = read_int(
    "YIDANG_SLOW_STATEMENT_MS",
    500,
    "Milliseconds from which a question to the database is told as slow in the log and on the health page.",
    least=1,
)
METRICS_FROM = read_networks(
    "YIDANG_METRICS_FROM",
    "127.0.0.1, ::1",
    "Addresses or networks that may read /metrics without the token; «none» for nobody.",
)
METRICS_TOKEN_FILE = read_text(
    "YIDANG_METRICS_TOKEN_FILE",
    "",
    "File with the token that a monitor sends to /metrics as «Authorization: Bearer …»; empty for no token.",
)
CERTIFICATE = read_text(
    "YIDANG_CERTIFICATE",
    "",
    "The certificate that the reverse proxy shows (PEM), so that its end is told before it comes; empty for none.",
)

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]

MIDDLEWARE = [
    "yidang.ui.request_log.RequestLogMiddleware",
    "yidang.ui.security.SecurityHeadersMiddleware",
    "yidang.intake.cors.FilingOriginsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yidang.ui.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "yidang.ui.standstill.StandstillMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "yidang.people.middleware.ActorMiddleware",
    "yidang.people.fairness.FairnessMiddleware",
    "yidang.people.trail.TrailMiddleware",
    "yidang.ui.errors.ErrorMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "yidang.ui.context.shell",
            ],
        },
    }
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
LANGUAGE_COOKIE_NAME = "yidang_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "cache" / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_NAME = "__Host-yidang" if HTTPS else "yidang_session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = SESSION_HOURS * 3600
CSRF_COOKIE_NAME = "__Host-yidang_csrf" if HTTPS else "yidang_csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = False
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "yidang.ui.errors.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None

DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = None  # counted by intake against MAX_FILES, with a sentence instead of a bare 400
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = DATA / "quarantine" / "upload"
APPEND_SLASH = False

YIDANG_LANGUAGE_HOOK = "yidang.people.actions.remember_language"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

SEARCH_BACKEND = "yidang.search.embedded.Embedded"  # the engine: see yidang/search/backend.py

# The rail of the interface: each callable takes an actor and returns the items that this person may use.
YIDANG_NAVIGATION = [
    "yidang.desk.navigation.items",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # Requests go to the files under log/ alone, see yidang.common.program_log.
    "loggers": {"yidang": {"level": LOG_LEVEL}, "yidang.requests": {"propagate": False}},
}

for _folder in ("database", "vault", "index", "quarantine/upload", "derived", "cache", "keys", "log"):
    (DATA / _folder).mkdir(parents=True, exist_ok=True)

# Every setting as it was given, for the support bundle, which tells most of them only as «set».
SETTINGS_GIVEN = in_force()
