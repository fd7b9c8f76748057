# SPDX-License-Identifier: Apache-2.0
#
# What every folder's CMakeLists.txt is written with: one static library per
# folder, linking as the only way to another folder's headers, and its tests
# beside it.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

option(ES_WERROR "Treat warnings as errors" OFF)
set(ES_SANITIZE "" CACHE STRING "Sanitizers to build with, as in -fsanitize=")

find_program(ES_CCACHE ccache)
if(ES_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ES_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${ES_CCACHE})
endif()

# Options are aggregates with designated initialisers; what is not named keeps its default, which GCC would warn about.
add_library(es_options INTERFACE)
target_compile_options(es_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers
                       $<$<BOOL:${ES_WERROR}>:-Werror>)
# GCC 12 sees overlapping copies in std::string::replace that are not there (GCC bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(es_options INTERFACE -Wno-restrict)
endif()
if(ES_SANITIZE)
  # A third-party header compiled with and without a sanitizer must not be mixed: everything of ours has it.
  add_compile_options(-fsanitize=${ES_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ES_SANITIZE})
endif()

# es_library(NAME base SOURCES a.cpp LINKS other PRIVATE_LINKS PkgConfig::X TESTS a_test.cpp [TEST_LINKS ...] [LABELS gst])
#
# Makes the static library es_<NAME> whose headers are reached as "<NAME>/x.h".
# LINKS are folders (base) or CMake targets (with ::) whose headers ours need;
# PRIVATE_LINKS stay behind our own. TESTS become one program, <NAME>_test.
function(es_library)
  cmake_parse_arguments(ES "" "NAME" "SOURCES;LINKS;PRIVATE_LINKS;TESTS;TEST_LINKS;LABELS" ${ARGN})
  set(target es_${ES_NAME})
  add_library(${target} STATIC ${ES_SOURCES})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  es_folders_to_targets(public ${ES_LINKS})
  es_folders_to_targets(private ${ES_PRIVATE_LINKS})
  target_link_libraries(${target} PUBLIC ${public} PRIVATE es_options ${private})
  if(ES_TESTS AND BUILD_TESTING)
    es_test(NAME ${ES_NAME}_test SOURCES ${ES_TESTS} LINKS ${target} ${private} ${ES_TEST_LINKS} LABELS ${ES_LABELS})
  endif()
endfunction()

# The environment in which programs that are not ours (gst-launch-1.0) can load our plugin.
set(ES_TOOL_ENVIRONMENT "")
if(ES_SANITIZE MATCHES "address")
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libasan.so OUTPUT_VARIABLE sanitizer
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  set(ES_TOOL_ENVIRONMENT "LD_PRELOAD=${sanitizer}:libstdc++.so.6 ASAN_OPTIONS=detect_leaks=0")
endif()

# es_test(NAME x_test SOURCES ... LINKS ... [LABELS gst]): one GoogleTest program, one ctest entry per test case.
function(es_test)
  cmake_parse_arguments(ES "" "NAME" "SOURCES;LINKS;LABELS" ${ARGN})
  if(NOT BUILD_TESTING)
    return()
  endif()
  add_executable(${ES_NAME} ${ES_SOURCES})
  es_folders_to_targets(links ${ES_LINKS})
  target_link_libraries(${ES_NAME} PRIVATE es_options ${links} es_testing GTest::gmock GTest::gtest_main)
  target_compile_definitions(${ES_NAME} PRIVATE ES_SOURCE_DIR="${PROJECT_SOURCE_DIR}" ES_BINARY_DIR="${CMAKE_BINARY_DIR}"
                                                ES_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata")
  # A test that hangs ends, and the rest is still run.
  set(properties TIMEOUT 900)
  if(ES_LABELS)
    list(APPEND properties LABELS "${ES_LABELS}")
  endif()
  gtest_discover_tests(${ES_NAME} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()

# es_fuzz(NAME carray SOURCES carray_fuzz.cpp LINKS edge_impulse): a libFuzzer target, its seeds in fuzz/corpus/<NAME>.
function(es_fuzz)
  cmake_parse_arguments(ES "" "NAME" "SOURCES;LINKS" ${ARGN})
  if(NOT ES_FUZZ)
    return()
  endif()
  add_executable(${ES_NAME}_fuzz ${ES_SOURCES})
  es_folders_to_targets(links ${ES_LINKS})
  target_link_libraries(${ES_NAME}_fuzz PRIVATE es_options ${links})
  target_link_options(${ES_NAME}_fuzz PRIVATE -fsanitize=fuzzer)
  set_property(GLOBAL APPEND PROPERTY ES_FUZZ_TARGETS ${ES_NAME})
endfunction()

# Folder names become our targets; anything with :: or an es_ prefix is a target already.
function(es_folders_to_targets result)
  set(targets)
  foreach(link ${ARGN})
    if(link MATCHES "::" OR link MATCHES "^es_" OR link MATCHES "^-")
      list(APPEND targets ${link})
    else()
      list(APPEND targets es_${link})
    endif()
  endforeach()
  set(${result} ${targets} PARENT_SCOPE)
endfunction()
