# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Makes .deps/onnxruntime, in the layout of ONNX Runtime's release archives, on a
# Debian that has no package of it. Headers: from Debian's signed -dev package of
# the next release. Library: from the wheel that Microsoft publishes on PyPI.
# Both are pinned here and nowhere else.

onnxruntime_version=1.29.0
onnxruntime_wheels=(
  85f8e8406c52658735fe5c7fbfd3ebaa1ed340768324f6252e4274e374580a23 # x86_64
  16925ef8497e2c07e4b5ae15b504079b3ab3f65e22c58efd10dde0f3caea969a # aarch64
)
headers_suite=trixie
headers_package=libonnxruntime-dev
headers_version=1.21.0+dfsg-1
declare -A headers_sha256=(
  [amd64]=14f7d959d5deacbcf1504830d4189f91fc67382b399ed9ae9d3aa9c4050ced08
  [arm64]=d4b1967893865756c0fa8536be165259a8eb0e9068e60d322ba707ef4527e44e
)
declare -A machine_of=([amd64]=x86_64 [arm64]=aarch64)
archive_keys=/usr/share/keyrings/debian-archive-keyring.gpg

onnxruntime_root=$repo/.deps/onnxruntime

# Whether the compiler finds a package of the system, without asking CMake.
system_has_onnxruntime() {
  local folder
  for folder in /usr/include /usr/include/onnxruntime /usr/local/include /usr/local/include/onnxruntime; do
    [ -e "$folder/onnxruntime_cxx_api.h" ] && return
  done
  return 1
}

is_onnxruntime_root() { compgen -G "$1/include/*/onnxruntime_cxx_api.h" >/dev/null || [ -e "$1/include/onnxruntime_cxx_api.h" ]; }

onnxruntime_pins() { printf 'library %s (PyPI)\nheaders %s (Debian %s)\n' "$onnxruntime_version" "$1" "$headers_suite"; }

# Made by this script from these pins, or from a newer -dev package that replaced the pinned one.
own_root_is_current() {
  [ -e "$onnxruntime_root/lib/libonnxruntime.so.1" ] && is_onnxruntime_root "$onnxruntime_root" &&
    head -n 1 "$onnxruntime_root/VERSION" 2>/dev/null | grep -qxF "$(onnxruntime_pins - | head -n 1)"
}

# The address of the Debian archive that this system itself is installed from, as apt reads its sources.
debian_archive() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  apt-get indextargets --format '$(ORIGIN) $(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk -v release="$codename" '$1 == "Debian" && $2 == release && $3 == "main" { print $4; exit }'
}

# fetch_headers FOLDER ARCHITECTURE: the -dev package of the next release into FOLDER. Lists, cache and sources of its
# own: nothing of the system's apt changes, nothing is installed, and root is not needed.
fetch_headers() {
  local work=$1 architecture=$2 archive
  archive=$(debian_archive)
  [ -n "$archive" ] || die "apt: its sources name no Debian archive of this release, which $headers_package of" \
    "$headers_suite would be read from; unpack a release archive of ONNX Runtime and set ONNXRUNTIME_ROOT to it"
  mkdir -p "$work"/{lists/partial,cache/archives/partial,sources}
  printf 'deb [signed-by=%s] %s %s main\n' "$archive_keys" "$archive" "$headers_suite" >"$work/sources/headers.list"
  local private=(-o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o Dir::Etc::SourceList=/dev/null
    -o "Dir::Etc::SourceParts=$work/sources" -o "Dir::Etc::PreferencesParts=$work/sources" -o Dir::Etc::Preferences=/dev/null
    -o Acquire::Languages=none -o APT::Sandbox::User= -o APT::Architectures="$architecture")
  for hook in APT::Update::Post-Invoke APT::Update::Post-Invoke-Success; do
    private+=(-o "#clear=$hook")
  done
  logged "$work/apt.log" apt-get "${private[@]}" update ||
    die "apt: the lists of Debian $headers_suite could not be read; if a signature is missing above," \
      "'apt-get install debian-archive-keyring' brings the keys of newer releases"
  (cd "$work" && logged "$work/apt.log" apt-get "${private[@]}" download "$headers_package") ||
    die "apt: Debian $headers_suite has no $headers_package for $architecture; set ONNXRUNTIME_ROOT instead"
}

