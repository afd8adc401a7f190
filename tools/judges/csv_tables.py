"""CSV texts in any dialect of Python's csv module: tables written as text, and texts read as fields, without a look at types."""

import base64
import csv
import io

QUOTING = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "none": csv.QUOTE_NONE}


def csv_write(request):
    """The bytes, as base64, of each table of texts, null as an empty field."""
    return {"files": [written(table) for table in request["tables"]]}


def written(table):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator=table["lineEnd"], **dialect(table))
    for row in table["rows"]:
        writer.writerow(["" if field is None else field for field in row])
    return base64.b64encode(text.getvalue().encode(table["encoding"])).decode("ascii")


def csv_read(request):
    """The fields of each text up to the first record that is malformed."""
    return {"texts": [fields_of(text) for text in request["texts"]]}


def fields_of(text):
    rows = []
    try:
        for row in csv.reader(io.StringIO(text["text"], newline=""), strict=True, **dialect(text)):
            rows.append(row)
    except csv.Error as error:
        return {"rows": rows, "error": str(error)}
    return {"rows": rows, "error": None}


def dialect(request):
    return {
        "delimiter": request["sep"],
        "quotechar": request["quote"] or None,
        "quoting": QUOTING[request["quoting"]],
        "doublequote": request.get("escape") is None,
        "escapechar": request.get("escape"),
        "skipinitialspace": request.get("skipInitialSpace", False),
    }
