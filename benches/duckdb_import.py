"""The peer of `cargo xtask bench import`: DuckDB turns CloudTrail objects into one Parquet file.

    python duckdb_import.py FOLDER OUT.parquet

What somebody would write who needs one sorted table out of these files, and no more: each file is
one line, a JSON object with a list of records, read with the columns' types given (finding them
would cost a second pass), nested parts kept as JSON text, sorted by time, zstd. Two threads, each
busy to the end. Of the formats that fit, `newline_delimited` was a tenth faster than `unstructured`.
Prints one JSON object: rows, and the seconds of the statement alone.
"""

import json
import sys
import time

import duckdb

COLUMNS = {
    "eventVersion": "VARCHAR",
    "userIdentity": "JSON",
    "eventTime": "TIMESTAMP",
    "eventSource": "VARCHAR",
    "eventName": "VARCHAR",
    "awsRegion": "VARCHAR",
    "sourceIPAddress": "VARCHAR",
    "userAgent": "VARCHAR",
    "errorCode": "VARCHAR",
    "errorMessage": "VARCHAR",
    "requestParameters": "JSON",
    "responseElements": "JSON",
    "additionalEventData": "JSON",
    "requestID": "VARCHAR",
    "eventID": "VARCHAR",
    "resources": "JSON",
    "readOnly": "BOOLEAN",
    "eventType": "VARCHAR",
    "apiVersion": "VARCHAR",
    "managementEvent": "BOOLEAN",
    "recipientAccountId": "VARCHAR",
    "serviceEventDetails": "JSON",
    "sharedEventID": "VARCHAR",
    "vpcEndpointId": "VARCHAR",
    "eventCategory": "VARCHAR",
    "tlsDetails": "JSON",
    "sessionCredentialFromConsole": "VARCHAR",
}

# One object is one JSON value: the limit is on that, not on a record.
OBJECT_BYTES_MAX = 256 * 1024 * 1024


def main(folder, out):
    record = ", ".join(f'"{name}" {kind}' for name, kind in COLUMNS.items())
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute("SET preserve_insertion_order = false")
    start = time.perf_counter()
    connection.execute(
        f"""
        COPY (
            SELECT record.* FROM (
                SELECT unnest(Records) AS record
                FROM read_json(
                    '{folder}/**/*_CloudTrail_*.json.gz',
                    format = 'newline_delimited',
                    compression = 'gzip',
                    maximum_object_size = {OBJECT_BYTES_MAX},
                    columns = {{'Records': 'STRUCT({record})[]'}}
                )
            ) ORDER BY record."eventTime"
        ) TO '{out}' (FORMAT parquet, COMPRESSION zstd)
        """
    )
    seconds = time.perf_counter() - start
    (rows,) = connection.execute(f"SELECT count(*) FROM '{out}'").fetchone()
    json.dump({"rows": rows, "seconds": seconds}, sys.stdout)
    print()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: duckdb_import.py FOLDER OUT.parquet")
    main(sys.argv[1], sys.argv[2])
