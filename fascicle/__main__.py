"""The program's door: `fascicle`, or `python -m fascicle`."""

import gc

# Hundreds of modules are read and none of them becomes garbage: looking for some costs a tenth of the start.
gc.disable()

from fascicle.cli import main  # noqa: E402

gc.enable()
gc.freeze()

if __name__ == "__main__":
    main()
