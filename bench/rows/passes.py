"""What reading costs by itself: processor time of the parsers' own process."""

from content import ALL, MOST_ITEMS, made, sets
from programs import program
from table import Row, pairs


def html(options):
    for name, package in sets(*(ALL if options.long else ALL[:2])):
        # gumbo takes seconds for each set.
        for peer in ("libxml2", "gumbo") if options.long or name == "Boost" else ("libxml2",):
            yield Row(f"HTML pass, {name}, against {peer}", 10,
                      *pairs(options, lambda: program("bench_parsers", "html", "ours", package),
                             lambda: program("bench_parsers", "html", peer, package)))


def articles_json(options):
    package = made(MOST_ITEMS)
    yield Row("articles.json of 100,000 articles against simdjson's bare iteration", 0.5,
              *pairs(options, lambda: program("bench_parsers", "json", "ours", package),
                     lambda: program("bench_parsers", "json", "simdjson", package)))
