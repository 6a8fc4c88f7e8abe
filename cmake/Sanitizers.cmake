# BATON_SANITIZE, directory-wide: instrumented and plain code must not be mixed. BATON_FUZZ: sets
# baton_coverage_options, for what a fuzzer is to see, which may be mixed.
set(sanitizers)
if(BATON_SANITIZE STREQUAL "address")
  set(sanitizers address,undefined)
elseif(BATON_SANITIZE STREQUAL "thread")
  set(sanitizers thread)
elseif(NOT BATON_SANITIZE STREQUAL "none")
  message(FATAL_ERROR "BATON_SANITIZE is '${BATON_SANITIZE}'; it can be address, thread or none")
endif()

if(sanitizers)
  add_compile_options(-fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 17)
    # Cannot be combined with coroutines: "cannot represent a difference across sections".
    add_compile_options(-fno-sanitize=function)
  endif()
  add_link_options(-fsanitize=${sanitizers})
endif()
if(BATON_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "BATON_FUZZ needs clang++: libFuzzer is a part of it")
  endif()
  set(baton_coverage_options -fsanitize=fuzzer-no-link)  # the fuzzers link libFuzzer themselves
else()
  set(baton_coverage_options)
endif()
