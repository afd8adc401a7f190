"""delta-rs: TABLE [PART]. Opens the table and lists the files of one partition, or counts the table's rows by statistics."""

import json
import sys

import pyarrow as pa
import pyarrow.compute
from deltalake import DeltaTable


def main():
    table = DeltaTable(sys.argv[1])
    if len(sys.argv) > 2:
        print(json.dumps({"rows": len(table.file_uris(partition_filters=[("part", "=", sys.argv[2])]))}))
    else:
        adds = pa.table(table.get_add_actions(flatten=True))
        print(json.dumps({"rows": pyarrow.compute.sum(adds["num_records"]).as_py()}))


main()