# check_headers DEB ARCHITECTURE: sets `found_headers` to the version, and says which check it passed.
check_headers() {
  found_headers=$(dpkg-deb -f "$1" Version)
  if [ "$found_headers" != "$headers_version" ]; then
    say "headers: Debian now has $found_headers in place of the pinned $headers_version; its archive signature vouches for it"
    return
  fi
  local found
  found=$(sha256sum <"$1" | cut -d ' ' -f 1)
  [ "$found" = "${headers_sha256[$2]}" ] || die "$headers_package $found_headers: has SHA-256 $found," \
    "pinned is ${headers_sha256[$2]}; nothing was taken from it"
  say "headers: $headers_package $found_headers, signed by Debian, SHA-256 as pinned"
}

# fetch_library FOLDER MACHINE: the wheel into FOLDER, for whichever Python this system has.
fetch_library() {
  local work=$1 machine=$2
  printf 'onnxruntime==%s' "$onnxruntime_version" >"$work/requirement.txt"
  printf ' --hash=sha256:%s' "${onnxruntime_wheels[@]}" >>"$work/requirement.txt"
  logged "$work/pip.log" /usr/bin/python3 -m pip --disable-pip-version-check download --quiet --no-deps --require-hashes \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 --platform "manylinux_2_28_$machine" \
    --dest "$work" --requirement "$work/requirement.txt" ||
    die "pip: onnxruntime $onnxruntime_version could not be downloaded; is PyPI reachable? pip's own settings are used"
  say "library: onnxruntime $onnxruntime_version from PyPI for $machine, SHA-256 as pinned"
}

# Only what we use leaves the wheel: the library and the papers that go with it.
unpack_library() {
  /usr/bin/python3 - "$1" "$2" <<'PYTHON'
import pathlib, sys, zipfile

wheel, root = zipfile.ZipFile(sys.argv[1]), pathlib.Path(sys.argv[2])
papers = {"onnxruntime/LICENSE": "LICENSE", "onnxruntime/ThirdPartyNotices.txt": "ThirdPartyNotices.txt"}
for name in wheel.namelist():
    if name.startswith("onnxruntime/capi/libonnxruntime.so.1."):
        (root / "lib" / pathlib.Path(name).name).write_bytes(wheel.read(name))
    elif name in papers:
        (root / papers[name]).write_bytes(wheel.read(name))
PYTHON
}

# The -dev package keeps its headers in include/onnxruntime; the release archives keep them in include itself.
lay_out_root() {
  local root=$1 work=$2
  mkdir -p "$root/lib" "$work/unpacked"
  dpkg-deb -x "$work/$headers_package"_*.deb "$work/unpacked"
  mv "$work/unpacked/usr/include/onnxruntime" "$root/include"
  unpack_library "$work"/onnxruntime-*.whl "$root"
  [ -e "$root/lib/libonnxruntime.so.$onnxruntime_version" ] ||
    die "the wheel of onnxruntime $onnxruntime_version holds no libonnxruntime.so.$onnxruntime_version; set ONNXRUNTIME_ROOT instead"
  ln -s "libonnxruntime.so.$onnxruntime_version" "$root/lib/libonnxruntime.so.1"
  ln -s libonnxruntime.so.1 "$root/lib/libonnxruntime.so"
  onnxruntime_pins "$found_headers" >"$root/VERSION"
}

make_onnxruntime_root() {
  local architecture work
  architecture=$(dpkg --print-architecture)
  [ -n "${machine_of[$architecture]:-}" ] || die "ONNX Runtime: PyPI has no library for $architecture," \
    "only for ${!machine_of[*]}; build it and set ONNXRUNTIME_ROOT to the result"
  mkdir -p "$repo/.deps"
  work=$(mktemp -d "$repo/.deps/fetch.XXXXXX")
  trap "rm -rf '$work'" EXIT
  say "ONNX Runtime: this Debian has no package of it; making ${onnxruntime_root#"$repo"/}"
  fetch_headers "$work" "$architecture"
  check_headers "$work/$headers_package"_*.deb "$architecture"
  fetch_library "$work" "${machine_of[$architecture]}"
  lay_out_root "$work/root" "$work"
  rm -rf "$onnxruntime_root"
  mv "$work/root" "$onnxruntime_root"
  rm -rf "$work"
  trap - EXIT
}
