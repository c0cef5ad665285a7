"""YAML in which every scalar is text and every problem knows its line, so that 1.10 stays 1.10."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from db.said import say
from importers.findings import Findings
from importers.records import Cell, Record
from importers.values import Place


@dataclass(frozen=True)
class Source:
    """A piece of YAML, the file it stands in, and the number of lines in that file before it."""

    text: str
    file: str
    lines_before: int = 0

    def line(self, index: int) -> int:
        # YAML counts some characters as line ends that editors do not, so its own line numbers would be off.
        return self.lines_before + self.text.count("\n", 0, index) + 1

    def place(self, node: yaml.Node) -> Place:
        return Place(self.file, self.line(node.start_mark.index))


def mapping(source: Source, findings: Findings) -> Record | None:
    """The record that the text writes; an empty one for empty text; None after a problem was noted."""
    noted, node = _compose(source, findings)
    if noted:
        return None
    if node is None:
        return Record(Place(source.file, source.lines_before + 1), {})
    return _record(node, source, findings=findings)


def mappings(source: Source, findings: Findings) -> Iterator[Record]:
    """The records of a list, without those of which a problem was noted."""
    noted, node = _compose(source, findings)
    if noted:
        return
    if not isinstance(node, yaml.SequenceNode):
        findings.add(Place(source.file, 1), "holds no list; write each post as `- series: …` and its keys below.")
        return
    for item in node.value:
        record = _record(item, source, findings=findings)
        if record is not None:
            yield record


def _compose(source: Source, findings: Findings) -> tuple[bool, yaml.Node | None]:
    try:
        return False, yaml.compose(source.text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = source.line(mark.index) if mark else None
        findings.add(Place(source.file, line), say("is not YAML: %(why)s.", why=error.problem or error.context))
    except yaml.reader.ReaderError as error:
        findings.add(Place(source.file, source.line(error.position)), say("is not YAML: %(why)s.", why=error.reason))
    except (ValueError, OverflowError):  # an escape beyond Unicode, which PyYAML leaves to chr()
        findings.add(
            Place(source.file, source.lines_before + 1), say("is not YAML: an escape stands for no character.")
        )
    except RecursionError:
        findings.add(Place(source.file, source.lines_before + 1), say("is nested too deeply."))
    return True, None


def _record(node: yaml.Node, source: Source, *, findings: Findings) -> Record | None:
    if not isinstance(node, yaml.MappingNode):
        findings.add(source.place(node), say("a line `key: value` belongs here."))
        return None
    cells: dict[str, Cell] = {}
    for key, value in node.value:
        name = _name(key)
        cell = _cell(value, source.place(key).line or 1)
        if name is None or cell is None:
            words = say("`%(name)s` takes a text, or a list of texts, nothing deeper.", name=name or say("a key"))
            findings.add(source.place(key), words)
        elif name in cells:
            findings.add(
                source.place(key),
                say("`%(name)s` is given twice, first on line %(line)s.", name=name, line=cells[name].line),
            )
        else:
            cells[name] = cell
    return Record(source.place(node), cells)


def _name(node: yaml.Node) -> str | None:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else None


def _cell(node: yaml.Node, line: int) -> Cell | None:
    if isinstance(node, yaml.ScalarNode):
        return Cell(node.value, line)
    if isinstance(node, yaml.SequenceNode) and all(isinstance(item, yaml.ScalarNode) for item in node.value):
        return Cell("", line, tuple(item.value for item in node.value))
    return None
