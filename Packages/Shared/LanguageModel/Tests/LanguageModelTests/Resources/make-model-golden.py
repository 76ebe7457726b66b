#!/usr/bin/env python3
"""Makes smollm2-logits-golden.json: logits of the default model by an implementation that shares nothing with this package.

    pip install numpy torch
    python make-model-golden.py SmolLM2-135M-Instruct.Q4_1.gguf

Reads the GGUF file with a parser of its own, undoes llama.cpp's reordering of query and key rows, and runs the transformer as
Hugging Face writes it (half-split rotary embedding), in double precision, without a cache.
"""
import json
import pathlib
import struct
import sys

import numpy as np
import torch

SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
PROMPT = [
    # "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
    1, 4093, 198, 1780, 314, 260, 3575, 282, 4649, 47, 2, 198, 1, 520, 9531, 198,
]  # fmt: skip
STEPS = 50


def read(path):
    data = np.memmap(path, np.uint8, "r")
    position = 24
    magic, version, tensor_count, field_count = struct.unpack("<4sIQQ", data[:24].tobytes())
    assert magic == b"GGUF" and version == 3

    def take(code):
        nonlocal position
        size = struct.calcsize("<" + code)
        position += size
        return struct.unpack("<" + code, data[position - size : position].tobytes())[0]

    def text():
        nonlocal position
        length = take("Q")
        position += length
        return data[position - length : position].tobytes().decode()

    def value(kind):
        if kind == 8:
            return text()
        if kind == 9:
            item, count = take("I"), take("Q")
            return [value(item) for _ in range(count)]
        return take(SCALARS[kind])

    fields = {}
    for _ in range(field_count):
        key = text()
        fields[key] = value(take("I"))
    entries = []
    for _ in range(tensor_count):
        name = text()
        shape = [take("Q") for _ in range(take("I"))][::-1]
        entries.append((name, shape, take("I"), take("Q")))
    start = (position + 31) // 32 * 32
    return fields, {name: dense(data[start + offset :], shape, kind) for name, shape, kind, offset in entries}


def dense(data, shape, kind):
    count = int(np.prod(shape))
    if kind == 0:
        weights = data[: 4 * count].view(np.float32)
    elif kind == 3:  # Q4_1
        blocks = data[: count // 32 * 20].reshape(-1, 20)
        scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
        minimum = blocks[:, 2:4].copy().view(np.float16).astype(np.float32)
        codes = np.concatenate([blocks[:, 4:] & 15, blocks[:, 4:] >> 4], axis=1)
        weights = scale * codes + minimum
    elif kind == 8:  # Q8_0
        blocks = data[: count // 32 * 34].reshape(-1, 34)
        weights = blocks[:, :2].copy().view(np.float16).astype(np.float32) * blocks[:, 2:].view(np.int8)
    else:
        raise ValueError(f"tensor type {kind}")
    return torch.from_numpy(np.array(weights, np.float32).reshape(shape))


class Llama:
    def __init__(self, path):
        fields, self.weights = read(path)
        self.layers = fields["llama.block_count"]
        self.heads = fields["llama.attention.head_count"]
        self.kv_heads = fields["llama.attention.head_count_kv"]
        self.epsilon = fields["llama.attention.layer_norm_rms_epsilon"]
        self.size = fields["llama.embedding_length"] // self.heads
        exponents = torch.arange(0, self.size, 2, dtype=torch.float64) / self.size
        self.frequencies = fields["llama.rope.freq_base"] ** -exponents

    def linear(self, x, name, heads=None):
        weight = self.weights[name + ".weight"]
        if heads:  # llama.cpp stores each head's rows interleaved
            weight = weight.reshape(heads, self.size // 2, 2, -1).transpose(1, 2).reshape(weight.shape)
        return x @ weight.double().T

    def norm(self, x, name):
        scale = torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon)
        return x * scale * self.weights[name + ".weight"].double()

    def rotate(self, x, cosine, sine):
        first, second = x.chunk(2, -1)
        return x * cosine + torch.cat([-second, first], -1) * sine

    def logits(self, tokens):
        count = len(tokens)
        x = self.weights["token_embd.weight"][tokens].double()
        angles = torch.outer(torch.arange(count, dtype=torch.float64), self.frequencies)
        angles = torch.cat([angles, angles], -1)
        mask = torch.full((count, count), -torch.inf, dtype=torch.float64).triu(1)
        for layer in range(self.layers):
            name = f"blk.{layer}."
            h = self.norm(x, name + "attn_norm")
            q = self.linear(h, name + "attn_q", self.heads).view(count, self.heads, -1).transpose(0, 1)
            k = self.linear(h, name + "attn_k", self.kv_heads).view(count, self.kv_heads, -1).transpose(0, 1)
            v = self.linear(h, name + "attn_v").view(count, self.kv_heads, -1).transpose(0, 1)
            q = self.rotate(q, angles.cos(), angles.sin())
            k = self.rotate(k, angles.cos(), angles.sin())
            k = k.repeat_interleave(self.heads // self.kv_heads, 0)
            v = v.repeat_interleave(self.heads // self.kv_heads, 0)
            weights = torch.softmax(q @ k.transpose(1, 2) / self.size**0.5 + mask, -1)
            x = x + self.linear((weights @ v).transpose(0, 1).reshape(count, -1), name + "attn_output")
            h = self.norm(x, name + "ffn_norm")
            inner = torch.nn.functional.silu(self.linear(h, name + "ffn_gate")) * self.linear(h, name + "ffn_up")
            x = x + self.linear(inner, name + "ffn_down")
        return self.linear(self.norm(x, "output_norm"), "token_embd")


model = Llama(sys.argv[1])
tokens = list(PROMPT)
margins = []
with torch.no_grad():
    for step in range(STEPS):
        logits = model.logits(tokens)
        best = logits[-1].topk(2)
        tokens.append(int(best.indices[0]))
        margins.append(round(float(best.values[0] - best.values[1]), 4))
    positions = []
    for row in [0, 1, 5, 11, 15, 30, 47, 64]:
        best = logits[row].topk(8)
        positions.append(
            {
                "row": row,
                "ids": best.indices.tolist(),
                "logits": [round(value, 5) for value in best.values.tolist()],
                "logSumExp": round(float(logits[row].logsumexp(0)), 5),
            }
        )
    losses = -torch.log_softmax(logits[:-1], -1).gather(1, torch.tensor(tokens[1:-1])[:, None])[:, 0]
content = {
    "note": f"Logits of SmolLM2-135M-Instruct.Q4_1.gguf by PyTorch {torch.__version__} in double precision on the"
    " dequantised weights; see make-model-golden.py",
    "prompt": PROMPT,
    "greedy": tokens[len(PROMPT) :],
    "margins": margins,
    "positions": positions,
    "meanLoss": round(float(losses.mean()), 6),
}
text = json.dumps(content, separators=(",", ":")).replace('},{"row', '},\n{"row').replace(',"', ',\n"', 4)
(pathlib.Path(__file__).parent / "smollm2-logits-golden.json").write_text(text + "\n")
