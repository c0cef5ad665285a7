"""Is what is published what it should be? Rules over finished documents, beside what the store says of the posts."""

from feeds.check.finding import Finding, Severity
from feeds.check.kinds import KINDS
from feeds.check.look import check, paths_of
from feeds.check.read_model import read_model

__all__ = ["KINDS", "Finding", "Severity", "check", "paths_of", "read_model"]
