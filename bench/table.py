"""The lines of the table: what was measured beside what is aimed at."""

import dataclasses
import statistics

NAME_WIDTH = 82


@dataclasses.dataclass(frozen=True)
class Options:
    pairs: int = 5       # measurements of each side, that take turns
    long: bool = False   # the full sizes
    peers: bool = False  # also what has to be installed first


@dataclasses.dataclass(frozen=True)
class Row:
    """`values`: one for each pair. A ratio is limit over ours (1.0: as fast as the limit) unless the name says otherwise.

    at_most: the aim is a ceiling. by_worst: it holds for each value, not for the middle one."""

    name: str
    aim: float
    values: list
    note: str = ""
    unit: str = "×"
    at_most: bool = False
    by_worst: bool = False

    def figure(self):
        if self.by_worst:
            return max(self.values) if self.at_most else min(self.values)
        return statistics.median(self.values)

    def reached(self):
        return self.figure() <= self.aim if self.at_most else self.figure() >= self.aim

    def __str__(self):
        aim = ("≤ " if self.at_most else "≥ ") + quantity(self.aim, self.unit)
        span = f"{quantity(min(self.values))} – {quantity(max(self.values))}"
        mark = "reached" if self.reached() else "short"
        return f"{self.name:{NAME_WIDTH}} {aim:>9} {quantity(self.figure(), self.unit):>9}  {span:>15}  {mark:7}  {self.note}"


@dataclasses.dataclass(frozen=True)
class Missing:
    """A row that could not be measured here, and why."""

    name: str
    why: str

    def reached(self):
        return None

    def __str__(self):
        return f"{self.name:{NAME_WIDTH}} {'not measured: ' + self.why}"


def header():
    return f"{'':{NAME_WIDTH}} {'aim':>9} {'reached':>9}  {'from – to':>15}"


def quantity(number, unit=""):
    text = f"{number:.0f}" if abs(number) >= 100 else f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"
    return text + (unit if unit in ("", "×") else " " + unit)


def pairs(options, ours, other):
    """Ratios other/ours of runs that take turns; and the medians of both, in seconds."""
    ratios, mine, theirs = [], [], []
    for _ in range(options.pairs):
        mine.append(ours())
        theirs.append(other())
        ratios.append(theirs[-1] / mine[-1])
    return ratios, f"{statistics.median(mine):.3f} s against {statistics.median(theirs):.3f} s"


def medians(measured):
    """Of each column of a list of tuples."""
    return tuple(statistics.median(column) for column in zip(*measured))
