#!/bin/sh
# Builds the wheel: dist/modconvert-<version>-py3-none-manylinux_2_35_<processor>.whl.
#
#     packaging/wheel.sh              installs what is missing, builds, checks
#
# The binary holds Swift's runtime and every C library but libc, libm, libgcc and libstdc++. It is built once in
# .build-wheel, for `make dist` too (packaging/binary.sh).
set -eu
cd "$(dirname "$0")/.."
packaging/binary.sh
processor=$(uname -m)
binary=.build-wheel/modconvert
python=.build-wheel/python

if [ ! -x $python/bin/python ]; then
  python3 -c 'import ensurepip' 2>/dev/null || { apt-get update -qq; apt-get install -y -qq python3-venv; }
  python3 -m venv $python
  $python/bin/pip install --quiet --disable-pip-version-check --requirement packaging/requirements.txt
fi

# A copy, so that the working tree stays as it is.
package=.build-wheel/package
rm -rf $package
cp -R python $package
rm -rf $package/tests $package/src/modconvert/__pycache__
install -D -m 755 $binary $package/src/modconvert/bin/modconvert
cp LICENSE NOTICE $package/
cp .build-wheel/THIRD_PARTY_NOTICES $package/
$binary --version | awk '{ print $2 }' > $package/VERSION
rm -rf .build-wheel/wheel
# Members of the archive carry this date, so that the same sources give the same bytes.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || echo 1000000000) \
  $python/bin/python -m build --wheel --no-isolation --outdir .build-wheel/wheel $package > .build-wheel/wheel.log 2>&1 \
  || { cat .build-wheel/wheel.log >&2; exit 1; }
mkdir -p dist
rm -f dist/*.whl
# auditwheel refuses a binary that asks for more than the tag promises.
PATH=$PWD/$python/bin:$PATH $python/bin/python -m auditwheel repair --plat "manylinux_2_35_$processor" \
  --only-plat --wheel-dir dist .build-wheel/wheel/*.whl
python3 packaging/check_wheel.py dist/*.whl
