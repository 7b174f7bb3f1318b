"""Reads one of a lake's Delta tables with engines that know nothing of Kura.

    python read_table.py LAKE [TABLE]

TABLE is `cloudtrail` unless named. Prints one JSON object `{reader: {fact: value}}`: the same
facts from every reader, each computed by that reader's own engine, so that a test can compare
them with each other and with Kura's own SQL. Every reader also decodes every column once, so a
type that some engine cannot read fails here and not at somebody's desk.

Facts of any table: rows, rows_by_day, distinct_ids, sum_of_id_lengths, min_time, max_time
(microseconds since 1970, UTC). Of `cloudtrail` besides: errors, readonly_true, iam_users (a field
of a struct), resources_total (lengths of a list of structs), web_identity_attributes (sizes of a
map that lies three structs deep).
"""

import glob
import json
import os
import sys

MAP_PATH = ["useridentity", "sessioncontext", "webidfederationdata", "attributes"]


def main(arguments):
    if len(arguments) not in (1, 2):
        print("usage: read_table.py LAKE [TABLE]", file=sys.stderr)
        return 2
    lake, table = arguments[0], (arguments + ["cloudtrail"])[1]
    path = os.path.abspath(os.path.join(lake, "tables", table))
    if not os.path.isdir(os.path.join(path, "_delta_log")):
        print(f"error: no Delta table at `{path}`", file=sys.stderr)
        return 1
    facts = {name: read(path, table == "cloudtrail") for name, read in READERS.items()}
    json.dump(facts, sys.stdout, indent=1, sort_keys=True)
    print()
    return 0


def read_with_delta_rs(path, is_cloudtrail):
    """delta-rs for Python, which decodes through Arrow's C++ library."""
    import pyarrow.compute as pc
    from deltalake import DeltaTable

    rows = DeltaTable(path).to_pyarrow_table()
    times = pc.min_max(pc.cast(rows["_time"], "int64")).as_py()
    facts = {
        "rows": rows.num_rows,
        "rows_by_day": {str(each["values"]): each["counts"] for each in pc.value_counts(rows["day"]).to_pylist()},
        "distinct_ids": pc.count_distinct(rows["_id"]).as_py(),
        "sum_of_id_lengths": pc.sum(pc.utf8_length(rows["_id"])).as_py() or 0,
        "min_time": times["min"],
        "max_time": times["max"],
    }
    if is_cloudtrail:
        identity = pc.struct_field(rows["useridentity"], "type")
        attributes = pc.struct_field(rows["useridentity"], MAP_PATH[1:])
        read_only = pc.equal(pc.cast(rows["readonly"], "string"), "true")
        facts |= {
            "errors": pc.count(rows["errorcode"], mode="only_valid").as_py(),
            "readonly_true": pc.sum(read_only).as_py() or 0,
            "iam_users": pc.sum(pc.equal(identity, "IAMUser")).as_py() or 0,
            "resources_total": pc.sum(pc.list_value_length(rows["resources"])).as_py() or 0,
            # Arrow has no kernel for the size of a map: these few are counted in Python.
            "web_identity_attributes": sum(len(each) for each in pc.drop_null(attributes).to_pylist()),
        }
    return facts


def read_with_polars(path, is_cloudtrail):
    """Polars: its own Parquet reader, delta-rs only for the log."""
    import polars as pl

    rows = pl.scan_delta(path).collect()
    days = rows.group_by("day").len()
    facts = {
        "rows": rows.height,
        "rows_by_day": {str(day): count for day, count in days.iter_rows()},
        "distinct_ids": rows["_id"].n_unique(),
        "sum_of_id_lengths": rows["_id"].str.len_chars().sum(),
        "min_time": rows["_time"].cast(pl.Int64).min(),
        "max_time": rows["_time"].cast(pl.Int64).max(),
    }
    if is_cloudtrail:
        identity = rows["useridentity"].struct.field("type")
        attributes = rows[MAP_PATH[0]]
        for field in MAP_PATH[1:]:
            attributes = attributes.struct.field(field)
        facts |= {
            "errors": rows.height - rows["errorcode"].null_count(),
            "readonly_true": (rows["readonly"].cast(pl.String) == "true").sum(),
            "iam_users": (identity == "IAMUser").sum(),
            "resources_total": rows["resources"].list.len().sum(),
            "web_identity_attributes": sum(len(each) for each in attributes.drop_nulls().to_list()),
        }
    return facts


