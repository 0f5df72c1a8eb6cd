# Set-up, build, test and demonstration; see README.md.
BUILD_PACKAGES = libprotobuf-c-dev libopenblas-dev libzip-dev libssl-dev libpng-dev libturbojpeg0-dev \
  zlib1g-dev pkg-config
# ONNX's node tests, and what the Python package is tested with.
TEST_PACKAGES = libonnx-testdata python3-pytest python3-numpy python3-jsonschema python3-onnx python3-torch \
  python3-pil
PACKAGES = $(BUILD_PACKAGES)
MODCONVERT = .build/release/modconvert
DEMO = .build/demo

.PHONY: setup setup-tests build test test-python wheel dist test-large test-scale test-asan test-tsan fuzz demo bench lint

# Installs the Debian packages that are missing, and does nothing if none is.
setup:
	@installed=$$(dpkg-query -W -f='$${Status} $${Package}\n' $(PACKAGES) 2>/dev/null \
	  | awk '$$3 == "installed" { print $$4 }'); \
	for package in $(PACKAGES); do \
	  echo "$$installed" | grep -qx "$$package" || needed="$$needed $$package"; \
	done; \
	if [ -n "$$needed" ]; then apt-get update -qq && apt-get install -y -qq $$needed; fi

setup-tests:
	@$(MAKE) --no-print-directory setup PACKAGES="$(BUILD_PACKAGES) $(TEST_PACKAGES)"

build: setup
	swift build -c release --product modconvert

# Every test, optimised as in a release: building takes longer than without, the tests a tenth of the time. The folder
# is not that of `make build`, whose flags differ.
OPTIMISED = -c release -debug-info-format none -Xswiftc -enable-testing
TEST_BUILD = .build-test
test: setup-tests
	swift test $(OPTIMISED) --scratch-path $(TEST_BUILD)

# The Python package around the binary that `make test` built, or TOOL, without a wheel.
TOOL = $(TEST_BUILD)/release/modconvert
DEBIAN_PYTHON = /usr/bin/python3
test-python: setup-tests
	test -x $(TOOL) || swift build $(OPTIMISED) --scratch-path $(TEST_BUILD) --product modconvert
	MODCONVERT_BINARY=$$(realpath $(TOOL)) PYTHONPATH=python/src $(DEBIAN_PYTHON) -m pytest -q python/tests

# A wheel that needs neither Swift nor a C library, in dist/; docs/packaging.md says how it is made, and how for
# other processors. `make dist` packs the same binary with manual and completions.
wheel:
	packaging/wheel.sh

dist:
	packaging/dist.sh

# The tests with the address sanitizer, and with the thread sanitizer, for every instruction set, optimised as in a
# release, which is where a lifetime ends early; each builds everything anew. XCTest, which starts the tests, leaks
# some objects; BadFileTests limit memory, which neither sanitizer survives.
INSTRUCTION_SETS = avx512 avx2 portable
SANITIZED = -c release -Xswiftc -enable-testing

test-asan: setup
	for set in $(INSTRUCTION_SETS); do \
	  MODCONVERT_ISA=$$set ASAN_OPTIONS=detect_leaks=0 swift test $(SANITIZED) --sanitize address \
	    --scratch-path .build-asan --skip BadFileTests || exit 1; \
	done

test-tsan: setup
	for set in $(INSTRUCTION_SETS); do \
	  MODCONVERT_ISA=$$set swift test $(SANITIZED) --sanitize thread --scratch-path .build-tsan \
	    --skip BadFileTests || exit 1; \
	done

# Runs every fuzzer for so many seconds, or those that TARGETS names; see docs/fuzzing.md.
SECONDS = 60
fuzz: setup
	swift build --package-path Tests/Fuzz --scratch-path .build-fuzz -c release --sanitize address \
	  -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld -Xcc -fsanitize=fuzzer-no-link
	Tests/Fuzz/fuzz.sh $(SECONDS) $(TARGETS)

