# SPDX-License-Identifier: Apache-2.0
#
# FindONNXRuntime: the imported target onnxruntime::onnxruntime.
#
# Looked for, in this order, and never downloaded:
#   1. ONNXRUNTIME_ROOT, a CMake variable or of the environment: an unpacked
#      release archive (include/, lib/). Somebody asked for it, so it is that or
#      an error.
#   2. the system's package, such as Debian 13's libonnxruntime-dev
#   3. .deps/onnxruntime in the source tree, which scripts/setup makes where the
#      distribution has no package
#
# The version of the C API is a number in the header; a library of an older
# release returns a null table for it and the C++ wrapper then crashes at first
# use. So such a pair is refused here.
#
# Sets ONNXRuntime_FOUND, ONNXRuntime_VERSION (of the library),
# ONNXRuntime_API_VERSION (of the headers), ONNXRuntime_INCLUDE_DIR,
# ONNXRuntime_LIBRARY (the file with its real name) and ONNXRuntime_SONAME (the
# name under which the loader looks for it, which an installation must keep).

# Headers lie in include/ in release archives, one deeper in distributions and in a `make install` of ONNX Runtime.
set(_header_folders include include/onnxruntime include/onnxruntime/core/session)
set(_library_folders lib lib64 lib/${CMAKE_LIBRARY_ARCHITECTURE})

# _onnxruntime_look(PATHS root NO_DEFAULT_PATH) or, for the system, _onnxruntime_look(): both halves or neither.
macro(_onnxruntime_look)
  unset(ONNXRuntime_INCLUDE_DIR)
  unset(ONNXRuntime_LIBRARY)
  find_path(ONNXRuntime_INCLUDE_DIR onnxruntime_cxx_api.h ${ARGN} PATH_SUFFIXES ${_header_folders} onnxruntime NO_CACHE)
  find_library(ONNXRuntime_LIBRARY onnxruntime ${ARGN} PATH_SUFFIXES ${_library_folders} NO_CACHE)
  if(NOT ONNXRuntime_LIBRARY)
    # A run-time package has the loader's name only, which find_library does not consider.
    find_file(ONNXRuntime_LIBRARY libonnxruntime.so.1 ${ARGN} PATH_SUFFIXES ${_library_folders} NO_CACHE)
  endif()
  if(NOT ONNXRuntime_INCLUDE_DIR OR NOT ONNXRuntime_LIBRARY)
    unset(ONNXRuntime_INCLUDE_DIR)
    unset(ONNXRuntime_LIBRARY)
  endif()
endmacro()

if(NOT ONNXRUNTIME_ROOT AND DEFINED ENV{ONNXRUNTIME_ROOT})
  set(ONNXRUNTIME_ROOT $ENV{ONNXRUNTIME_ROOT})
endif()
if(ONNXRUNTIME_ROOT)
  _onnxruntime_look(PATHS ${ONNXRUNTIME_ROOT} NO_DEFAULT_PATH)
  set(_hint "ONNXRUNTIME_ROOT=${ONNXRUNTIME_ROOT} must hold include/onnxruntime_cxx_api.h and lib/libonnxruntime.so.")
else()
  _onnxruntime_look()
  if(NOT ONNXRuntime_LIBRARY)
    _onnxruntime_look(PATHS ${PROJECT_SOURCE_DIR}/.deps/onnxruntime NO_DEFAULT_PATH)
  endif()
  set(_hint "Run scripts/setup, or set ONNXRUNTIME_ROOT to an unpacked release archive of ONNX Runtime.")
endif()

if(ONNXRuntime_LIBRARY)
  file(REAL_PATH ${ONNXRuntime_LIBRARY} ONNXRuntime_LIBRARY)

  # The header says its API number, the library the release that its one exported symbol carries.
  file(STRINGS ${ONNXRuntime_INCLUDE_DIR}/onnxruntime_c_api.h _define REGEX "#define ORT_API_VERSION [0-9]+" LIMIT_COUNT 1)
  string(REGEX MATCH "[0-9]+" ONNXRuntime_API_VERSION "${_define}")
  file(STRINGS ${ONNXRuntime_LIBRARY} _symbol REGEX "VERS_[0-9]+\\.[0-9]+\\.[0-9]+" LIMIT_COUNT 1)
  string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" ONNXRuntime_VERSION "${_symbol}")
  if(NOT ONNXRuntime_VERSION)
    string(REGEX REPLACE ".*\\.so\\.?" "" ONNXRuntime_VERSION ${ONNXRuntime_LIBRARY})
  endif()

  execute_process(COMMAND ${CMAKE_READELF} -d ${ONNXRuntime_LIBRARY} OUTPUT_VARIABLE _dynamic ERROR_QUIET)
  if(_dynamic MATCHES "Library soname: \\[([^]]+)\\]")
    set(ONNXRuntime_SONAME ${CMAKE_MATCH_1})
  else()
    get_filename_component(ONNXRuntime_SONAME ${ONNXRuntime_LIBRARY} NAME)
  endif()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(ONNXRuntime
  REQUIRED_VARS ONNXRuntime_LIBRARY ONNXRuntime_INCLUDE_DIR ONNXRuntime_API_VERSION
  VERSION_VAR ONNXRuntime_VERSION
  REASON_FAILURE_MESSAGE "${_hint}")

if(ONNXRuntime_FOUND AND ONNXRuntime_VERSION MATCHES "^1\\.([0-9]+)" AND CMAKE_MATCH_1 LESS ONNXRuntime_API_VERSION)
  message(FATAL_ERROR
    "${ONNXRuntime_INCLUDE_DIR}: these headers speak API ${ONNXRuntime_API_VERSION} of ONNX Runtime, the library "
    "${ONNXRuntime_LIBRARY} is release ${ONNXRuntime_VERSION} and knows API ${CMAKE_MATCH_1} at most; take headers of "
    "release 1.${CMAKE_MATCH_1} or older, or a library of 1.${ONNXRuntime_API_VERSION} or newer.")
endif()

if(ONNXRuntime_FOUND AND NOT TARGET onnxruntime::onnxruntime)
  # The program records the SONAME, and the loader looks for a file of that name beside what was linked.
  get_filename_component(_folder ${ONNXRuntime_LIBRARY} DIRECTORY)
  set(_location ${_folder}/${ONNXRuntime_SONAME})
  if(NOT EXISTS ${_location})
    set(_location ${CMAKE_BINARY_DIR}/onnxruntime/${ONNXRuntime_SONAME})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/onnxruntime)
    file(CREATE_LINK ${ONNXRuntime_LIBRARY} ${_location} SYMBOLIC)
  endif()
  add_library(onnxruntime::onnxruntime SHARED IMPORTED)
  set_target_properties(onnxruntime::onnxruntime PROPERTIES
    IMPORTED_LOCATION ${_location}
    IMPORTED_SONAME ${ONNXRuntime_SONAME}
    INTERFACE_INCLUDE_DIRECTORIES ${ONNXRuntime_INCLUDE_DIR})
  message(STATUS "ONNX Runtime: library ${ONNXRuntime_VERSION}, headers of API ${ONNXRuntime_API_VERSION}: ${ONNXRuntime_LIBRARY}")
endif()
