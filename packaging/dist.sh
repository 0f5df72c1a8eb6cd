#!/bin/sh
# Packs the distributed binary with its manual, completions and licences:
# dist/modconvert-<version>-linux-<processor>.tar.gz, whose folders go below a prefix such as /usr/local.
set -eu
cd "$(dirname "$0")/.."
packaging/binary.sh
binary=.build-wheel/modconvert
name=modconvert-$($binary --version | awk '{ print $2 }')-linux-$(uname -m)
root=.build-wheel/$name
rm -rf "$root"
install -D -m 755 $binary "$root/bin/modconvert"
share=$root/share
mkdir -p "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
  "$share/fish/vendor_completions.d" "$share/doc/modconvert"
$binary manual > "$share/man/man1/modconvert.1"
$binary completions bash > "$share/bash-completion/completions/modconvert"
$binary completions zsh > "$share/zsh/site-functions/_modconvert"
$binary completions fish > "$share/fish/vendor_completions.d/modconvert.fish"
cp LICENSE NOTICE README.md .build-wheel/THIRD_PARTY_NOTICES "$share/doc/modconvert/"
mkdir -p dist
tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@"$(git log -1 --format=%ct 2>/dev/null || echo 1000000000)" \
  -C .build-wheel -czf "dist/$name.tar.gz" "$name"
ls -l "dist/$name.tar.gz"
