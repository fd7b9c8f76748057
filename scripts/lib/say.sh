# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What every script prints its progress with. Sourced; sets `repo`.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# say "what is being done now": one progress line, with the script's name and its age in seconds.
say() { printf '[%s %4d s] %s\n' "${0##*/}" "$SECONDS" "$*"; }

# die "where: what was found, what was needed; what to do"
die() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# logged LOG COMMAND...: runs it with its output in LOG; the end of LOG is shown where it does not succeed.
logged() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 && return
  local status=$?
  tail -n 30 "$log" >&2
  printf '%s: the command above ended with status %d; all it said is in %s\n' "${0##*/}" "$status" "$log" >&2
  return "$status"
}
