#!/bin/sh
# Builds the binary that wheel and archive hold: .build-wheel/modconvert, and the licences of what is in it,
# .build-wheel/THIRD_PARTY_NOTICES.
set -eu
cd "$(dirname "$0")/.."
make --no-print-directory setup
make --no-print-directory setup PACKAGES="cmake g++ xz-utils python3-venv"
packaging/static-libraries.sh .build-wheel/static
export PKG_CONFIG_PATH="$PWD/.build-wheel/static/pkgconfig"
swift build -c release --static-swift-stdlib --product modconvert --scratch-path .build-wheel -Xlinker -s
install -m 755 .build-wheel/release/modconvert .build-wheel/modconvert
packaging/notices.sh > .build-wheel/THIRD_PARTY_NOTICES
