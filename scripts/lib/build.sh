# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Configuring, building and testing one preset, with progress that a person and a
# log can both read. Sourced after say.sh.

# Ninja rewrites one line on a terminal; elsewhere a line each 5 % is enough. What is no progress (warnings, errors) all
# passes through.
thin_progress() {
  if [ -t 1 ]; then cat; else
    awk '/^\[[0-9]+\/[0-9]+\]/ {
           split(substr($1, 2), part, /[\/\]]/)
           step = int(part[1] * 20 / part[2])
           if (step > shown) { shown = step; print; fflush() }
           next }
         { print; fflush() }'
  fi
}

# configure PRESET [-DOPTION=VALUE...]
configure() {
  local preset=$1
  shift
  mkdir -p "$repo/build"
  say "$preset: configuring"
  (cd "$repo" && logged "build/$preset-configure.log" cmake --preset "$preset" "$@")
}

# build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  say "$preset: building ${*:-everything} in build/$preset"
  if [ -t 1 ]; then
    (cd "$repo" && cmake --build "build/$preset" ${1:+--target "$@"})
  else
    (cd "$repo" && cmake --build "build/$preset" ${1:+--target "$@"}) | thin_progress
  fi
}

# run_tests PRESET [CTEST OPTION...]: all tests of a preset, two or more at a time. Sets `passed`, `failed` and `skipped`;
# answers whether tests ran and none failed.
run_tests() {
  local preset=$1 results=$repo/build/$1/test-results.xml status=0
  shift
  rm -f "$results"
  say "$preset: testing"
  (cd "$repo/build/$preset" && ctest --output-on-failure --parallel "$(nproc)" --timeout 300 --no-tests=error \
    --output-junit "$results" "$@") | thin_tests || status=$?
  count_tests "$results"
  [ "$status" = 0 ] || [ "$failed" != 0 ] || failed=1
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

# ctest's lines of tests that passed are thousands; every hundredth shows that it is going on.
thin_tests() {
  awk '/^ +Start +[0-9]+: / { next }
       /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: .* Passed / { if (++passed % 100) next }
       { print; fflush() }'
}

# The counts stand in the first element of ctest's JUnit file. No file: nothing ran.
count_tests() {
  local counts
  passed=0 failed=0 skipped=0
  [ -e "$1" ] || { failed=1; return; }
  counts=$(tr '\n\t' '  ' <"$1" | grep -o '<testsuite [^>]*>' | head -n 1)
  field() { sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counts"; }
  failed=$(field failures)
  skipped=$(($(field skipped) + $(field disabled)))
  passed=$(($(field tests) - failed - skipped))
}

# The line that closes a test run, for people and for programs.
closing_line() {
  if [ "$skipped" = 0 ]; then
    printf '%d passed, %d failed\n' "$passed" "$failed"
  else
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  fi
}