def read_with_chdb(path, is_cloudtrail):
    """chdb, ClickHouse in a library. It reaches the fields of a struct through `tupleElement`
    only, and only while it does not rewrite that into a subcolumn."""
    import chdb

    # It reads files below the current folder only.
    os.chdir("/")
    source = "deltaLakeLocal('" + path.replace("\\", "\\\\").replace("'", "\\'") + "')"
    settings = "SETTINGS optimize_functions_to_subcolumns = 0"
    chdb.query(f"SELECT * FROM {source} {settings}", "Null")
    columns = {
        "rows": "count()",
        "distinct_ids": "uniqExact(_id)",
        "sum_of_id_lengths": "sum(lengthUTF8(_id))",
        "min_time": "toUnixTimestamp64Micro(min(_time))",
        "max_time": "toUnixTimestamp64Micro(max(_time))",
    }
    if is_cloudtrail:
        attributes = MAP_PATH[0]
        for field in MAP_PATH[1:]:
            attributes = f"tupleElement({attributes}, '{field}')"
        columns |= {
            "errors": "count(errorcode)",
            "readonly_true": "countIf(toString(readonly) = 'true')",
            "iam_users": "countIf(tupleElement(useridentity, 'type') = 'IAMUser')",
            "resources_total": "sum(length(resources))",
            "web_identity_attributes": f"sum(length({attributes}))",
        }
    select = ", ".join(f"toInt64({expression}) AS {name}" for name, expression in columns.items())
    unquoted = f"{settings}, output_format_json_quote_64bit_integers = 0"
    facts = json.loads(str(chdb.query(f"SELECT {select} FROM {source} {unquoted}", "JSONEachRow")))
    days = chdb.query(f"SELECT toString(day), count() FROM {source} GROUP BY day {unquoted}", "JSONCompact")
    facts["rows_by_day"] = dict(json.loads(str(days))["data"])
    return facts


def read_with_duckdb(path, is_cloudtrail):
    """DuckDB with its Delta extension, which comes as a Python package: nothing is downloaded."""
    import duckdb
    import duckdb_extension_delta

    folder = os.path.dirname(duckdb_extension_delta.__file__)
    (extension,) = glob.glob(os.path.join(folder, "extensions", "*", "delta.duckdb_extension"))
    connection = duckdb.connect()
    connection.execute(f"LOAD '{extension}'")
    connection.execute("CREATE TEMP TABLE whole AS SELECT * FROM delta_scan(?)", [path])
    columns = {
        "rows": "count(*)",
        "distinct_ids": "count(DISTINCT _id)",
        "sum_of_id_lengths": "sum(length(_id))",
        "min_time": "epoch_us(min(_time))",
        "max_time": "epoch_us(max(_time))",
    }
    if is_cloudtrail:
        columns |= {
            "errors": "count(errorcode)",
            "readonly_true": "count(*) FILTER (WHERE CAST(readonly AS VARCHAR) = 'true')",
            "iam_users": "count(*) FILTER (WHERE useridentity.type = 'IAMUser')",
            "resources_total": "coalesce(sum(len(resources)), 0)",
            "web_identity_attributes": f"coalesce(sum(cardinality({'.'.join(MAP_PATH)})), 0)",
        }
    values = connection.execute(f"SELECT {', '.join(columns.values())} FROM whole").fetchone()
    days = connection.execute("SELECT CAST(day AS VARCHAR), count(*) FROM whole GROUP BY day").fetchall()
    facts = {name: int(value) for name, value in zip(columns, values)}
    facts["rows_by_day"] = dict(days)
    return facts


READERS = {
    "delta-rs": read_with_delta_rs,
    "polars": read_with_polars,
    "chdb": read_with_chdb,
    "duckdb": read_with_duckdb,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
