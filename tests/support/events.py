"""A stream of server-sent events (HTML, section 9.2), as Waybill writes it."""

import json


def events_in(answer):
    """Yields (event, id, data) as they come, until the stream ends."""
    event = number = None
    for line in answer.iter_lines(decode_unicode=True):
        if line.startswith("event: "):
            event = line[7:]
        elif line.startswith("id: "):
            number = int(line[4:])
        elif line.startswith("data: "):
            yield event, number, json.loads(line[6:])
