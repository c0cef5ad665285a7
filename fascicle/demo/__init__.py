"""The demo: the example series on a fast calendar, with its letters, in a folder of its own."""

from fascicle.demo.report import Report, report
from fascicle.demo.stage import DEMO_BEGIN, DEMO_END, Stage, set_up

__all__ = ["DEMO_BEGIN", "DEMO_END", "Report", "Stage", "report", "set_up"]
