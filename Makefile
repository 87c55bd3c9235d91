# On a fresh machine with Python 3.10 to 3.12, make and a C++ compiler: the virtual environment in .venv
# is made on first use and kept until its inputs change. The targets arm, android, sanitize and test-adb
# need more, and say what.

VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
ifeq ($(PYTHON),)
# A name on PATH proves little (version managers leave shims that do not run, and Debian
# packages venv apart), so the choice below runs each candidate.
PYTHONS := python3.11 python3.12 python3.10 python3
else
PYTHONS := $(PYTHON)
endif
PROBE  := import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))

.PHONY: help venv native demo test test-adb parity bench-convert bench-train bench-native fuzz sanitize compat lint docs clean

help:
	@echo "make demo    run a model on an example image, Keras and converted"
	@echo "make test    run the tests"
	@echo "make test-adb  test adb and ssh on a device and a server of our own (downloads 100 MB)"
	@echo "make native  build the native delegate anew where its sources changed"
	@echo "make parity  compare the models with the published PyTorch code"
	@echo "make bench-convert  measure conversion, IMAGES=folder or archive of images to compare on"
	@echo "make bench-train    measure training, PUBLISHED=clone of the authors' code IMAGES=folder"
	@echo "make bench-native   measure the native delegate, IMAGES=folder or archive for 8-bit ranges"
	@echo "make arm, android   build the delegate for aarch64 and test it under emulation; for Android"
	@echo "make fuzz    feed the native delegate damaged graphs under sanitizers, MINUTES=30"
	@echo "make sanitize  run the native delegate's tests under sanitizers (half an hour)"
	@echo "make compat  try the native delegate in old and new runtimes (downloads several GB)"
	@echo "make lint    ruff and mypy"
	@echo "make docs    regenerate docs/models.md, docs/cli.md, the cards and the table of weights"
	@echo "make clean   remove .venv and everything that was generated"

venv: $(STAMP)

# One constrained command: installed one after another, pip drifts to a protobuf that
# breaks TensorFlow. --clear also heals a half-made environment.
$(STAMP): setup.py pyproject.toml constraints.txt
	@python=""; \
	for candidate in $(PYTHONS); do \
	  if "$$candidate" -c '$(PROBE)' >/dev/null 2>&1; then python="$$candidate"; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	  echo "error: none of '$(PYTHONS)' is a working Python 3.10, 3.11 or 3.12 with venv" >&2; \
	  echo "       (on Debian and Ubuntu: apt install python3-venv; or make PYTHON=/path/to/python)" >&2; \
	  exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$python" -V); the downloads take some minutes"; \
	"$$python" -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# Installing built it once; it is built anew in the same folder, so only what changed. A missing
# compiler is an error here, and none of an install.
DELEGATE := larq_bvit/runtime/liblarq_bvit_delegate.so
SOURCES  := $(shell find native -type f \( -path native/src/\* -o -path native/include/\* -o -path native/runner/\* \
              -o -name CMakeLists.txt -o -name \*.cmake \) -not -path native/tests/\*)

native: $(DELEGATE)

$(DELEGATE): $(SOURCES) | $(STAMP)
	$(BIN)/python setup.py -q build_native --inplace

demo: $(STAMP)
	$(BIN)/larq-bvit demo

# Whole files to each of two processes: TensorFlow keeps one core busy on models this small, and with
# an operator on two threads both wait for each other.
ONE_THREAD := TF_NUM_INTRAOP_THREADS=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
test: $(STAMP) $(if $(filter Linux,$(shell uname)),$(DELEGATE))
	$(ONE_THREAD) $(BIN)/python -m pytest -n 2 --dist loadfile

# adb against Debian's adbd with an aarch64 device under qemu, and ssh against a local server; the
# scripts say which packages they need.
ADB := build/adb
test-adb: $(STAMP) $(DELEGATE)
	tests/bench/remote/adb_device/fetch.sh $(ADB)
	native/arm/c_library.sh $(ADB)/aarch64 arm64
	native/arm/c_library.sh $(ADB)/x86_64 amd64
	PYTHON=$(BIN)/python native/arm/run.sh build/arm build
	[ -f $(ADB)/nano.tflite ] || $(BIN)/larq-bvit convert binaryvit_nano_cifar10 -o $(ADB)/nano.tflite
	$(BIN)/python -m pytest tests/bench/remote

parity: $(STAMP)
	$(BIN)/python -m tests.parity

bench-convert: $(STAMP)
	$(BIN)/python -m benchmarks.convert $(if $(IMAGES),--images "$(IMAGES)")

bench-train: $(STAMP)
	$(BIN)/python -m benchmarks.train --published "$(PUBLISHED)" --images "$(IMAGES)" \
	  $(if $(TORCH_PYTHON),--torch-python "$(TORCH_PYTHON)") \
	  $(if $(JAX_PYTHON),--jax-python "$(JAX_PYTHON)")

bench-native: $(STAMP) $(DELEGATE)
	$(BIN)/python -m benchmarks.native $(if $(IMAGES),--images "$(IMAGES)")

# For aarch64, under emulation; the scripts say which packages they need. STEPS: build tests count models.
arm: $(STAMP)
	PYTHON=$(BIN)/python native/arm/run.sh build/arm $(STEPS)

# For Android, without an NDK; untested on a device.
android:
	native/android/build.sh build/android

# The delegate with sanitizers, on graphs that are damaged at random.
MINUTES := 30
FUZZ    := build/fuzz
fuzz: export PATH := $(abspath $(BIN)):$(PATH)
fuzz: $(STAMP)
	cmake -S native/fuzz -B $(FUZZ)
	cmake --build $(FUZZ) --parallel 2 --target fuzz
	$(BIN)/python -m native.fuzz.seeds $(FUZZ)/seeds
	mkdir -p $(FUZZ)/failures
	$(FUZZ)/fuzz -minutes $(MINUTES) $(FUZZ)/seeds/*.case $(FUZZ)/failures

# The delegate's tests with AddressSanitizer, UndefinedBehaviorSanitizer and ThreadSanitizer. STEPS: address
# thread.
sanitize: $(STAMP)
	PYTHON=$(BIN)/python native/sanitize/run.sh build/sanitize $(STEPS)

# The delegate in old and new runtimes.
compat: $(STAMP) $(DELEGATE)
	$(BIN)/python -m native.compat.matrix $(DELEGATE)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(STAMP)
	$(BIN)/python -m tests.model_table --write
	$(BIN)/python -m tests.cli_reference --write
	$(BIN)/python -m tests.card_pages --write

clean:
	rm -rf $(DELEGATE) larq_bvit/runtime/larq_bvit_runner $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
