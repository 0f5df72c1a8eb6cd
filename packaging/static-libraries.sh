#!/bin/sh
# A folder of static C libraries, and of pkg-config files that lead the Swift package to them.
#
#     packaging/static-libraries.sh FOLDER      then PKG_CONFIG_PATH=FOLDER/pkgconfig swift build ...
#
# The folder holds nothing but archives, so that the linker has no shared library to prefer. Compiler flags are those
# of Debian's own files. libzip comes from packaging/libzip.sh.
set -eu
here=$(dirname "$0")
mkdir -p "$1/pkgconfig"
folder=$(realpath "$1")
system=/usr/lib/$(gcc -print-multiarch)

# archive's place below $system, name of the library, name of the pkg-config file
while read -r archive library package; do
  install -m 644 "$system/$archive" "$folder/lib$library.a"
  cat > "$folder/pkgconfig/$package.pc" <<PC
Name: $package
Description: $library, static
Version: $(pkg-config --modversion "$package")
Libs: -L$folder -l$library
Cflags: $(pkg-config --cflags "$package")
PC
done <<'LIBRARIES'
openblas-pthread/libopenblas.a openblas openblas
libprotobuf-c.a protobuf-c libprotobuf-c
libpng16.a png16 libpng
libturbojpeg.a turbojpeg libturbojpeg
libz.a z zlib
libcrypto.a crypto libcrypto
LIBRARIES

[ -f "$folder/libzip.a" ] || "$here/libzip.sh" "$folder"
cat > "$folder/pkgconfig/libzip.pc" <<PC
Name: libzip
Description: zip, static
Version: $(pkg-config --modversion libzip)
Libs: -L$folder -lzip
Cflags: $(pkg-config --cflags libzip)
PC
