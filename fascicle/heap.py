"""What the interpreter's collector looks at while the program works."""

import gc


def settle() -> None:
    """Take all that is there now out of the collector's later looks: a program that is set up keeps it until its end.

    A look over everything holds up every thread for a tenth of a second, and so whoever waits for the store where it
    falls into the middle of a write.
    """
    gc.collect()
    gc.freeze()
