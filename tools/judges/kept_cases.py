"""delta-rs reads every table that `landfall prove --keep FOLDER` left, and its rows are held against Python's own reading of the inputs.

    kept_cases.py FOLDER

Without a declaration: what a person's own columns make of a value is not worked out here.

Nothing that Landfall knows is asked: no ledger, no manifest, not even the Delta log but through delta-rs. `case.json` says which bytes
lay in the source and when; from that alone follows which of them must be in the table:

    a file that cannot be read to its end         none of its rows
    what lay there before a baseline              none of its rows
    onOverwrite: append                           every other generation once; one that only passed by once or not at all
    onOverwrite: ignore                           the first generation of its key that a run without a kill saw; where there is none,
                                                  one of them, or none if all of them only passed by

Whole rows are compared, all columns, numbers as exact decimals, as bags. Prints what is wrong; exit code 1 when anything is.
"""

import itertools
import json
import pathlib
import sys
from collections import Counter
from decimal import Decimal

import delta_rs
import inputs
from canonical import decimal_text
from line_server import ANSWERS

NAMED = 5


def main(folder):
    expected = json.loads((folder / "kept.json").read_text())["cases"]
    cases = sorted(path.parent for path in folder.glob("*/case.json"))
    faults = [] if 0 < expected == len(cases) else [f"{folder}: {len(cases)} cases lie there, and {expected} were kept"]
    read = 0
    for case in cases:
        count, wrong = judge(case)
        read += count
        faults.extend(wrong)
    for fault in faults:
        print(fault, file=ANSWERS)
    verdict = f"{len(faults)} FAULTS" if faults else "the rows of each are those of its inputs, as Python reads them"
    print(f"delta-rs read {read} rows of {len(cases)} tables: {verdict}", file=ANSWERS)
    return 1 if faults else 0


def judge(folder):
    """How many rows the case's table has, and what is wrong with them."""
    case = json.loads((folder / "case.json").read_text())
    if case["rows"] != "own":
        raise ValueError(f"{folder} holds rows of a declaration; only those of Landfall's own scratch pipelines can be judged here")
    table = folder / case["table"]
    # A pipeline that had nothing to write has no table.
    rows = table_rows(table) if (table / "_delta_log").exists() else []
    found = Counter(rows)
    wrong = []
    for key, files in itertools.groupby(sorted(case["files"], key=lambda file: file["key"]), key=lambda file: file["key"]):
        generations = [(file["presence"], input_rows(folder / file["content"])) for file in files]
        wrong.extend(f"{key}: {fault}" for fault in judge_key(generations, case["onOverwrite"], found))
    wrong.extend(f"no input holds {row}, and it stands {times} times in the table" for row, times in found.items())
    shown = wrong[:NAMED] + ([f"and {len(wrong) - NAMED} more"] if len(wrong) > NAMED else [])
    return len(rows), [f"{folder.name} ({case['kill']}): {fault}" for fault in shown]


def judge_key(generations, on_overwrite, found):
    """Takes the rows of one key's generations out of `found`; the rows of different keys are different."""
    mine = {row for _presence, rows in generations for row in rows}
    here = Counter({row: found.pop(row) for row in mine if row in found})
    allowed = allowed_rows([(presence, rows) for presence, rows in generations if presence != "baseline" and rows], on_overwrite)
    if here in allowed:
        return []
    should = min(allowed, key=lambda rows: ((rows - here) + (here - rows)).total())
    return [
        f"{row} should stand {should[row]} times in the table, and stands {here[row]} times"
        for row in sorted(mine)
        if should[row] != here[row]
    ]


def allowed_rows(generations, on_overwrite):
    """Every bag of rows that is right for one key; `generations` are those that hold rows, oldest first."""
    if on_overwrite == "append":
        choices = [([Counter()] if presence == "passing" else []) + [rows] for presence, rows in generations]
        return [sum(chosen, Counter()) for chosen in itertools.product(*choices)]
    if on_overwrite != "ignore":
        raise ValueError(f"no rule for onOverwrite: {on_overwrite}")
    settled = [rows for presence, rows in generations if presence == "settled"]
    if settled:
        return settled[:1]
    stays = any(presence == "lying" for presence, _rows in generations)
    return [rows for _presence, rows in generations] + ([] if stays else [Counter()])


def input_rows(file):
    """The bag of rows of a file; empty for one that cannot be read to its end."""
    answer = inputs.read({"op": "read", "format": "json", "files": [str(file)], "tagged": True})
    return Counter(row_text(row) for row in answer["rows"])


def table_rows(table):
    answer = delta_rs.read({"op": "read", "table": str(table)})
    numbers = {field["name"] for field in answer["schema"] if field["type"] in ("double", "long")}
    return [
        row_text({name: tagged(value) if name in numbers and value is not None else value for name, value in row.items()})
        for row in answer["rows"]
    ]


def tagged(value):
    """A number of the table in the spelling of `inputs`."""
    return {"$number": decimal_text(Decimal(str(value)))}


def row_text(row):
    """One text for a row; an absent value is a null."""
    return json.dumps({name: value for name, value in row.items() if value is not None}, sort_keys=True, ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
