"""``python -m goldseam``: the same as ``goldseam``."""

from goldseam.cli import main

if __name__ == "__main__":  # a process that helps with draws reads this file, too
    main()
