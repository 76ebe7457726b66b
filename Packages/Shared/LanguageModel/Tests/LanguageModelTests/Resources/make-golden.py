#!/usr/bin/env python3
"""Makes the token ids of small-golden.json and smollm2-golden.json anew, with Hugging Face's `tokenizers`.

    pip install tokenizers gguf
    python make-golden.py SmolLM2-135M-Instruct.Q4_1.gguf

The texts are those of small-golden.json: add to them there. small-tokenizer.json was trained on them once
(BpeTrainer, 640 tokens, byte alphabet) and is kept, so that ids stay comparable.
"""
import json
import pathlib
import sys

import tokenizers
from gguf import GGUFReader
from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

here = pathlib.Path(__file__).parent
llama = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def split(pattern):
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )


patterns = {
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False),
    "smollm": pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    ),
    "llama-bpe": split(llama),
    "qwen2": split(llama.replace("{1,3}", "")),
}


def note(what):
    return f"{what}, made with Hugging Face tokenizers {tokenizers.__version__} (Rust, Oniguruma patterns)"


def save(name, content, line_break):
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    (here / name).write_text(text.replace(line_break, line_break[:2] + "\n" + line_break[2:]) + "\n", "utf8")


def ids(tokenizer, texts):
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]


texts = json.loads((here / "small-golden.json").read_text("utf8"))["texts"]
small = Tokenizer.from_file(str(here / "small-tokenizer.json"))
result = {}
for name, pattern in patterns.items():
    small.pre_tokenizer = pattern
    result[name] = {"pre_tokenizer": json.loads(small.to_str())["pre_tokenizer"], "ids": ids(small, texts)}
what = note("Token ids of small-tokenizer.json under each splitting pattern")
save("small-golden.json", {"note": what, "texts": texts, "patterns": result}, "],[")

fields = GGUFReader(sys.argv[1]).fields
tokens = fields["tokenizer.ggml.tokens"].contents()
merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
real = Tokenizer(models.BPE(vocab={token: id for id, token in enumerate(tokens)}, merges=merges))
real.pre_tokenizer = patterns["smollm"]
kinds = fields["tokenizer.ggml.token_type"].contents()
control = [token for token, kind in zip(tokens, kinds) if kind == 3]
real.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in control])
what = note("Token ids of SmolLM2-135M-Instruct (vocabulary and merges of its GGUF file)")
save("smollm2-golden.json", {"note": what, "cases": [list(case) for case in zip(texts, ids(real, texts))]}, '],["')
