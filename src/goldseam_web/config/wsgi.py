"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

from goldseam_web.lib.file_rights import OTHERS

os.umask(OTHERS)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldseam_web.config.settings")
application = get_wsgi_application()
