"""Makes large files of the small ones of a Delta table with delta-rs: TABLE. Prints how many went."""

import json
import sys

from deltalake import DeltaTable

metrics = DeltaTable(sys.argv[1]).optimize.compact()
print(json.dumps({"removed": metrics["numFilesRemoved"]}))
