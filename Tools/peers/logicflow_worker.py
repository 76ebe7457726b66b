"""The peers' side of `hardwise bench logicflow --peer`: `logicflow_worker.py PEER`, one process per peer.

The protocol is that of worker.py; "file" names the operands, which `hardwise bench` writes. Each peer does some of the works and
answers the others with an error, which leaves its cell empty.

    c           logicflow-rows        integer inference 7→10→25→2, row by row, a C loop compiled with -O3
    unicorn     logicflow-simulator   a loop of four instructions, without a cycle model
    highs       logicflow-bound       the linear program of one leaf, cold
    affinitree  logicflow-regions     all activation regions of a network in a box
    emlearn     logicflow-network     the float network as C
                logicflow-tree        a decision tree of scikit-learn as C
    m2cgen      logicflow-tree        the same tree as C
    treelite    logicflow-tree        the same tree in treelite's own interpreter
    sklearn     logicflow-network, logicflow-tree   all rows in one call of predict
"""

import contextlib
import ctypes
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import worker

SIZES = (7, 10, 25, 2)


def compiled(source, function, flags=("-O2",), include=None):
    """A function of a C text, compiled for this machine."""
    compiler = shutil.which("clang") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("no clang and no gcc")
    with tempfile.TemporaryDirectory() as folder:
        path, library = os.path.join(folder, "f.c"), os.path.join(folder, "f.so")
        with open(path, "w") as file:
            file.write(source)
        options = [f"-I{include}"] if include else []
        subprocess.run([compiler, *flags, *options, "-shared", "-fPIC", "-o", library, path, "-lm"], check=True)
        return getattr(ctypes.CDLL(library), function)


# Integer inference and the simulator: operands are made here, in the shape of those in LogicFlowBench.swift.


def integer_network():
    generator = random.Random(1)
    text = ["#include <stdint.h>"]
    body = []
    for layer, (inputs, outputs) in enumerate(zip(SIZES, SIZES[1:])):
        weights = ",".join(str(generator.randint(-127, 127)) for _ in range(inputs * outputs))
        bias = ",".join(str(generator.randint(-2000, 2000)) for _ in range(outputs))
        text.append(f"static const int8_t w{layer}[{inputs * outputs}] = {{{weights}}};")
        text.append(f"static const int32_t b{layer}[{outputs}] = {{{bias}}};")
        before = "x" if layer == 0 else f"y{layer - 1}"
        body.append(f"int32_t y{layer}[{outputs}];")
        body.append(f"for (int j = 0; j < {outputs}; j++) {{ int32_t a = b{layer}[j];")
        body.append(f"for (int i = 0; i < {inputs}; i++) a += w{layer}[j * {inputs} + i] * {before}[i];")
        if layer < len(SIZES) - 2:
            body.append("int64_t p = a > 0 ? ((int64_t)a * 1000) >> 20 : 0; a = p > 127 ? 127 : (int32_t)p;")
        body.append(f"y{layer}[j] = a; }}")
    last = f"y{len(SIZES) - 2}"
    text.append("static int one(const uint8_t *x) {" + "\n".join(body) + f"return {last}[1] > {last}[0]; }}")
    text.append(
        "int all(const uint8_t *x, int n) { int s = 0; for (int r = 0; r < n; r++) "
        f"s += one(x + {SIZES[0]} * r); return s; }}")
    return "\n".join(text)


def rows_in_c(request):
    batch = request["batch"]
    function = compiled(integer_network(), "all", ("-O3", "-march=native"))
    data = (ctypes.c_uint8 * (batch * SIZES[0])).from_buffer_copy(random.Random(2).randbytes(batch * SIZES[0]))
    return lambda: function(data, batch)


