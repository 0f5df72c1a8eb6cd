# Set-up, build, test and demonstration; see README.md.
PACKAGES = libprotobuf-c-dev libopenblas-dev libzip-dev libssl-dev libpng-dev libturbojpeg0-dev \
  libonnx-testdata pkg-config

.PHONY: setup build test lint

# Installs the Debian packages that are missing, and does nothing if none is.
setup:
	@missing=$$(dpkg-query -W -f='$${Status} $${Package}\n' $(PACKAGES) 2>/dev/null \
	  | awk '$$3 == "installed" { print $$4 }'); \
	for package in $(PACKAGES); do \
	  echo "$$missing" | grep -qx "$$package" || needed="$$needed $$package"; \
	done; \
	if [ -n "$$needed" ]; then apt-get update -qq && apt-get install -y -qq $$needed; fi

build: setup
	swift build -c release

test: setup
	swift test

lint:
	swift format lint --recursive --strict Sources Tests Package.swift
