"""The peer of `cargo xtask bench queries`: DuckDB answers one statement, some times.

    python duckdb_query.py TABLE.parquet STATEMENT RUNS

The table is `t`. Prints one JSON object: the rows of the answer, and the seconds of each run; the
first one opens the file.
"""

import json
import sys
import time

import duckdb


def main(table, statement, runs):
    seconds = []
    start = time.perf_counter()
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute(f"CREATE VIEW t AS SELECT * FROM '{table}'")
    for _ in range(runs):
        rows = len(connection.execute(statement).fetchall())
        now = time.perf_counter()
        seconds.append(now - start)
        start = now
    json.dump({"rows": rows, "seconds": seconds}, sys.stdout)
    print()


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: duckdb_query.py TABLE.parquet STATEMENT RUNS")
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
