# Set-up, build, test and demonstration; see README.md.
PACKAGES = libprotobuf-c-dev libopenblas-dev libzip-dev libssl-dev libpng-dev libturbojpeg0-dev \
  libonnx-testdata pkg-config
MODCONVERT = .build/release/modconvert
DEMO = .build/demo

.PHONY: setup build test demo lint

# Installs the Debian packages that are missing, and does nothing if none is.
setup:
	@installed=$$(dpkg-query -W -f='$${Status} $${Package}\n' $(PACKAGES) 2>/dev/null \
	  | awk '$$3 == "installed" { print $$4 }'); \
	for package in $(PACKAGES); do \
	  echo "$$installed" | grep -qx "$$package" || needed="$$needed $$package"; \
	done; \
	if [ -n "$$needed" ]; then apt-get update -qq && apt-get install -y -qq $$needed; fi

build: setup
	swift build -c release --product modconvert

test: setup
	swift test

# A full-size ResNet-50, converted at ratio 0.5: ledger, verification, totals, and the cost of each block.
demo: build
	@mkdir -p $(DEMO)
	$(MODCONVERT) build resnet50 -o $(DEMO)/resnet50.onnx --force
	$(MODCONVERT) $(DEMO)/resnet50.onnx --mod-ratio 0.5 --force
	$(MODCONVERT) macs $(DEMO)/resnet50.mod-0.5.onnx | sed -n '/^block/,$$p'

lint:
	swift format lint --recursive --strict Sources Tests Package.swift
