"""The other peer of `cargo xtask bench queries`: ClickHouse answers one statement, some times.

    python clickhouse_query.py TABLE_FOLDER STATEMENT RUNS

The table is `t`. Prints one JSON object: the rows of the answer, and the seconds of each run; the
first one opens the table.
"""

import json
import sys
import time

from chdb.session import Session


def main(table, statement, runs):
    seconds = []
    start = time.perf_counter()
    session = Session(table)
    session.query("USE lake")
    statement = statement.replace("FROM t", "FROM lake.cloudtrail")
    for _ in range(runs):
        answer = str(session.query(f"{statement} SETTINGS max_threads = 2", "JSONEachRow"))
        now = time.perf_counter()
        seconds.append(now - start)
        start = now
    json.dump({"rows": len(answer.splitlines()), "seconds": seconds}, sys.stdout)
    print()
    session.close()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: clickhouse_query.py TABLE_FOLDER STATEMENT RUNS")
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
