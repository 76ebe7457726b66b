"""The peer's side of an interleaved benchmark: NumPy with the OpenBLAS that it ships.

Answers (see worker.py):

    {"work": "gemm", "size": 1024, "threads": 1}

OpenBLAS reads its thread count when it is loaded, so this program starts itself once per thread count and passes requests on.
`OPENBLAS_CORETYPE` in the environment picks another kernel; the peer's name tells.
"""

import json
import os
import subprocess
import sys


def forward():
    """Keeps one worker per thread count."""
    print(json.dumps({"peer": name()}), flush=True)
    workers = {}
    for line in sys.stdin:
        request = json.loads(line)
        if request.get("work") == "bye":
            break
        threads = str(request.get("threads", 1))
        if threads not in workers:
            workers[threads] = subprocess.Popen(
                [sys.executable, __file__, "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                env=dict(os.environ, OPENBLAS_NUM_THREADS=threads))
            workers[threads].stdout.readline()
        workers[threads].stdin.write(line)
        workers[threads].stdin.flush()
        answer = workers[threads].stdout.readline() or '{"error": "the NumPy worker ended"}\n'
        print(answer, end="", flush=True)
    for process in workers.values():
        process.stdin.close()
        process.wait()


def name():
    import numpy

    core = os.environ.get("OPENBLAS_CORETYPE")
    return f"NumPy {numpy.__version__}" + (f" ({core})" if core else "")


def gemm(request):
    import numpy

    if request["work"] != "gemm" or request.get("precision", "float32") != "float32":
        raise ValueError("NumPy multiplies float matrices here, nothing else")
    size = request["size"]
    generator = numpy.random.default_rng(0)
    a, b = (generator.standard_normal((size, size), dtype=numpy.float32) for _ in range(2))
    out = numpy.empty((size, size), numpy.float32)
    return lambda: numpy.matmul(a, b, out=out)


if __name__ == "__main__":
    if "--serve" in sys.argv:
        import worker

        worker.serve(name(), gemm)
    else:
        forward()