def simulator(request):
    import unicorn
    from unicorn import riscv_const

    turns = request["batch"]
    upper = (turns + 0x800) & ~0xFFF
    words = [
        upper | 5 << 7 | 0x37,  # lui t0
        ((turns - upper) & 0xFFF) << 20 | 5 << 15 | 5 << 7 | 0x13,  # addi t0, t0
        1 << 25 | 5 << 20 | 6 << 15 | 6 << 7 | 0x33,  # mul t1, t1, t0
        6 << 20 | 7 << 15 | 7 << 7 | 0x33,  # add t2, t2, t1
        0xFFF << 20 | 5 << 15 | 5 << 7 | 0x13,  # addi t0, t0, -1
        0xFE029AE3,  # bne t0, zero, -12
    ]
    code = b"".join(word.to_bytes(4, "little") for word in words)
    machine = unicorn.Uc(unicorn.UC_ARCH_RISCV, unicorn.UC_MODE_RISCV32)
    machine.mem_map(0x10000, 0x1000)
    machine.mem_write(0x10000, code)

    def run():
        machine.reg_write(riscv_const.UC_RISCV_REG_T0, 0)
        machine.emu_start(0x10000, 0x10000 + len(code))

    return run


# Everything below works on the operands of the request.


def operands(request):
    with open(request["file"]) as file:
        return json.load(file)


def bound(request):
    import highspy
    import numpy

    problem = operands(request)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(problem["objective"]), len(problem["rows"])
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = numpy.array(problem["objective"], float)
    model.col_lower_ = numpy.array(problem["lower"], float)
    model.col_upper_ = numpy.array(problem["upper"], float)
    model.row_lower_ = numpy.full(model.num_row_, -highspy.kHighsInf)
    model.row_upper_ = numpy.array([row["upper"] for row in problem["rows"]], float)
    starts = [0]
    for row in problem["rows"]:
        starts.append(starts[-1] + len(row["columns"]))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = numpy.array(starts, numpy.int32)
    model.a_matrix_.index_ = numpy.array([c for row in problem["rows"] for c in row["columns"]], numpy.int32)
    model.a_matrix_.value_ = numpy.array([v for row in problem["rows"] for v in row["values"]], float)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)

    def run():
        solver.clearModel()
        solver.passModel(model)
        solver.run()

    return run


def regions(request):
    import affinitree
    import numpy

    network = operands(request)
    inputs = len(network["layers"][0]["weights"][0])
    architecture = affinitree.Architecture(inputs)
    for index, layer in enumerate(network["layers"]):
        architecture.linear(affinitree.AffFunc.from_mats(numpy.array(layer["weights"]), numpy.array(layer["bias"])))
        if index < len(network["layers"]) - 1:
            architecture.relu()
    box = affinitree.Polytope.hyperrectangle(inputs, [tuple(network["box"])] * inputs)
    identity = affinitree.AffFunc.identity(inputs)

    def run():
        tree = affinitree.AffTree.from_poly(box, identity, None)
        return affinitree.builder.from_layers(architecture, tree, None).num_terminals()

    return run


def network_rows(problem):
    import numpy

    width = problem["width"]
    return numpy.ascontiguousarray(numpy.array(problem["rows"], numpy.float32).reshape(-1, width) / 255)


def perceptron(problem):
    """The float network as scikit-learn would have trained it: two classes share one logit."""
    import numpy
    from sklearn.neural_network import MLPClassifier

    x = network_rows(problem)
    layers = problem["layers"]
    model = MLPClassifier([len(layer["bias"]) for layer in layers[:-1]], max_iter=1)
    model.partial_fit(x[:8].astype(float), [0, 1] * 4, classes=[0, 1])
    weights = [numpy.array(layer["weights"]).T for layer in layers]
    bias = [numpy.array(layer["bias"]) for layer in layers]
    weights[-1], bias[-1] = weights[-1][:, 1:] - weights[-1][:, :1], bias[-1][1:] - bias[-1][:1]
    model.coefs_, model.intercepts_ = weights, bias
    return model, x


def decision_tree(problem, model=None):
    import numpy
    from sklearn.tree import DecisionTreeClassifier

    width = problem["width"]
    model = model or DecisionTreeClassifier(max_depth=6, min_samples_leaf=5, random_state=0)
    model.fit(numpy.array(problem["trainingRows"]).reshape(-1, width), problem["trainingLabels"])
    return model, numpy.array(problem["rows"]).reshape(-1, width)


