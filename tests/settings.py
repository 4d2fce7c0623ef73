"""The one settings file under test: a throw-away data folder, fast passwords, no built files."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Before the settings are read: what a developer has set in the shell must not steer the tests.
for _name in [name for name in os.environ if name.startswith("GOLDSEAM_") and name != "GOLDSEAM_DATABASE"]:
    del os.environ[_name]
os.umask(0o077)  # as every command does
_folder = Path(tempfile.mkdtemp(prefix="goldseam-tests-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["GOLDSEAM_DATA"] = str(_folder)

from goldseam_web.config.settings import *  # noqa: E402, F403
from goldseam_web.config.settings import DATABASES, STORAGES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    **STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Staff in tests sign in by password alone; the rule itself is tested where it is switched on.
GOLDSEAM_REQUIRE_TOTP = False
LANGUAGE_CODE = "en"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: threads and processes of the race tests each open it as they would in life.
    DATABASES["default"]["TEST"] = {"NAME": _folder / "test.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0
