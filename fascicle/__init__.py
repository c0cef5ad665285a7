"""Fascicle releases serials chapter by chapter: on their date, into feeds and inboxes."""

import sys
from pathlib import Path

# In a wheel the sibling packages (db, feeds, …) live below this one, so that such general names do not land in
# site-packages; in a checkout they are found beside it and this folder does not exist.
_root = Path(__file__).parent / "_root"
if _root.is_dir() and str(_root) not in sys.path:
    sys.path.insert(0, str(_root))

__version__ = "0.1.0"