def over_rows(code, call, ctype, x, include=None):
    """Runs a function of C on every row of `x`: `call` is the expression of one row at `p`."""
    width = x.shape[1]
    source = f"{code}\nint all(const {ctype} *x, int n) {{ int s = 0; for (int r = 0; r < n; r++) {{ "
    source += f"const {ctype} *p = x + {width} * r; s += {call}; }} return s; }}\n"
    function = compiled(source, "all", include=include)
    pointer = ctypes.c_void_p(x.ctypes.data)
    return lambda: (function(pointer, len(x)), x)[0]


def emlearn_code(model, **options):
    import emlearn

    # emlearn writes into tmp/ of the current folder.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        path = os.path.join(folder, "model.h")
        emlearn.convert(model, method="inline", **options).save(file=path, name="model")
        with open(path) as file:
            return file.read()


def emlearn_network(request):
    import emlearn.common

    model, x = perceptron(operands(request))
    include = emlearn.common.get_include_dir()
    return over_rows(emlearn_code(model, dtype="float"), f"model_predict(p, {x.shape[1]})", "float", x, include)


def emlearn_tree(request):
    import emlearn.common
    import numpy

    model, x = decision_tree(operands(request))
    include = emlearn.common.get_include_dir()
    return over_rows(
        emlearn_code(model, dtype="int16_t"), f"model_predict(p, {x.shape[1]})", "int16_t",
        numpy.ascontiguousarray(x, numpy.int16), include)


def m2cgen_tree(request):
    import m2cgen
    import numpy

    model, x = decision_tree(operands(request))
    code = m2cgen.export_to_c(model)
    code += "\nstatic int one(const double *x) { double y[2]; score((double *)x, y); return y[1] > y[0]; }\n"
    return over_rows(code, "one(p)", "double", numpy.ascontiguousarray(x, numpy.float64))


def treelite_tree(request):
    import numpy
    import treelite
    from sklearn.ensemble import RandomForestClassifier

    # Treelite takes forests only: one of one tree, grown on all rows and features, is that tree.
    forest = RandomForestClassifier(
        n_estimators=1, bootstrap=False, max_features=None, max_depth=6, min_samples_leaf=5, random_state=0)
    model, x = decision_tree(operands(request), forest)
    forest = treelite.sklearn.import_model(model)
    data = numpy.ascontiguousarray(x, numpy.float64)
    return lambda: treelite.gtil.predict(forest, data, nthread=1)


def sklearn_network(request):
    model, x = perceptron(operands(request))
    data = x.astype(float)
    return lambda: model.predict(data)


def sklearn_tree(request):
    import numpy

    model, x = decision_tree(operands(request))
    data = x.astype(numpy.float32)
    return lambda: model.predict(data)


PEERS = {
    "c": ("C -O3", {"logicflow-rows": rows_in_c}),
    "unicorn": ("unicorn", {"logicflow-simulator": simulator}),
    "highs": ("HiGHS", {"logicflow-bound": bound}),
    "affinitree": ("affinitree", {"logicflow-regions": regions}),
    "emlearn": ("emlearn", {"logicflow-network": emlearn_network, "logicflow-tree": emlearn_tree}),
    "m2cgen": ("m2cgen", {"logicflow-tree": m2cgen_tree}),
    "treelite": ("treelite", {"logicflow-tree": treelite_tree}),
    "sklearn": ("scikit-learn", {"logicflow-network": sklearn_network, "logicflow-tree": sklearn_tree}),
}


def main():
    name, works = PEERS[sys.argv[1]]
    # Some libraries print: the answers keep standard output, everything else goes to standard error.
    sys.stdout = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def prepare(request):
        if request["work"] not in works:
            raise ValueError(f"{request['work']} is not known here")
        if request.get("threads", 1) != 1:
            raise ValueError("one thread only")
        return works[request["work"]](request)

    worker.serve(name, prepare)


main()
