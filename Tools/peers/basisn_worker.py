"""The peer's side of `hardwise bench basisn --peer`: crossbar products in NumPy, resistive grids in badcrossbar.

The protocol is that of torch_worker.py, one JSON line each way. Work that needs a package which is not installed is answered
with {"error": …}, and `hardwise bench` leaves that row's peer empty.

    {"work": "crossbar-mvm", "batch": 4096, "threads": 1}     8-bit inputs bit by bit, an 8-bit conversion per column and bit
    {"work": "crossbar-noise", "batch": 4096, "threads": 1}   the same with read noise drawn for every cell
    {"work": "crossbar-gemm", "batch": 4096, "threads": 1}    one float product of the same shape
    {"work": "crossbar-grid", "batch": 4096, "threads": 1}    128 × 128 cells with 2.82 Ω wires, exactly
"""

import importlib.util
import json
import os
import statistics
import sys
import time
import unittest.mock

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np

ROWS, COLUMNS = 128, 64


def inputs(batch):
    return np.random.default_rng(2).integers(0, 256, (batch, ROWS), dtype=np.uint8)


def levels():
    return np.random.default_rng(1).integers(-15, 16, (ROWS, COLUMNS)).astype(np.float32)


def convert(sums):
    return np.clip(np.trunc(sums + np.copysign(np.float32(0.5), sums)), -127, 127)


def mvm(x, weights):
    total = np.zeros((len(x), COLUMNS), np.float32)
    for bit in range(8):
        plane = ((x >> bit) & 1).astype(np.float32)
        total += np.float32(1 << bit) * convert(plane @ weights)
    return total


def noisy(x, weights, generator):
    """Conductances are drawn anew for every read, as a simulator that knows cells does it."""
    step = 99 / 15
    positive, negative = 1 + np.maximum(weights, 0) * step, 1 + np.maximum(-weights, 0) * step
    total = np.zeros((len(x), COLUMNS), np.float32)
    for index, vector in enumerate(x):
        for bit in range(8):
            plane = ((vector >> bit) & 1).astype(np.float32)
            up = positive * (1 + 0.02 * generator.standard_normal(positive.shape, np.float32))
            down = negative * (1 + 0.02 * generator.standard_normal(negative.shape, np.float32))
            total[index] += np.float32(1 << bit) * convert(plane @ ((up - down) / step))
    return total


def grid(batch):
    if "cairo" not in sys.modules and importlib.util.find_spec("cairo") is None:
        # badcrossbar imports pycairo for its plots, which are not needed here.
        sys.modules["cairo"] = unittest.mock.MagicMock()
    import badcrossbar

    signed = levels()
    cells = np.empty((ROWS, 2 * COLUMNS))
    cells[:, 0::2] = 1e-6 + np.maximum(signed, 0) * 99e-6 / 15
    cells[:, 1::2] = 1e-6 + np.maximum(-signed, 0) * 99e-6 / 15
    voltages = inputs(batch).T.astype(float) / 255 * 0.2
    badcrossbar.compute(voltages, 1 / cells, 2.82)


def task(request):
    batch = request.get("batch") or 4096
    work = request["work"]
    if work == "crossbar-mvm":
        x, weights = inputs(batch), levels()
        return (lambda: mvm(x, weights)), 1
    if work == "crossbar-noise":
        share = max(1, batch // 128)
        x, weights, generator = inputs(share), levels(), np.random.default_rng(3)
        return (lambda: noisy(x, weights, generator)), batch / share
    if work == "crossbar-gemm":
        x, weights = inputs(batch).astype(np.float32), levels()
        return (lambda: x @ weights), 1
    if work == "crossbar-grid":
        share = max(1, batch // 128)
        return (lambda: grid(share)), batch / share
    raise ValueError(f"{work} is not known here")


def measure(request):
    body, scale = task(request)
    body()
    times = []
    start = time.perf_counter()
    while not times or time.perf_counter() - start < request.get("seconds", 0.3):
        before = time.perf_counter()
        body()
        times.append((time.perf_counter() - before) * scale)
    return {"seconds": statistics.median(times), "repeats": len(times)}


def main():
    # badcrossbar logs to standard output; only answers may go there.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    print(json.dumps({"peer": f"NumPy {np.__version__}"}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["work"] == "bye":
            break
        try:
            answer = measure(request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
