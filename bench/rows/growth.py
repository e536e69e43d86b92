"""How cost grows: with the items of a package, with its bytes, with what the knowledge base holds."""

from content import MOST_ITEMS, large, made
from table import Row, medians
from work import Client, run_job, serving, timed

MEMORY = 200  # MB, whatever the package


def growth(options):
    sizes = (1_000, 10_000, MOST_ITEMS)
    measured, peaks = [], []
    for _ in range(options.pairs):
        runs = [run_job(made(size)) for size in sizes]
        measured.append([1e6 * took / size for (took, _), size in zip(runs, sizes)])
        peaks.append(runs[-1][1] / 1e6)
    small, middle, most = medians(measured)
    yield Row("time an item, 100,000 items over 1,000", 1.2, [c / a for a, _, c in measured],
              f"{most:.0f} µs against {small:.0f} µs", at_most=True)
    yield Row("time an item, 100,000 items over 10,000", 1.2, [c / b for _, b, c in measured],
              f"{most:.0f} µs against {middle:.0f} µs", at_most=True)
    yield Row("most memory of the server, 100,000 items", MEMORY, peaks, unit="MB", at_most=True, by_worst=True)
    if options.long:
        took, peak = run_job(large(200))
        yield Row("most memory of the server, a package of 5 GB", MEMORY, [peak / 1e6], f"in {took:.0f} s", "MB", at_most=True,
                  by_worst=True)


def full_base(options):
    """Each pair brings other articles, and the base grows by them."""
    held, added = (1_000_000 if options.long else MOST_ITEMS), 5_000
    measured = []
    with serving() as server:
        client = Client(server, server.create_client())
        for first in range(0, held, MOST_ITEMS):
            timed(client, made(MOST_ITEMS, first))
        for pair in range(options.pairs):
            package = made(added, 10 * MOST_ITEMS + pair * added)
            measured.append((timed(client, package), run_job(package)[0]))
    full, empty = medians(measured)
    yield Row(f"import into a base of {held:,} articles over one into an empty base", 1.3, [a / b for a, b in measured],
              f"{full:.3f} s against {empty:.3f} s", at_most=True)
