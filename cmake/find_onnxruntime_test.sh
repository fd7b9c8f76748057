#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# find_onnxruntime_test.sh HEADER_FOLDER LIBRARY
#
# FindONNXRuntime against the layouts in which ONNX Runtime is found in the world,
# and against what must be refused. The layouts are made of links to the given one.
set -euo pipefail
headers=$1 library=$2
module=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset ONNXRUNTIME_ROOT

mkdir project
cat >project/CMakeLists.txt <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(found C)
list(APPEND CMAKE_MODULE_PATH $module)
find_package(ONNXRuntime REQUIRED)
get_target_property(location onnxruntime::onnxruntime IMPORTED_LOCATION)
get_filename_component(name \${location} NAME)
message(STATUS "found \${ONNXRuntime_INCLUDE_DIR} \${ONNXRuntime_LIBRARY} to be loaded as \${name}")
CMAKE

faults=0
# expect TITLE PATTERN: of what the last `configure` said, as one line.
expect() {
  if grep -qE -- "$2" said; then return; fi
  faults=$((faults + 1))
  printf '%s: nothing in this matches %s:\n%s\n' "$1" "$2" "$(cat said)"
}
# CMake breaks its messages into lines of its own choosing.
configure() {
  rm -rf build
  cmake -S project -B build "$@" 2>&1 | tr '\n' ' ' | tr -s ' ' >said || true
}
# layout FOLDER_OF_HEADERS NAME_OF_LIBRARY: makes both, as links.
layout() {
  mkdir -p "$(dirname "$1")" "$(dirname "$2")"
  ln -s "$headers" "$1"
  ln -s "$library" "$2"
}
# The header's number is the only thing that changes.
headers_of_api() {
  mkdir -p "$2"
  cp -r "$headers/." "$2"
  sed -i "s/#define ORT_API_VERSION .*/#define ORT_API_VERSION $1/" "$2/onnxruntime_c_api.h"
}

layout release/include release/lib/libonnxruntime.so
configure -DONNXRUNTIME_ROOT="$work/release"
expect "a release archive" "found $work/release/include.* to be loaded as libonnxruntime\.so\.1"
ONNXRUNTIME_ROOT=$work/release configure
expect "a release archive, by the environment" "found $work/release/include"

layout runtime_only/include runtime_only/lib64/libonnxruntime.so.1
configure -DONNXRUNTIME_ROOT="$work/runtime_only"
expect "a library by its loader's name only" "found $work/runtime_only/include"

layout distribution/include/onnxruntime distribution/lib/libonnxruntime.so
configure -DCMAKE_PREFIX_PATH="$work/distribution"
expect "a distribution's package" "found $work/distribution/include/onnxruntime"

layout project/.deps/onnxruntime/include project/.deps/onnxruntime/lib/libonnxruntime.so
configure -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
expect "what scripts/setup made" "found $work/project/\.deps/onnxruntime/include"
configure -DONNXRUNTIME_ROOT="$work/release"
expect "a root that was asked for goes first" "found $work/release/include"

configure -DONNXRUNTIME_ROOT="$work/nowhere"
expect "a root that is empty" "ONNXRUNTIME_ROOT=$work/nowhere must hold include/onnxruntime_cxx_api\.h"
rm -rf project/.deps
configure -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
expect "none at all" "Run scripts/setup, or set ONNXRUNTIME_ROOT"

layout newer/unused newer/lib/libonnxruntime.so
headers_of_api 999 newer/include
configure -DONNXRUNTIME_ROOT="$work/newer"
expect "headers newer than the library" "these headers speak API 999 of ONNX Runtime, the library .* knows API [0-9]+ at most"
expect "headers newer than the library stop the configuration" "Configuring incomplete"

exit $((faults > 0))
