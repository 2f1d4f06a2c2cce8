# make build   the program: build/release/bin/visema
# make demo    a portrait speaks: out/demo.mp4
# make test    everything is built and tested
# `make help` lists the rest. PRESET=dev|release|asan|tsan|coverage, JOBS=2.
PRESET ?= release
JOBS ?= $(shell nproc)
BUILD := build/$(PRESET)
PREFIX ?= /usr/local
.DEFAULT_GOAL := build
# Without this ccache keeps nothing that uses the precompiled LibTorch header.
export CCACHE_SLOPPINESS := pch_defines,time_macros,include_file_mtime,include_file_ctime

help:
	@echo 'make build            the program, $(BUILD)/bin/visema (sets the machine up first)'
	@echo 'make demo             out/demo.mp4'
	@echo 'make test             build and run all tests'
	@echo 'make models           face networks into $(BUILD)/share/visema'
	@echo 'make train            the training program, $(BUILD)/bin/visema-train'
	@echo 'make bench            build and run the benchmarks'
	@echo 'make asan tsan        the tests under sanitizers'
	@echo 'make quality          the tables of docs/quality.md (an hour; needs DATA=../shared/data)'
	@echo 'make coverage         the tests, and how much of each folder they reach'
	@echo 'make fuzz             each fuzz target for FUZZ_SECONDS=60'
	@echo 'make lint format      check the code, format the code'
	@echo 'make install          into PREFIX=/usr/local'
	@echo 'make clean            removes build/ and out/'

setup:
	@scripts/setup.sh packages models

configure: setup
	@cmake --preset $(PRESET) --log-level=WARNING

build: configure
	@cmake --build $(BUILD) --parallel $(JOBS) --target visema visema_share

models: build

train: configure
	@cmake --build $(BUILD) --parallel $(JOBS) --target visema-train

demo: build
	@scripts/setup.sh demo
	@mkdir -p out
	@$(BUILD)/bin/visema render --source .cache/demo/astronaut.png --audio .cache/demo/voice.wav \
	  --out out/demo.mp4 --report out/demo.json
	@echo 'Watch out/demo.mp4 (figures: out/demo.json)'

test: configure
	@scripts/setup.sh demo live batch python
	@cmake --build $(BUILD) --parallel $(JOBS)
	@scripts/run_tests.sh $(BUILD)

asan tsan:
	@$(MAKE) --no-print-directory test PRESET=$@

coverage:
	@$(MAKE) --no-print-directory test PRESET=coverage
	@scripts/coverage.sh build/coverage

bench:
	@$(MAKE) --no-print-directory configure
	@cmake --build $(BUILD) --parallel $(JOBS) --target visema visema_share visema_bench
	@scripts/run_benchmarks.sh $(BUILD)

DATA ?= ../shared/data
quality:
	@$(MAKE) --no-print-directory configure
	@cmake --build $(BUILD) --parallel $(JOBS) --target visema visema_share visema_ruler
	@scripts/quality.sh $(BUILD) $(DATA) out/quality

FUZZ_SECONDS ?= 60
fuzz:
	@scripts/setup.sh packages lint
	@cmake --preset fuzz --log-level=WARNING
	@cmake --build build/fuzz --parallel $(JOBS) --target visema_fuzz
	@scripts/run_fuzz.sh build/fuzz $(FUZZ_SECONDS)

lint:
	@scripts/setup.sh packages lint
	@scripts/lint.sh $(BUILD)

format:
	@scripts/setup.sh lint
	@git ls-files -co --exclude-standard '*.cpp' '*.h' | xargs clang-format -i

install: configure
	@cmake --build $(BUILD) --parallel $(JOBS)
	@cmake --install $(BUILD) --prefix $(PREFIX)

clean:
	rm -rf build out

.PHONY: help setup configure build models train demo test asan tsan coverage bench \
  quality fuzz lint format install clean
