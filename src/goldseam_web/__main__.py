"""`python -m goldseam_web` is the `goldseam-web` command."""

from goldseam_web.config.cli import main

main()
