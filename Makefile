# makook: two commands do everything.
#   make demo    fetch what is needed, build, run the main job on shipped real data
#   make test    run every test
# Then: setup build bench bench-console lint dist doctor clean. Nothing else has to be installed or edited.

SHELL := /bin/bash
CARGO ?= cargo
PYTHON ?= python3
TARGET := $(or $(CARGO_TARGET_DIR),target)
BIN := $(TARGET)/release/makook

.PHONY: help demo test setup build bench bench-console lint dist try-archive doctor oracles clean

help:
	@sed -n 's/^#  \{0,1\}//p' Makefile | head -4

# Fresh machine to libtorch in .libtorch; does nothing when it is there.
setup:
	@command -v $(CARGO) >/dev/null || { echo "makook: no cargo found; install Rust 1.90 or newer (rustup), then run this again" >&2; exit 3; }
	@command -v $(PYTHON) >/dev/null || { echo "makook: no python3 found; install Python 3.8 or newer, then run this again" >&2; exit 3; }
	@$(PYTHON) deploy/libtorch.py

build: setup
	@echo "makook: building (first time 10 to 20 minutes on two cores, mostly polars)" >&2
	@$(CARGO) build --release --bins
	@echo 'makook: built; for this shell: export PATH="$(abspath $(dir $(BIN))):$$PATH"' >&2

demo: build
	@$(BIN) demo
	@echo 'makook: to go on in this shell: export PATH="$(abspath $(dir $(BIN))):$$PATH"' >&2

test: setup
	@bash tests/run.sh

doctor: build
	@$(BIN) doctor

lint: setup
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy --release --workspace --all-targets -- -D warnings

bench: build
	@bash benches/run.sh

# The console's budgets in one table, beside what others take; then its own benchmarks.
bench-console:
	@bash benches/run.sh console

# Fetches the independent packages and data that some parity tests compare against.
oracles:
	@$(PYTHON) tests/oracles.py

# One archive that starts on old hosts (glibc 2.28); with BUNDLE=1 libtorch's CPU half is inside.
dist: setup
	@BUNDLE="$(BUNDLE)" bash deploy/dist.sh "$(TARGET)"

# Uses that archive in an old Debian; needs root and debootstrap.
try-archive:
	@bash deploy/try_archive.sh "$$(ls -t dist/makook-*.tar.gz | head -n 1)"

clean:
	@$(CARGO) clean
