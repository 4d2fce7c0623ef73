"""What the web server's own processes load when `start` or `demo` runs it: they end with the one that started them.

Killed outright, the server's main process cannot end them, and they would go on serving at its port.
"""

import signal

from goldseam_web.config.wsgi import application
from goldseam_web.management.processes import end_with_parent

__all__ = ["application"]

end_with_parent(signal.SIGKILL)
