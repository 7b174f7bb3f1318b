"""The other peer of `cargo xtask bench import`: ClickHouse turns CloudTrail objects into a table.

    python clickhouse_import.py FOLDER TABLE_FOLDER

What somebody would write who needs one sorted table out of these files: each file is one line, its
records are cut out of it as text, the columns' values extracted, nested parts kept as JSON text,
into a MergeTree in the order of time, merged to the end. Two threads.
Prints one JSON object: rows, the seconds of the statement, and the bytes of the table's parts.
"""

import json
import sys
import time

from chdb.session import Session

TEXTS = [
    "eventVersion", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
    "errorCode", "errorMessage", "requestID", "eventID", "eventType", "apiVersion",
    "recipientAccountId", "sharedEventID", "vpcEndpointId", "eventCategory",
    "sessionCredentialFromConsole",
]
NESTED = [
    "userIdentity", "requestParameters", "responseElements", "additionalEventData", "resources",
    "serviceEventDetails", "tlsDetails",
]
BOOLEANS = ["readOnly", "managementEvent"]


def main(folder, out):
    session = Session(out)
    session.query("SET max_threads = 2, max_insert_threads = 2, max_parsing_threads = 2")
    columns = ["eventTime DateTime('UTC')"]
    columns += [f"{name} String" for name in TEXTS + NESTED]
    columns += [f"{name} Nullable(Bool)" for name in BOOLEANS]
    values = ["parseDateTimeBestEffortOrZero(JSONExtractString(r, 'eventTime'), 'UTC')"]
    values += [f"JSONExtractString(r, '{name}')" for name in TEXTS]
    values += [f"JSONExtractRaw(r, '{name}')" for name in NESTED]
    values += [f"JSONExtract(r, '{name}', 'Nullable(Bool)')" for name in BOOLEANS]
    session.query("CREATE DATABASE lake ENGINE = Atomic")
    session.query(
        f"CREATE TABLE lake.cloudtrail ({', '.join(columns)}) ENGINE = MergeTree ORDER BY eventTime"
    )
    start = time.perf_counter()
    session.query(
        f"""
        INSERT INTO lake.cloudtrail
        SELECT {', '.join(values)} FROM (
            SELECT arrayJoin(JSONExtractArrayRaw(line, 'Records')) AS r
            FROM file('{folder}/**/*_CloudTrail_*.json.gz', 'LineAsString')
        )
        SETTINGS max_threads = 2, max_insert_threads = 2
        """
    )
    seconds = time.perf_counter() - start
    session.query("OPTIMIZE TABLE lake.cloudtrail FINAL")
    facts = session.query(
        "SELECT sum(rows) AS rows, sum(bytes_on_disk) AS bytes FROM system.parts "
        "WHERE database = 'lake' AND table = 'cloudtrail' AND active",
        "JSONEachRow",
    )
    facts = json.loads(str(facts))
    json.dump(
        {"rows": int(facts["rows"]), "seconds": seconds, "bytes": int(facts["bytes"])}, sys.stdout
    )
    print()
    session.close()


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: clickhouse_import.py FOLDER TABLE_FOLDER")
    main(sys.argv[1], sys.argv[2])
