"""The peer's side of an interleaved benchmark: llama.cpp through llama-cpp-python.

Reads one JSON request per line on standard input, answers one JSON line each:

    {"work": "prefill", "file": "m.gguf", "tokens": 512, "threads": 2}
    {"work": "decode", "file": "m.gguf", "tokens": 512, "threads": 2}                          one token behind 512
    {"work": "score", "file": "m.gguf", "tokens": 400, "options": 4, "length": 8, "threads": 2}  behind a known prefix
    {"work": "start", "file": "m.gguf", "threads": 2}                                          file to first token
    {"work": "bye"}

    {"seconds": 0.0123, "repeats": 24}      the median time of one piece of work
    {"error": "…"}

`hardwise lm bench --peer` alternates its own measurement with a request to this worker, so that both sides see the same
machine. The prefix of a scoring is evaluated once and kept, like on the other side; options are then evaluated one after the
other, because llama.cpp's interface has no call for several.
"""

import json
import random
import resource
import statistics
import subprocess
import sys
import time

try:
    import llama_cpp
    import numpy as np
except ImportError as error:
    print(f"llama_worker: {error}; install llama-cpp-python and numpy, or run without --peer", file=sys.stderr)
    sys.exit(3)

models = {}


def model(file, threads, all_logits=False):
    key = (file, threads, all_logits)
    if key not in models:
        models[key] = llama_cpp.Llama(
            model_path=file, n_ctx=4096, n_batch=512, n_threads=threads, n_threads_batch=threads, logits_all=all_logits,
            verbose=False)
    return models[key]


def tokens(count, vocabulary, seed=1):
    generator = random.Random(seed)
    return [generator.randrange(vocabulary) for _ in range(count)]


def prefill(request):
    llama = model(request["file"], request["threads"])
    prompt = tokens(request["tokens"], llama.n_vocab())

    def step():
        llama.reset()
        llama.eval(prompt)

    return step


def behind(llama, count):
    llama.reset()
    llama.eval(tokens(count, llama.n_vocab()))


def decode(request):
    llama, count = model(request["file"], request["threads"]), request["tokens"]

    def step():
        llama.n_tokens = count
        llama.eval([1])

    return step, lambda: behind(llama, count)


def score(request):
    llama, count = model(request["file"], request["threads"], all_logits=True), request["tokens"]
    options = [tokens(request["length"], llama.n_vocab(), seed + 2) for seed in range(request["options"])]
    last = tokens(count, llama.n_vocab())[-1]

    def step():
        for option in options:
            llama.n_tokens = count - 1
            llama.eval([last] + option[:-1])
            rows = llama.scores[count - 1 : count - 1 + len(option)].astype(np.float64)
            largest = rows.max(axis=1)
            normal = largest + np.log(np.exp(rows - largest[:, None]).sum(axis=1))
            float((rows[np.arange(len(option)), option] - normal).sum())

    return step, lambda: behind(llama, count)


def start(file, threads):
    """In a process of its own: from the file to the first token."""
    before = time.perf_counter()
    llama = llama_cpp.Llama(
        model_path=file, n_ctx=4096, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
    llama.eval(llama.tokenize(b"The", add_bos=False))
    llama.sample(temp=0.0)
    seconds = time.perf_counter() - before
    print(json.dumps({"seconds": seconds, "bytes": peak_bytes()}), flush=True)


def peak_bytes():
    try:  # not ru_maxrss, in which a process inherits the peak of the one that started it
        with open("/proc/self/status") as status:
            return next(1024 * int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


WORK = {"prefill": prefill, "decode": decode, "score": score}
prepared = {}


def measure(request):
    if request["work"] == "start":
        command = [sys.executable, __file__, "--start", request["file"], str(request["threads"])]
        return json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()[-1])
    key = json.dumps(request, sort_keys=True)
    if key not in prepared:
        made = WORK[request["work"]](request)
        prepared[key] = made if isinstance(made, tuple) else (made, lambda: None)
    step, prepare = prepared[key]
    # Works share a model and its cache, so what stands before the work is computed anew, untimed.
    prepare()
    step()
    budget, times, begin = request.get("seconds", 0.3), [], time.perf_counter()
    while not times or time.perf_counter() - begin < budget:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    return {"seconds": statistics.median(times), "repeats": len(times)}


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "--start":
        return start(sys.argv[2], int(sys.argv[3]))
    print(json.dumps({"peer": f"llama.cpp (llama-cpp-python {llama_cpp.__version__})"}), flush=True)
    for line in sys.stdin:
        try:
            request = json.loads(line)
            if request.get("work") == "bye":
                return
            answer = measure(request)
        except Exception as error:  # the tool goes on with the next row
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
