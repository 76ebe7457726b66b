"""What every peer does: reads one JSON request per line on standard input and answers one JSON line each.

    {"work": "gemm", "size": 1024, "threads": 1, "seconds": 0.3}      do this for about that long
    {"work": "bye"}                                                   end

    {"seconds": 0.0123, "repeats": 24}      the median time of one piece of work
    {"error": "…"}                          this peer does not do that

`hardwise bench --peer` alternates its own measurement with a request to each worker, so that all sides see the same machine.
"""

import json
import statistics
import sys
import time


def serve(name, prepare, before=lambda request: None):
    """Greets, then answers requests until the end of input.

    `prepare(request)` returns a function that does the work once; `before(request)` runs ahead of every measurement.
    """
    print(json.dumps({"peer": name}), flush=True)
    prepared = {}
    for line in sys.stdin:
        try:
            request = json.loads(line)
            if request.get("work") == "bye":
                return
            budget = request.pop("seconds", 0.3)
            key = json.dumps(request, sort_keys=True)
            before(request)
            if key not in prepared:
                prepared[key] = prepare(request)
                prepared[key]()
            answer = measure(prepared[key], budget)
        except Exception as error:  # the tool leaves the cell empty and goes on with the next row
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def measure(step, budget):
    """The median time of `step`, repeated for about `budget` seconds."""
    times, start = [], time.perf_counter()
    while not times or time.perf_counter() - start < budget:
        begin = time.perf_counter()
        step()
        times.append(time.perf_counter() - begin)
    return {"seconds": statistics.median(times), "repeats": len(times)}
