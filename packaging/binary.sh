#!/bin/sh
# Builds the binary that wheel and archive hold: .build-wheel/modconvert, and the licences of what is in it,
# .build-wheel/THIRD_PARTY_NOTICES.
set -eu
cd "$(dirname "$0")/.."
make --no-print-directory setup
make --no-print-directory setup PACKAGES="cmake g++ xz-utils python3-venv"
packaging/static-libraries.sh .build-wheel/static
export PKG_CONFIG_PATH="$PWD/.build-wheel/static/pkgconfig"

# OpenBLAS holds its kernels for each family of processors, 1.5 MB each. Families without AVX, and AMD's first ones with
# it, take those of PRESCOTT, which every x86-64 processor runs; their own are then left out.
flags="-Xlinker -s"
for family in CORE2 PENRYN DUNNINGTON NEHALEM ATOM NANO OPTERON OPTERON_SSE3 BARCELONA BOBCAT BULLDOZER PILEDRIVER \
  STEAMROLLER EXCAVATOR; do
  if nm .build-wheel/static/libopenblas.a 2>/dev/null | grep -q " D gotoblas_$family\$"; then
    flags="$flags -Xlinker --defsym=gotoblas_$family=gotoblas_PRESCOTT"
  fi
done
# shellcheck disable=SC2086  # flags are words
swift build -c release --static-swift-stdlib --product modconvert --scratch-path .build-wheel $flags
install -m 755 .build-wheel/release/modconvert .build-wheel/modconvert
packaging/notices.sh > .build-wheel/THIRD_PARTY_NOTICES
