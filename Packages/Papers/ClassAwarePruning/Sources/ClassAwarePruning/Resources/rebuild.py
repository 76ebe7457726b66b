"""Runs a network from its own safetensors file in PyTorch: net = Rebuilt("pruned.safetensors"); logits = net(images)."""
import json
import torch
import torch.nn.functional as F
from safetensors import safe_open


class Rebuilt(torch.nn.Module):
    def __init__(self, path):
        super().__init__()
        with safe_open(path, "pt") as file:
            self.nodes = json.loads(file.metadata()["architecture"])["nodes"]
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}

    def forward(self, images):  # [n, channels, height, width], normalised
        values = {}
        for n in self.nodes:
            op, t = n["op"], lambda local: self.tensors.get(f"{n['name']}.{local}")
            x = [values[name] for name in n["inputs"]] or [images]
            values[n["name"]] = {
                "input": lambda: images,
                "conv2d": lambda: F.conv2d(x[0], t("weight"), t("bias"), n["stride"], n["padding"], n.get("dilation", 1), n.get("groups", 1)),
                "batchNorm": lambda: F.batch_norm(x[0], t("running_mean"), t("running_var"), t("weight"), t("bias"), eps=n["epsilon"]),
                "linear": lambda: F.linear(x[0], t("weight"), t("bias")),
                "add": lambda: sum(x[1:], x[0]),
                "concat": lambda: torch.cat(x, 1),
                "padShortcut": lambda: F.pad(x[0][:, :, ::n["stride"], ::n["stride"]], (0, 0, 0, 0, n["before"], n["after"])),
                "maxPool": lambda: F.max_pool2d(x[0], n["kernel"], n["stride"], n["padding"]),
                "avgPool": lambda: F.avg_pool2d(x[0], n["kernel"], n["stride"], n["padding"], count_include_pad=n["countIncludePad"]),
                "globalAveragePool": lambda: x[0].mean((2, 3)),
                "flatten": lambda: x[0].flatten(1),
                "leakyReLU": lambda: F.leaky_relu(x[0], n["slope"]),
                "hardSigmoid": lambda: F.hardsigmoid(x[0]),
                "scale": lambda: x[0] * n["factor"],
                "zero": lambda: torch.zeros_like(x[0]),
                "dropout": lambda: x[0],
                "identity": lambda: x[0],
            }.get(op, lambda: getattr(F, op)(x[0]))()  # relu, relu6, gelu, silu, sigmoid, tanh
        return values[self.nodes[-1]["name"]]