# What a user gets: a full-size ResNet-50 at ratio 0.5, then a trained network, converted from 256 images and
# evaluated on 500 others that ship with the repository.
FASHION = fixtures/images/fashion
FASHION_SCALE = --mean 0.2860 --std 0.3530
demo: build
	@mkdir -p $(DEMO)
	$(MODCONVERT) build resnet50 -o $(DEMO)/resnet50.onnx --force
	$(MODCONVERT) $(DEMO)/resnet50.onnx --mod-ratio 0.5 --force
	$(MODCONVERT) fixtures/trained/fashion-bottleneck.onnx $(DEMO)/fashion.onnx --mod-ratio 0.5 --router fixed --force \
	  --calibrate $(FASHION)/calibration-images-idx3-ubyte --calibrate-samples 256 $(FASHION_SCALE) \
	  --report $(DEMO)/report.html
	$(MODCONVERT) evaluate fixtures/trained/fashion-bottleneck.onnx $(DEMO)/fashion.onnx \
	  --data $(FASHION)/test-images-idx3-ubyte $(FASHION_SCALE) --time --threads 1
	@echo "report      $(DEMO)/report.html"

# A model of more than 2 GiB, built, converted and run within bounds of memory; needs 6 GB of disk.
test-large: build
	python3 benchmarks/large.py --modconvert $(MODCONVERT)

# Every command on graphs of 100,000 inputs, outputs, nodes or initialisers, and of 29,000, which the limit of nodes
# admits, each within ten seconds of one processor; PYTHON needs onnx and numpy.
test-scale: build
	$(PYTHON) benchmarks/scale.py --modconvert $(MODCONVERT)
	$(PYTHON) benchmarks/scale.py --modconvert $(MODCONVERT) --count 29000

# Next to onnxruntime, OnnxSlim and onnxsim, in a Python environment that is thrown away; writes
# docs/benchmarks.md. BENCH=--quick takes three minutes.
bench: build
	@python3 -c 'import ensurepip' 2>/dev/null || apt-get install -y -qq python3-venv
	@environment=$$(mktemp -d) && trap 'rm -rf $$environment' EXIT && python3 -m venv $$environment \
	  && $$environment/bin/pip install --quiet --requirement benchmarks/requirements.txt \
	  && $$environment/bin/python benchmarks/run.py --modconvert $(MODCONVERT) $(BENCH)

lint:
	swift format lint --recursive --strict Sources Tests Package.swift

# Where `make install` puts the binary, the completion scripts and the manual page, and `make uninstall` takes
# them away; DESTDIR stands before it, for packages.
PREFIX = /usr/local
BINARY = .build/release/modconvert
SHARE = $(DESTDIR)$(PREFIX)/share
BASH_SCRIPT = $(SHARE)/bash-completion/completions/modconvert
ZSH_SCRIPT = $(SHARE)/zsh/site-functions/_modconvert
FISH_SCRIPT = $(SHARE)/fish/vendor_completions.d/modconvert.fish
MANUAL = $(SHARE)/man/man1/modconvert.1

# The binary holds Swift's runtime, and needs only the C libraries of `setup`.
install: setup
	swift build -c release --static-swift-stdlib --product modconvert
	install -D -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/modconvert
	install -d $(dir $(BASH_SCRIPT) $(ZSH_SCRIPT) $(FISH_SCRIPT) $(MANUAL))
	$(BINARY) completions bash > $(BASH_SCRIPT)
	$(BINARY) completions zsh > $(ZSH_SCRIPT)
	$(BINARY) completions fish > $(FISH_SCRIPT)
	$(BINARY) manual > $(MANUAL)

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/modconvert $(BASH_SCRIPT) $(ZSH_SCRIPT) $(FISH_SCRIPT) $(MANUAL)

# An interpreter with onnx and onnxruntime from PyPI.
PYTHON = python3

.PHONY: compatibility
# Converts every fixture in every way, asks onnx and onnxruntime, and writes the table of docs/compatibility.md.
compatibility: build
	$(PYTHON) fixtures/generate/compatibility.py $(MODCONVERT) --full-size --write

NODE_TESTS = .build/node-tests

.PHONY: node-tests
# ONNX's node tests by operator: how many are required, pass, and are ignored, with the reasons. Those of the onnx
# package that PYTHON has come on top of Debian's.
node-tests: setup-tests
	-$(PYTHON) Tests/TestSupport/generate-node-tests.py $(NODE_TESTS) Tests/OperatorsTests/node-tests-current.txt
	ONNX_NODE_TESTS=$$(test -d $(NODE_TESTS) && realpath $(NODE_TESTS)) MODCONVERT_NODE_TEST_COVERAGE=1 \
	  swift test --filter NodeTest
