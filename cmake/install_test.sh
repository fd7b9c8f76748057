#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# install_test.sh BUILD_FOLDER
#
# Installs into a scratch folder and moves it, then holds what lies there against
# what cmake/Install.cmake promises: it runs where it was moved to, and beside a
# real DeepStream none of its names can be taken for NVIDIA's.
set -uo pipefail
build=$1
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0
fault() {
  faults=$((faults + 1))
  printf '%s\n' "$*"
}

cmake --install "$build" --prefix "$work/first" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
mv "$work/first" "$work/moved"
prefix=$work/moved
cd "$prefix" || exit 1

for file in bin/edgestream lib/edgestream/gstreamer-1.0/libgstedgestream.so libexec/edgestream/bin/deepstream-app \
  libexec/edgestream/bin/trtexec include/edgestream/deepstream/gstnvdsmeta.h lib/pkgconfig/edgestream.pc; do
  [ -e "$file" ] || fault "$file: is not installed"
done

# What default paths reach: PATH, the loader, the compiler, GStreamer.
while read -r file; do
  case $file in
  ./lib/edgestream/* | ./libexec/edgestream/* | ./include/edgestream/* | ./share/doc/edgestream/*) ;;
  ./bin/edgestream | ./lib/pkgconfig/edgestream.pc) ;;
  ./share/man/man1/edgestream.1 | ./share/bash-completion/completions/edgestream) ;;
  ./share/zsh/site-functions/_edgestream | ./share/fish/vendor_completions.d/edgestream.fish) ;;
  *) fault "$file: lies where it could be taken for another program's file" ;;
  esac
done < <(find . ! -type d)

unresolved=$(find . -type f \( -name '*.so*' -o -path ./bin/edgestream \) -exec env -u LD_LIBRARY_PATH ldd {} + | grep 'not found')
[ -z "$unresolved" ] || fault "libraries that the loader does not find: $unresolved"
foreign=$(find . -type f \( -name '*.so*' -o -path ./bin/edgestream \) -exec readelf -d {} + | grep -E 'R(UN)?PATH' | grep -v '\[\$ORIGIN')
[ -z "$foreign" ] || fault "search paths that are not relative to the file: $foreign"

env -i PATH=/usr/bin:/bin HOME="$work" bin/edgestream --version >"$work/said" 2>&1 || fault "bin/edgestream --version: $(cat "$work/said")"
env -i PATH=/usr/bin:/bin HOME="$work" GST_PLUGIN_PATH="$prefix/lib/edgestream/gstreamer-1.0" \
  gst-inspect-1.0 nvinfer >"$work/said" 2>&1 || fault "gst-inspect-1.0 nvinfer: $(cat "$work/said")"
env -i PATH=/usr/bin:/bin HOME="$work" gst-inspect-1.0 nvinfer >/dev/null 2>&1 &&
  fault "gst-inspect-1.0 nvinfer: is found without opting in"

flags=$(env -i PATH=/usr/bin:/bin PKG_CONFIG_PATH=lib/pkgconfig pkg-config --cflags --libs edgestream 2>&1) || fault "pkg-config: $flags"
cat >"$work/program.cpp" <<'PROGRAM'
#include <gstnvdsmeta.h>
int main() {
  gst_init(nullptr, nullptr);
  return gst_buffer_get_nvds_batch_meta(gst_buffer_new()) == nullptr ? 0 : 1;
}
PROGRAM
# shellcheck disable=SC2086 # flags are words
c++ -o "$work/program" "$work/program.cpp" $flags 2>"$work/said" || fault "a program built by pkg-config: $(cat "$work/said")"
"$work/program" || fault "a program built by pkg-config: ends with status $?"

# The application of examples/app, from installed headers and pkg-config alone: its counts are those of the JSON Lines.
candy=$source/examples/candy
run() { env -i PATH="$prefix/bin:/usr/bin:/bin" HOME="$work" "$@" >"$work/said" 2>&1 || fault "$1 $2: $(cat "$work/said")"; }
run edgestream convert "$candy/candy-detector.onnx" -o "$work/detector" --labels candy --resize squash --scaling 0..1 --threshold 0.5
run edgestream convert "$candy/candy-classifier-cpp-mcu-v1.zip" -o "$work/classifier"
run edgestream run "$work/detector" "$candy/clip.mp4" --secondary "$work/classifier" --json "$work/found.jsonl"
primary=$(echo "$work"/detector/config_infer_primary_*.txt) secondary=$(echo "$work"/classifier/config_infer_secondary_*.txt)
# What a user types: the environment of `edgestream env`, then make.
cp -r "$source/examples/app" "$work/app"
env -i PATH="$prefix/bin:/usr/bin:/bin" HOME="$work" bash -c 'eval "$(edgestream env)" && make -C "$1" && "$1/count_objects" "$2" 1280 720 "$3" "$4"' \
  app "$work/app" "file://$candy/clip.mp4" "$primary" "$secondary" >"$work/counted" 2>"$work/said" || fault "examples/app: $(cat "$work/said")"
for label in broken good; do
  in_json=$(grep -o "\"label\":\"$label\"" "$work/found.jsonl" | wc -l)
  grep -qx "label $label $in_json" "$work/counted" || fault "examples/app: $in_json objects are $label, it says: $(cat "$work/counted")"
done
grep -qx "frames $(wc -l <"$work/found.jsonl")" "$work/counted" || fault "examples/app: $(cat "$work/counted")"

exit $((faults > 0))
