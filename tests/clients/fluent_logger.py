"""Sends events through PyPI's fluent-logger, as many as it is told to.

    python fluent_logger.py 127.0.0.1:24224

A line `FROM TO` on stdin: events of these numbers; answered with how many of them the logger says it
sent, the others being in its buffer. At the end of stdin it closes.
"""

import sys

from fluent import sender

SECONDS = 1_795_219_200


def event(number):
    return {
        "level": "info",
        "message": f"注文 {number} — ¡olé! 🛒",
        "n": number,
        "basket": {"items": [1, 2.5, None, True, {"名": "蔵"}], "empty": {}},
        "largest": 2**64 - 1,
        "smallest": -(2**63),
        "bytes": "蔵".encode(),
        7: "a key that is a number",
    }


def main():
    host, port = sys.argv[1].rsplit(":", 1)
    logger = sender.FluentSender("python", host=host, port=int(port), nanosecond_precision=True)
    for line in sys.stdin:
        sent = 0
        for number in range(*map(int, line.split())):
            # Seconds as older programs have them, and nanoseconds.
            time = SECONDS + number
            if number % 2:
                time = sender.EventTime(time, 123_456_789)
            sent += logger.emit_with_time("orders", time, event(number))
        print(sent, flush=True)
    logger.close()


main()
