"""Tables of field and value, one for each of thousands of mails: as `pipeline.cli.output.table` looks, at a twentieth of the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.cli.output import console, printable
from pipeline.service.telling import one_line

if TYPE_CHECKING:
    from rich.console import Console

_GAP = "   "
# However narrow the terminal is.
_LEAST = 20
# The one column in which lines are broken.
_WIDE = 1

Row = Sequence[str]


class Rows:
    """Writes tables on stdout.

    Parameters
    ----------
    *columns
        Names of the columns; the second takes what room the others leave, and only there lines are broken.
    """

    def __init__(self, *columns: str) -> None:
        self._columns = columns
        self._console = console()

    def show(self, title: str, rows: Sequence[Row]) -> None:
        """Write a table; what a terminal would take for an instruction becomes a space."""
        from rich.cells import cell_len, set_cell_size

        title, rows = one_line(title), [[printable(cell) for cell in row] for row in rows]
        sizes = [max(map(cell_len, cells)) for cells in zip(self._columns, *rows, strict=True)]
        others = sum(sizes) - sizes[_WIDE] + len(_GAP) * (len(sizes) - 1)
        sizes[_WIDE] = min(sizes[_WIDE], max(self._console.width - others, _LEAST))
        head, *lines = (
            _GAP.join(map(set_cell_size, cells, sizes))
            for row in (self._columns, *rows)
            for cells in self._broken(row, sizes[_WIDE])
        )
        shown = self._styled("italic", set_cell_size(title, max(cell_len(head), cell_len(title))))
        rule = "─" * cell_len(head)
        self._console.file.write("\n".join((shown, self._styled("bold", head), rule, *lines, "")))

    def _broken(self, row: Row, width: int) -> Iterator[Row]:
        """Yield `row` as lines."""
        from rich.cells import cell_len
        from rich.text import Text

        if cell_len(row[_WIDE]) <= width and "\n" not in row[_WIDE]:
            yield row
            return
        for number, line in enumerate(Text(row[_WIDE]).wrap(self._console, width)):
            cells = [""] * len(row) if number else list(row)
            cells[_WIDE] = line.plain.rstrip()
            yield cells

    def _styled(self, style: str, text: str) -> str:
        from rich.style import Style

        system: Console = self._console
        return Style.parse(style).render(text) if system.is_terminal and not system.legacy_windows else text
