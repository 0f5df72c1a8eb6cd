#!/bin/sh
# Builds libzip.a, which Debian has no static archive of, from Debian's source of it.
#
#     packaging/libzip.sh FOLDER      leaves FOLDER/libzip.a and FOLDER/libzip.copyright
#
# Only what .npz files need: deflate through zlib. Without arc4random, which glibc has from 2.36 on only; the wheel
# runs on 2.35. Needs cmake, xz-utils and the network's Debian archive; works in a folder of its own, and leaves the
# machine's list of package sources alone.
set -eu
folder=$(realpath "$1")
version=1.7.3
digest=a60473ffdb7b4260c08bfa19c2ccea0438edac11193c3afbbb1f17fbcf6c6132
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

mkdir -p "$work/lists/partial"
cat > "$work/debian.sources" <<'SOURCES'
Types: deb-src
URIs: http://deb.debian.org/debian
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
apt="-qq -o Dir::Etc::sourcelist=$work/debian.sources -o Dir::Etc::sourceparts=/dev/null
  -o Dir::State::lists=$work/lists -o APT::Sandbox::User=root"
cd "$work"
apt-get $apt update
apt-get $apt source --download-only "libzip=$version-1"
echo "$digest  libzip_$version.orig.tar.xz" | sha256sum --check --quiet
tar -xf "libzip_$version.orig.tar.xz"
cmake -S "libzip-$version" -B build -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON \
  -DBUILD_SHARED_LIBS=OFF -DBUILD_TOOLS=OFF -DBUILD_REGRESS=OFF -DBUILD_EXAMPLES=OFF -DBUILD_DOC=OFF \
  -DENABLE_BZIP2=OFF -DENABLE_LZMA=OFF -DENABLE_OPENSSL=OFF -DENABLE_GNUTLS=OFF -DENABLE_MBEDTLS=OFF \
  -DENABLE_COMMONCRYPTO=OFF -DHAVE_ARC4RANDOM=0 > cmake.log 2>&1 || { cat cmake.log >&2; exit 1; }
cmake --build build --target zip --parallel 2 > build.log 2>&1 || { cat build.log >&2; exit 1; }
install -m 644 build/lib/libzip.a "$folder/libzip.a"
tar -xf "libzip_$version-1.debian.tar.xz" debian/copyright
install -m 644 debian/copyright "$folder/libzip.copyright"
