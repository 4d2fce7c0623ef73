#!/usr/bin/env python3
from goldseam_web.config.cli import main

main()
