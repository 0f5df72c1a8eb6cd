#!/bin/sh
# fuzz.sh SECONDS [TARGET...]: runs the fuzzers, each for so many seconds, from the repository's root.
#
# The corpora grow in .build-fuzz/corpus; what a fuzzer finds goes to .build-fuzz/findings. The exit code is
# 1 if anything was found.
set -eu

seconds=$1
shift
[ $# -gt 0 ] || set -- model operator tensor image conversion quantized
fuzz=.build-fuzz/release/fuzz
corpus=.build-fuzz/corpus
findings=.build-fuzz/findings

# Seeds: the fixtures, and the models of ONNX's node tests, which are small.
seeds() {
    mkdir -p "$corpus/$1" "$findings/$1"
    case $1 in
    model | conversion)
        for file in fixtures/format/*.onnx fixtures/quantized/*.onnx fixtures/models/*/model.onnx fixtures/fuzz/"$1"/*; do
            [ -f "$file" ] && cp "$file" "$corpus/$1/$(echo "$file" | tr / _)"
        done
        for file in /usr/share/libonnx-testdata/data/node/*/model.onnx; do
            [ -f "$file" ] && cp "$file" "$corpus/$1/$(echo "$file" | tr / _)"
        done
        ;;
    image)
        cp fixtures/images/*.png fixtures/images/*.jpg "$corpus/$1/"
        ;;
    tensor)
        # The first byte chooses the format.
        for file in fixtures/tensors/*.np? fixtures/models/*/test_data_set_0/output_0.pb; do
            case $file in
            *.npy) format='\000' ;;
            *.npz) format='\001' ;;
            *) format='\002' ;;
            esac
            { printf "$format"; cat "$file"; } >"$corpus/$1/$(echo "$file" | tr / _)"
        done
        # Safetensors: the length of the header in eight bytes, the header, two floats.
        header='{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
        length=$(printf '\\%03o' ${#header})
        printf "\\003$length\\0\\0\\0\\0\\0\\0\\0%s12345678" "$header" >"$corpus/$1/safetensors"
        ;;
    esac
}

# The runtime's own handler of crashes would hide them from the sanitizer.
export SWIFT_BACKTRACE=enable=no
status=0
for target in "$@"; do
    seeds "$target"
    # A conversion of a whole network takes milliseconds under the sanitizer; nothing may take 20 seconds.
    if ! "$fuzz" "$target" "$corpus/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -max_len=200000 -print_final_stats=1 -artifact_prefix="$findings/$target/" -verbosity=1 \
        >"$findings/$target.log" 2>&1; then
        echo "$target: FINDING, see $findings/$target.log"
        status=1
    fi
    echo "$target: $(grep -o 'number_of_executed_units: .*' "$findings/$target.log" || true)"
done
exit $status
