"""Lint: what an operator would want to be told of a plan before readers see it. Changes nothing."""

from scheduler.lint.read import read_books
from scheduler.lint.registry import RULES, check_rule_ids, lint, rule_named
from scheduler.lint.values import Book, Chapter, Finding, Severity

__all__ = ["RULES", "Book", "Chapter", "Finding", "Severity", "check_rule_ids", "lint", "read_books", "rule_named"]
