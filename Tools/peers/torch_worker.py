"""The peer's side of an interleaved benchmark: PyTorch on the CPU.

Answers these requests (see worker.py):

    {"work": "gemm", "size": 1024, "precision": "bfloat16", "threads": 1}
    {"work": "train", "model": "resnet20", "batch": 128, "threads": 2}
    {"work": "infer", "model": "resnet56", "batch": 1, "threads": 1}
    {"work": "infer", "file": "pruned.safetensors", "batch": 1, "threads": 1}

Layout is channels-last; inference has its batch-norms folded into the convolutions.
"""

import pathlib
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

import worker


class BasicBlock(nn.Module):
    """The CIFAR ResNet block with the parameter-free shortcut ("option A")."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.padding = (outputs - inputs) // 2
        self.stride = stride

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.stride != 1 or self.padding:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.padding, self.padding))
        return F.relu(x + y)

    def fold(self):
        self.conv1, self.bn1 = fuse_conv_bn_eval(self.conv1, self.bn1), nn.Identity()
        self.conv2, self.bn2 = fuse_conv_bn_eval(self.conv2, self.bn2), nn.Identity()


class CifarResNet(nn.Module):
    def __init__(self, depth, classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        blocks, inputs = [], 16
        for stage, width in enumerate((16, 32, 64)):
            for block in range((depth - 2) // 6):
                blocks.append(BasicBlock(inputs, width, 2 if stage and block == 0 else 1))
                inputs = width
        self.blocks = nn.Sequential(*blocks)
        self.linear = nn.Linear(64, classes)

    def forward(self, x):
        x = self.blocks(F.relu(self.bn1(self.conv1(x))))
        return self.linear(x.mean((2, 3)))

    def fold(self):
        self.conv1, self.bn1 = fuse_conv_bn_eval(self.conv1, self.bn1), nn.Identity()
        for block in self.blocks:
            block.fold()


def vgg16(classes=10):
    layers, inputs = [], 3
    for width in (64, 64, "M", 128, 128, "M", 256, 256, 256, "M", 512, 512, 512, "M", 512, 512, 512, "M"):
        if width == "M":
            layers.append(nn.MaxPool2d(2))
        else:
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            inputs = width
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(512, classes))


def fold_sequential(net):
    modules = list(net)
    folded = []
    for module in modules:
        if isinstance(module, nn.BatchNorm2d):
            folded[-1] = fuse_conv_bn_eval(folded[-1], module)
        else:
            folded.append(module)
    return nn.Sequential(*folded)


def build(name):
    if name.startswith("resnet"):
        return CifarResNet(int(name[6:]))
    if name == "vgg16":
        return vgg16()
    raise ValueError(f"no model {name!r} here; resnet20, resnet56, vgg16")


def gemm(request):
    size = request["size"]
    if request.get("precision") == "int8":
        a, b = (torch.randint(-128, 128, (size, size), dtype=torch.int8) for _ in range(2))
        return lambda: torch._int_mm(a, b)
    kind = torch.bfloat16 if request.get("precision") == "bfloat16" else torch.float32
    a, b = torch.randn(size, size).to(kind), torch.randn(size, size).to(kind)
    out = torch.empty(size, size, dtype=kind)
    return lambda: torch.mm(a, b, out=out)


def train(request):
    net = build(request["model"]).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    images = torch.randn(request["batch"], 3, 32, 32).to(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (request["batch"],))

    def step():
        optimizer.zero_grad(set_to_none=True)
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()

    return step


def infer_file(request):
    """A self-describing checkpoint, run by the script that is exported with it; traced and frozen, so that no Python is timed."""
    resources = "Packages/Papers/ClassAwarePruning/Sources/ClassAwarePruning/Resources"
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / resources))
    from rebuild import Rebuilt

    net = Rebuilt(request["file"]).eval()
    images = torch.randn(request["batch"], *request["shape"]).to(memory_format=torch.channels_last)
    with torch.inference_mode():
        frozen = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, images)))

    def step():
        with torch.inference_mode():
            frozen(images)

    return step


def infer(request):
    if request.get("file"):
        return infer_file(request)
    net = build(request["model"]).eval()
    if isinstance(net, CifarResNet):
        net.fold()
    else:
        net = fold_sequential(net)
    net = net.to(memory_format=torch.channels_last)
    images = torch.randn(request["batch"], 3, 32, 32).to(memory_format=torch.channels_last)

    def step():
        with torch.inference_mode():
            net(images)

    return step


WORK = {"gemm": gemm, "train": train, "infer": infer}


def prepare(request):
    torch.set_num_threads(request.get("threads", 2))
    torch.manual_seed(0)
    return WORK[request["work"]](request)


if __name__ == "__main__":
    worker.serve(f"PyTorch {torch.__version__}", prepare, lambda request: torch.set_num_threads(request.get("threads", 2)))
