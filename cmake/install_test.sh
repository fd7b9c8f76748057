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

exit $((faults > 0))
