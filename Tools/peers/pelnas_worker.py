"""The peer's side of `hardwise bench pelnas --peer`: tables in pandas, trees in XGBoost, evolution and fronts in pymoo.

The protocol is that of torch_worker.py, one JSON line each way; "file" is the folder of the tables. Work whose package is not
installed is answered with {"error": …}, and `hardwise bench` leaves that row's peer empty.

    {"work": "tables", "file": "…"}           three CSV files
    {"work": "trees-fit", "file": "…"}        200 trees on 100 labels and 13 proxies
    {"work": "trees-predict", "file": "…"}    all cells
    {"work": "nsga2", "file": "…"}            300 evaluations on CIFAR-10 and the Jetson TX2
    {"work": "front", "file": "…"}            first front of all usable cells
"""

import csv
import json
import os
import statistics
import sys
import time

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np


def rows(folder, name):
    with open(os.path.join(folder, name)) as file:
        return list(csv.DictReader(file))


def objectives(folder):
    """Latency (to be minimised) and accuracy of every cell by word."""
    cells = rows(folder, "architectures.csv")
    hardware = rows(folder, "hw_cifar10.csv")
    return {c["cell"]: (float(h["edgegpu_ms"]), float(c["c10_test"])) for c, h in zip(cells, hardware)}


def tables(folder):
    import pandas

    names = ("architectures.csv", "hw_cifar10.csv", "zc_cifar10.csv")
    return lambda: [pandas.read_csv(os.path.join(folder, name)) for name in names]


def proxies(folder):
    cells = rows(folder, "architectures.csv")
    table = rows(folder, "zc_cifar10.csv")
    x = np.array([[float(v) for k, v in row.items() if k != "index"] for row in table], np.float32)
    y = np.array([float(cells[int(row["index"])]["c10_test"]) for row in table], np.float32)
    repeats = -(-len(cells) // len(x))
    return x, y, np.tile(x, (repeats, 1))[: len(cells)]


def trees(folder, threads):
    """XGBoost's own interface: the scikit-learn one needs another package and only adds to the time."""
    import xgboost

    x, y, everything = proxies(folder)
    chosen = np.random.default_rng(1).choice(len(x), 100, replace=False)
    settings = {
        "max_depth": 5, "eta": 0.08, "subsample": 0.8, "colsample_bytree": 0.8, "tree_method": "exact", "lambda": 1,
        "min_child_weight": 1, "nthread": threads, "verbosity": 0,
    }

    def fit():
        return xgboost.train(settings, xgboost.DMatrix(x[chosen], y[chosen], nthread=threads), num_boost_round=200)

    return fit, everything


def nsga2(folder):
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.mutation import Mutation
    from pymoo.core.problem import Problem
    from pymoo.operators.crossover.ux import UniformCrossover
    from pymoo.operators.sampling.rnd import IntegerRandomSampling
    from pymoo.optimize import minimize

    known = objectives(folder)
    latency, accuracy = np.full(15625, 1000.0), np.zeros(15625)
    for word, (ms, percent) in known.items():
        code = int(word, 5)
        latency[code], accuracy[code] = ms, percent
    places = 5 ** np.arange(5, -1, -1)

    class Cells(Problem):
        def __init__(self):
            super().__init__(n_var=6, n_obj=2, xl=0, xu=4, vtype=int)

        def _evaluate(self, x, out, *args, **kwargs):
            codes = x.astype(int) @ places
            out["F"] = np.column_stack([latency[codes], -accuracy[codes]])

    class Reset(Mutation):
        def _do(self, problem, x, *args, **kwargs):
            hit = np.random.random(x.shape) < 1 / 6
            return np.where(hit, np.random.randint(0, 5, x.shape), x)

    def run():
        minimize(
            Cells(),
            NSGA2(pop_size=20, sampling=IntegerRandomSampling(), crossover=UniformCrossover(prob=0.5), mutation=Reset(),
                  eliminate_duplicates=True),
            ("n_eval", 300), seed=1, verbose=False)

    return run


def front(folder):
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    values = np.array([(ms, -percent) for ms, percent in objectives(folder).values() if percent > 10.5])
    return lambda: NonDominatedSorting().do(values, only_non_dominated_front=True)


def task(request):
    folder, work, threads = request["file"], request["work"], request.get("threads", 1)
    if work == "tables":
        return tables(folder)
    if work == "trees-fit":
        return trees(folder, threads)[0]
    if work == "trees-predict":
        fit, everything = trees(folder, threads)
        model = fit()
        return lambda: model.inplace_predict(everything)
    if work == "nsga2":
        return nsga2(folder)
    if work == "front":
        return front(folder)
    raise ValueError(f"{work} is not known here")


bodies = {}


def measure(request):
    key = (request["work"], request.get("file"), request.get("threads"))
    if key not in bodies:
        bodies[key] = task(request)
        bodies[key]()
    body = bodies[key]
    times = []
    start = time.perf_counter()
    while not times or time.perf_counter() - start < request.get("seconds", 0.3):
        before = time.perf_counter()
        body()
        times.append(time.perf_counter() - before)
    return {"seconds": statistics.median(times), "repeats": len(times)}


def main():
    answers = sys.stdout
    sys.stdout = sys.stderr  # what packages print must not look like an answer
    print(json.dumps({"peer": "pandas, XGBoost, pymoo"}), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["work"] == "bye":
            return
        try:
            answer = measure(request)
        except Exception as error:  # a missing package leaves this row empty, not the whole run
            answer = {"error": str(error)}
        print(json.dumps(answer), file=answers, flush=True)


main()
