"""The peer's side of `hardwise bench logicflow --peer`: a C loop compiled with -O3, and unicorn as a RISC-V simulator.

The protocol is that of torch_worker.py, one JSON line each way. Work that needs something that is not installed is answered with
{"error": …}, and `hardwise bench` leaves that row's peer empty.

    {"work": "logicflow-rows", "batch": 65536, "threads": 1}         integer inference 7→10→25→2, row by row
    {"work": "logicflow-simulator", "batch": 250000, "threads": 1}   a loop of four instructions, without a cycle model
"""

import ctypes
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SIZES = (7, 10, 25, 2)


def source():
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
    text.append("static int one(const uint8_t *x) {" + "\n".join(body) + f"return y{len(SIZES) - 2}[1] > y{len(SIZES) - 2}[0]; }}")
    text.append(f"int all(const uint8_t *x, int n) {{ int s = 0; for (int r = 0; r < n; r++) s += one(x + {SIZES[0]} * r); return s; }}")
    return "\n".join(text)


def rows(batch):
    compiler = shutil.which("clang") or shutil.which("gcc")
    if compiler is None:
        raise RuntimeError("no clang and no gcc")
    with tempfile.TemporaryDirectory() as folder:
        path, library = os.path.join(folder, "f.c"), os.path.join(folder, "f.so")
        with open(path, "w") as file:
            file.write(source())
        subprocess.run([compiler, "-O3", "-march=native", "-shared", "-fPIC", "-o", library, path], check=True)
        function = ctypes.CDLL(library).all
    data = (ctypes.c_uint8 * (batch * SIZES[0])).from_buffer_copy(random.Random(2).randbytes(batch * SIZES[0]))
    return lambda: function(data, batch)


def simulator(turns):
    import unicorn
    from unicorn import riscv_const

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


def measure(request):
    makers = {"logicflow-rows": rows, "logicflow-simulator": simulator}
    if request["work"] not in makers:
        raise ValueError(f"{request['work']} is not known here")
    if request.get("threads", 1) != 1:
        raise ValueError("one thread only")
    body = makers[request["work"]](request["batch"])
    body()
    times = []
    start = time.perf_counter()
    while not times or time.perf_counter() - start < request.get("seconds", 0.3):
        before = time.perf_counter()
        body()
        times.append(time.perf_counter() - before)
    return {"seconds": statistics.median(times), "repeats": len(times)}


def main():
    print(json.dumps({"peer": "C -O3, unicorn"}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        if request["work"] == "bye":
            break
        try:
            answer = measure(request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


main()
