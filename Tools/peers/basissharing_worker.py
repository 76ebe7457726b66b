"""The peer's side of `hardwise bench basissharing --peer`: the paper's pipeline in PyTorch, on weights of SmolLM2-135M's shapes.

The weights are random: none of the work depends on their values. Grams are products of 32-bit activations summed in 64 bits, factors
follow the paper: S from Cholesky's factorisation, an SVD of S W, B = S^-1 U Sigma, all in 64 bits.

    {"work": "gram", "size": 576, "tokens": 1024}          X^T X of one window
    {"work": "eigen", "size": 576}                         eigenvectors in 64 bits
    {"work": "calibrate", "batch": 1, "tokens": 1024}      forward of a window with all Grams
    {"work": "compress", "batch": 4, "tokens": 1024}       that for 4 windows, and the factors of layers 0 and 1
"""

import torch
import torch.nn.functional as F

import worker

LAYERS, WIDTH, HEADS, KV_HEADS, HIDDEN, VOCABULARY = 30, 576, 9, 3, 1536, 49152
HEAD = WIDTH // HEADS
SHAPES = {
    "query": (WIDTH, WIDTH), "key": (WIDTH, KV_HEADS * HEAD), "value": (WIDTH, KV_HEADS * HEAD), "output": (WIDTH, WIDTH),
    "gate": (WIDTH, HIDDEN), "up": (WIDTH, HIDDEN), "down": (HIDDEN, WIDTH),
}
INPUT = {"query": "attention", "key": "attention", "value": "attention", "output": "output", "gate": "mlp", "up": "mlp",
         "down": "down"}
SHARED = {"query", "gate", "up"}


class Model:
    """A Llama of 30 layers whose linear maps are plain matrices [outputs, inputs]."""

    def __init__(self):
        torch.manual_seed(0)
        self.embedding = torch.randn(VOCABULARY, WIDTH)
        self.layers = [
            {name: torch.randn(outputs, inputs) * inputs**-0.5 for name, (inputs, outputs) in SHAPES.items()}
            for _ in range(LAYERS)
        ]
        angles = torch.arange(8192)[:, None] * (100_000 ** (-torch.arange(0, HEAD, 2) / HEAD))[None]
        self.cos, self.sin = angles.cos().repeat(1, 2), angles.sin().repeat(1, 2)

    def rotate(self, x):
        tokens = x.shape[-2]
        a, b = x.chunk(2, -1)
        return x * self.cos[:tokens] + torch.cat((-b, a), -1) * self.sin[:tokens]

    def forward(self, tokens, observe):
        h = self.embedding[tokens]
        for index, w in enumerate(self.layers):
            x = F.rms_norm(h, (WIDTH,))
            observe("attention", index, x)
            q, k, v = (F.linear(x, w[n]).view(len(tokens), -1, HEAD).transpose(0, 1) for n in ("query", "key", "value"))
            q, k = self.rotate(q), self.rotate(k)
            attended = F.scaled_dot_product_attention(q[None], k[None], v[None], is_causal=True, enable_gqa=True)[0]
            x = attended.transpose(0, 1).reshape(len(tokens), WIDTH)
            observe("output", index, x)
            h = h + F.linear(x, w["output"])
            x = F.rms_norm(h, (WIDTH,))
            observe("mlp", index, x)
            x = F.silu(F.linear(x, w["gate"])) * F.linear(x, w["up"])
            observe("down", index, x)
            h = h + F.linear(x, w["down"])
        return h


def calibrate(model, windows):
    grams = {}

    def observe(site, layer, x):
        product = x.T @ x
        if (site, layer) in grams:
            grams[site, layer] += product
        else:
            grams[site, layer] = product.double()

    for tokens in windows:
        model.forward(tokens, observe)
    return grams


def factor(gram, weights, ratio=0.2):
    joined = torch.cat([w.double().T for w in weights], 1)
    inputs, outputs = joined.shape
    rank = int((1 - ratio) * inputs * outputs / (inputs + outputs))
    # Random inputs excite all directions; a ridge keeps short calibrations positive definite, as in the public code.
    identity = torch.eye(inputs, dtype=torch.float64)
    root = torch.linalg.cholesky(gram + 1e-6 * gram.diagonal().mean() * identity).T
    u, s, vt = torch.linalg.svd(root @ joined, full_matrices=False)
    basis = torch.linalg.solve_triangular(root, u[:, :rank] * s[:rank], upper=True)
    return basis.float(), vt[:rank].float()


def factor_pair(model, grams):
    for name in SHAPES:
        for layers in [[0, 1]] if name in SHARED else [[0], [1]]:
            gram = sum(grams[INPUT[name], layer] for layer in layers)
            factor(gram, [model.layers[layer][name] for layer in layers])


def prepare(request):
    work, size, tokens = request["work"], request.get("size"), request.get("tokens")
    if work == "gram":
        x = torch.randn(tokens, size)
        total = torch.zeros(size, size, dtype=torch.float64)
        return lambda: total.add_(x.T @ x)
    if work == "eigen":
        x = torch.randn(size, size, dtype=torch.float64)
        symmetric = x.T @ x
        return lambda: torch.linalg.eigh(symmetric)
    if work not in ("calibrate", "compress"):
        raise ValueError(f"{work} is not known here")
    model = Model()
    windows = torch.randint(VOCABULARY, (request["batch"], tokens))
    if work == "calibrate":
        return lambda: calibrate(model, windows)
    return lambda: factor_pair(model, calibrate(model, windows))


def before(request):
    torch.set_num_threads(request.get("threads", 1))


with torch.inference_mode():
    worker.serve(f"PyTorch {torch.__version__}", prepare, before)
