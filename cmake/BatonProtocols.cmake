# baton_add_protocols(<target> <file.idl>... [IMPORT_DIRS <folder>...])
#
# A library with the C++ that batonc makes of each .idl or .idlh file:
#
#   baton_add_protocols(camera_protocol camera.idl)
#   target_link_libraries(viewfinder PRIVATE camera_protocol)   # then: #include "cameraParent.h"
#
# IMPORT_DIRS are searched for what the files include, after the folder of the file itself and
# before the current source folder. They also name the headers: a file is generated under its path
# below the first of these folders that holds it, so `media/camera.idl` is #include "media/camera.h".
# A file that includes one of another target needs that target's headers:
#
#   target_link_libraries(camera_protocol PUBLIC media_protocol)
#
# Whatever a file includes is watched: changing it runs batonc again. Works in Baton's own tree and
# after find_package(Baton), with Ninja and Makefiles.
#
# BATON_BATONC: a batonc to call instead of the one of this build, which cannot run where one compiles
# for another kind of machine, and takes long to build with a sanitizer.
include_guard(GLOBAL)

function(baton_add_protocols target)
  cmake_parse_arguments(PARSE_ARGV 1 argument "" "" "IMPORT_DIRS")
  if(NOT argument_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "baton_add_protocols(${target}): no .idl file given")
  endif()

  set(roots)
  foreach(root IN LISTS argument_IMPORT_DIRS ITEMS ${CMAKE_CURRENT_SOURCE_DIR})
    cmake_path(ABSOLUTE_PATH root BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    list(APPEND roots ${root})
  endforeach()
  list(REMOVE_DUPLICATES roots)

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/protocols/${target})
  set(sources)
  foreach(idl IN LISTS argument_UNPARSED_ARGUMENTS)
    cmake_path(ABSOLUTE_PATH idl BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
    baton_internal_generate(${idl} ${folder} "${roots}" generated)
    list(APPEND sources ${generated})
  endforeach()

  add_library(${target} ${sources})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${folder}>)
  if(TARGET baton)
    target_link_libraries(${target} PUBLIC baton)
  else()
    target_link_libraries(${target} PUBLIC Baton::baton)
  endif()
endfunction()

# The rule that makes ${folder}/... of one file; sets `result` to the C++ files.
function(baton_internal_generate idl folder roots result)
  if(NOT EXISTS ${idl})
    message(FATAL_ERROR "baton_add_protocols: there is no ${idl}")
  endif()
  if(BATON_BATONC)
    set(compiler ${BATON_BATONC})
  elseif(TARGET batonc)
    set(compiler $<TARGET_FILE:batonc>)
  else()
    set(compiler $<TARGET_FILE:Baton::batonc>)
  endif()

  baton_internal_output(${idl} "${roots}" output)
  set(base ${folder}/${output})
  set(cpp ${base}.h ${base}Parent.h ${base}Parent.cc ${base}Child.h ${base}Child.cc)
  set(outputs ${cpp} ${base}.fbs ${base}.json)
  # batonc leaves alone what has not changed. Ninja understands that; Make would run it every time.
  set(settle)
  if(CMAKE_GENERATOR MATCHES "Makefiles")
    set(settle COMMAND ${CMAKE_COMMAND} -E touch ${outputs})
  endif()
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND ${compiler} compile "-I$<JOIN:${roots},;-I>" -o ${folder} --depfile ${base}.d ${idl}
    ${settle}
    MAIN_DEPENDENCY ${idl}
    DEPENDS ${compiler}
    DEPFILE ${base}.d
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMENT "batonc ${output}"
    COMMAND_EXPAND_LISTS VERBATIM)
  set(${result} ${cpp} PARENT_SCOPE)
endfunction()

# What batonc calls the output of `idl`: its path below the first root that holds it, else its bare
# name; without an ending.
function(baton_internal_output idl roots result)
  cmake_path(GET idl FILENAME output)
  foreach(root IN LISTS roots)
    cmake_path(IS_PREFIX root ${idl} NORMALIZE holds)
    if(holds)
      cmake_path(RELATIVE_PATH idl BASE_DIRECTORY ${root} OUTPUT_VARIABLE output)
      break()
    endif()
  endforeach()
  cmake_path(REMOVE_EXTENSION output LAST_ONLY)
  set(${result} ${output} PARENT_SCOPE)
endfunction()
