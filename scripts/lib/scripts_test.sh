#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The parts of the scripts that decide something: how results are counted, which
# packages a group has, how a line of progress is thinned.
set -uo pipefail
. "$(dirname "$0")/say.sh"
. "$repo/scripts/lib/build.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0

expect_equal() {
  [ "$2" = "$3" ] && return
  faults=$((faults + 1))
  printf '%s: is\n%s\nand must be\n%s\n' "$1" "$2" "$3"
}

junit() { printf '<?xml version="1.0"?>\n<testsuite name="(empty)"\n\ttests="%d"\n\tfailures="%d"\n\tdisabled="%d"\n\tskipped="%d"\n\thostname="">\n<testcase name="skipped=&quot;9&quot;"/>\n</testsuite>\n' "$@" >"$work/results.xml"; }
counted() {
  count_tests "$work/results.xml"
  closing_line
}

junit 18 0 0 0
expect_equal "all passed" "$(counted)" "18 passed, 0 failed"
junit 18 2 1 3
expect_equal "failed, disabled and skipped" "$(counted)" "12 passed, 2 failed, 4 skipped"
rm "$work/results.xml"
expect_equal "no results: nothing ran, which is a failure" "$(counted)" "0 passed, 1 failed"

expect_equal "progress that is not a terminal's" \
  "$(printf '[1/40] a\n[2/40] b\n[3/40] c\nx.cpp:1: warning: w\n[4/40] d\n' | thin_progress)" \
  "$(printf '[2/40] b\nx.cpp:1: warning: w\n[4/40] d')"
expect_equal "ctest's lines of what passed" \
  "$(printf '      Start  1: A.b\n 1/2 Test  #1: A.b ....   Passed    0.01 sec\n      Start  2: A.c\n 2/2 Test  #2: A.c ....***Failed    0.01 sec\nreason\n' | thin_tests)" \
  "$(printf ' 2/2 Test  #2: A.c ....***Failed    0.01 sec\nreason')"

said=$("$repo/scripts/setup" nosuchgroup 2>&1)
expect_equal "a group that is not there" "$said" \
  "setup: 'nosuchgroup' is no group of scripts/packages.txt; it has: build run onnxruntime test check"

exit $((faults > 0))
