#!/bin/sh
# Prints the licences of everything that the distributed binary holds besides modconvert itself.
set -eu
cd "$(dirname "$0")/.."
section() { printf '\n%s\n%s\n\n' "$1" "$(echo "$1" | sed 's/./=/g')"; }
swift=$(dirname "$(dirname "$(realpath "$(command -v swift)")")")

echo "The modconvert binary holds the libraries below. Their copyright notices and licences follow."
section "The Swift runtime and standard libraries, libdispatch and Foundation"
cat "$swift/share/swift/LICENSE.txt"
section "Swift Argument Parser"
cat .build-wheel/checkouts/swift-argument-parser/LICENSE.txt
for package in libopenblas-dev libssl-dev libprotobuf-c-dev libpng-dev libturbojpeg0-dev zlib1g-dev; do
  section "$package (Debian)"
  cat "/usr/share/doc/$package/copyright"
done
section "libzip"
cat .build-wheel/static/libzip.copyright
section "Licences that the notices above refer to"
cat /usr/share/common-licenses/Apache-2.0
