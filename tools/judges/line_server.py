"""A judge's conversation: one JSON request a line on stdin, one JSON answer a line on stdout, logs on stderr."""

import json
import os
import sys

# What a library prints must not stand between the answers: they go to a copy of stdout, and stdout itself goes to stderr. Done at
# import, before any child is started: a JVM's warnings would go to the stdout that it inherited.
ANSWERS = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def serve(operations):
    """Answers until stdin ends. `operations` maps the request's `op` to a function of the request.

    An answer is what the function returns, or {"error": …, "kind": …}; a failed request does not end the session.
    """
    for line in sys.stdin:
        try:
            request = json.loads(line)
            operation = operations.get(request["op"])
            if operation is None:
                raise ValueError(f"no op {request['op']!r}; there are {', '.join(sorted(operations))}")
            answer = operation(request)
        except Exception as error:  # noqa: BLE001 - whatever fails is this request's answer
            answer = {"error": str(error) or repr(error), "kind": type(error).__name__}
        ANSWERS.write(json.dumps(answer, allow_nan=False) + "\n")
        ANSWERS.flush()
