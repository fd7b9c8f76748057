# SPDX-License-Identifier: Apache-2.0
#
# Where everything lies once installed, and in the build tree just the same, so
# that one rule finds the parts from the program in both:
#
#   bin/edgestream
#   lib/edgestream/gstreamer-1.0/libgstedgestream.so    the plugin
#   lib/edgestream/libnvds*.so, libnvbufsurface.so      what DeepStream applications link
#   lib/edgestream/libonnxruntime.so.1                  where the system has no package of it
#   libexec/edgestream/bin/deepstream-app, trtexec      the program by its other names
#   include/edgestream/                                 headers; DeepStream's names in deepstream/
#   lib/pkgconfig/edgestream.pc
#   share/doc/edgestream/                               licences
#
# Whatever has the name of an NVIDIA file lies in a folder of ours that no default
# path reaches: beside a real DeepStream nothing of it is shadowed. `edgestream env`
# prints what opts in.

set(private_libraries lib/edgestream)
set(private_programs libexec/edgestream/bin)
set(other_names deepstream-app trtexec)
set(deepstream_libraries nvds_meta nvdsgst_meta nvdsgst_helper nvbufsurface)

# es_place(TARGET FOLDER): builds and installs a target in FOLDER, its own libraries found from there wherever that is.
function(es_place target folder)
  if(NOT TARGET ${target})
    return()
  endif()
  file(RELATIVE_PATH to_libraries /${folder} /${private_libraries})
  if(to_libraries)
    string(PREPEND to_libraries "/")
  endif()
  set_target_properties(${target} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${folder}
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${folder}
    INSTALL_RPATH "$ORIGIN${to_libraries}")
  install(TARGETS ${target} RUNTIME DESTINATION ${folder} LIBRARY DESTINATION ${folder} NAMELINK_SKIP)
endfunction()

es_place(edgestream bin)
es_place(gstedgestream ${private_libraries}/gstreamer-1.0)
foreach(library ${deepstream_libraries})
  es_place(${library} ${private_libraries})
  if(TARGET ${library})
    list(APPEND pkgconfig_libraries -l${library})
  endif()
endforeach()

# The program looks at the name it is called by.
file(RELATIVE_PATH to_program /${private_programs} /bin/edgestream)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/${private_programs})
foreach(name ${other_names})
  file(CREATE_LINK ${to_program} ${CMAKE_BINARY_DIR}/${private_programs}/${name} SYMBOLIC)
  install(FILES ${CMAKE_BINARY_DIR}/${private_programs}/${name} DESTINATION ${private_programs})
endforeach()

# A library of the system is found by the loader itself. One from elsewhere comes along, under the name that programs
# record, with the providers that a GPU build keeps beside it and with its papers.
get_filename_component(onnxruntime_folder ${ONNXRuntime_LIBRARY} DIRECTORY)
if(NOT onnxruntime_folder IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
  install(PROGRAMS ${ONNXRuntime_LIBRARY} DESTINATION ${private_libraries} RENAME ${ONNXRuntime_SONAME})
  file(GLOB onnxruntime_providers ${onnxruntime_folder}/libonnxruntime_providers_*.so)
  install(PROGRAMS ${onnxruntime_providers} DESTINATION ${private_libraries})
  file(GLOB onnxruntime_papers ${onnxruntime_folder}/../LICENSE ${onnxruntime_folder}/../ThirdPartyNotices.txt)
  install(FILES ${onnxruntime_papers} DESTINATION share/doc/edgestream/onnxruntime)
endif()

install(DIRECTORY include/edgestream DESTINATION include FILES_MATCHING PATTERN "*.h")
install(FILES LICENSE DESTINATION share/doc/edgestream)

list(JOIN pkgconfig_libraries " " pkgconfig_libraries)
configure_file(cmake/edgestream.pc.in ${CMAKE_BINARY_DIR}/lib/pkgconfig/edgestream.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/lib/pkgconfig/edgestream.pc DESTINATION lib/pkgconfig)

if(BUILD_TESTING)
  add_test(NAME FindOnnxRuntime COMMAND ${PROJECT_SOURCE_DIR}/cmake/find_onnxruntime_test.sh
           ${ONNXRuntime_INCLUDE_DIR} ${ONNXRuntime_LIBRARY})
  add_test(NAME Scripts COMMAND ${PROJECT_SOURCE_DIR}/scripts/lib/scripts_test.sh)
  # Programs that are not instrumented (gst-inspect-1.0, a user's own) cannot load an instrumented library.
  if(TARGET edgestream AND NOT ES_SANITIZE)
    add_test(NAME InstalledLayout COMMAND ${PROJECT_SOURCE_DIR}/cmake/install_test.sh ${CMAKE_BINARY_DIR})
  endif()
endif()

# The manual page and the shells' completions, printed by the program itself.
if(TARGET edgestream)
  foreach(print "man|edgestream.1|share/man/man1" "completion bash|edgestream|share/bash-completion/completions"
                "completion zsh|_edgestream|share/zsh/site-functions"
                "completion fish|edgestream.fish|share/fish/vendor_completions.d")
    string(REPLACE "|" ";" parts ${print})
    list(GET parts 0 words)
    list(GET parts 1 name)
    list(GET parts 2 folder)
    string(REPLACE " " ";" words ${words})
    string(REPLACE ";" "_" stem "${words}")
    set(page ${CMAKE_BINARY_DIR}/manual/${stem})
    add_custom_command(
      OUTPUT ${page}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/manual
      COMMAND edgestream ${words} > ${page}
      DEPENDS edgestream)
    list(APPEND pages ${page})
    install(FILES ${page} DESTINATION ${folder} RENAME ${name})
  endforeach()
  add_custom_target(es_manual ALL DEPENDS ${pages})
endif()
