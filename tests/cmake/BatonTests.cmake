# baton_add_tests(<executable> [LABELS label...] SOURCES file... [LIBRARIES target...])
#
# One executable out of *_test.cc files; each TEST_CASE becomes a test of CTest. Without sources it
# makes nothing. Sources called *_threads_test.cc go into a second executable, <executable>_threads,
# whose tests carry the label `threads` as well: those are the ones that run under TSan. The target
# threads_tests makes all that have such tests.
function(baton_add_tests executable)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LABELS;SOURCES;LIBRARIES")
  set(threaded ${ARG_SOURCES})
  list(FILTER threaded INCLUDE REGEX "_threads_test\\.cc$")
  list(FILTER ARG_SOURCES EXCLUDE REGEX "_threads_test\\.cc$")

  baton_add_test_executable(${executable}
    LABELS ${ARG_LABELS} SOURCES ${ARG_SOURCES} LIBRARIES ${ARG_LIBRARIES})
  baton_add_test_executable(${executable}_threads
    LABELS ${ARG_LABELS} threads SOURCES ${threaded} LIBRARIES ${ARG_LIBRARIES})
endfunction()

function(baton_add_test_executable executable)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "LABELS;SOURCES;LIBRARIES")
  if(NOT ARG_SOURCES)
    return()
  endif()
  foreach(library IN LISTS ARG_LIBRARIES)
    if(NOT TARGET ${library})
      message(FATAL_ERROR "${executable} is left out: there is no target ${library}")
      return()
    endif()
  endforeach()

  add_executable(${executable} ${ARG_SOURCES})
  target_link_libraries(${executable} PRIVATE ${ARG_LIBRARIES} baton_test_support)
  set(headers baton_test_headers)
  if("baton" IN_LIST ARG_LIBRARIES)
    set(headers baton_runtime_test_headers)
  endif()
  target_precompile_headers(${executable} REUSE_FROM ${headers})
  catch_discover_tests(${executable} TEST_LIST ${executable}_names)
  baton_set_test_properties(${executable}_names ${ARG_LABELS})
  if("threads" IN_LIST ARG_LABELS)
    add_dependencies(threads_tests ${executable})
  endif()
endfunction()

# Gives every test in the list `names`, which CTest knows only once the executables are built, its
# labels and limits. Catch.cmake cannot pass on more than one label.
function(baton_set_test_properties names)
  set(file ${CMAKE_CURRENT_BINARY_DIR}/${names}.cmake)
  # A sweep is many runs, and a sanitizer slow.
  set(seconds 120)
  if("fault" IN_LIST ARGN OR NOT BATON_SANITIZE STREQUAL "none")
    set(seconds 400)
  endif()
  file(CONFIGURE OUTPUT ${file} @ONLY CONTENT [=[
if(@names@)
  set_tests_properties(${@names@} PROPERTIES
    LABELS "@ARGN@" TIMEOUT @seconds@ SKIP_REGULAR_EXPRESSION "\nSKIPPED: |^SKIPPED: ")
endif()
]=])
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${file})
endfunction()

# All tests of an executable once more, in one process, with memory that cannot be sealed
# (docs/shmem.md). Not with sanitizers: other programs of the run would need them, too.
function(baton_add_posix_memory_run executable)
  if(NOT TARGET ${executable} OR NOT BATON_SANITIZE STREQUAL "none")
    return()
  endif()
  set(name "${executable} with POSIX shared memory")
  add_test(NAME ${name} COMMAND ${executable})
  set_tests_properties(${name} PROPERTIES LABELS posix TIMEOUT 600 ENVIRONMENT BATON_MEMORY=posix)
endfunction()

# All tests of an executable once more, in one process, with their peers locked up
# (tests/support/peer_sandbox.h). Sanitizers need more than Baton does.
function(baton_add_sandboxed_run executable)
  if(NOT TARGET ${executable} OR NOT BATON_SANITIZE STREQUAL "none")
    return()
  endif()
  set(name "${executable} under seccomp")
  add_test(NAME ${name} COMMAND ${executable})
  set_tests_properties(${name} PROPERTIES LABELS sandbox TIMEOUT 600
    ENVIRONMENT BATON_TEST_SANDBOX=1 FAIL_REGULAR_EXPRESSION "outside of the sandbox: ")
endfunction()
