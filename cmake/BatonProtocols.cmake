# baton_add_protocols(target foo.idl bar.idl ... [IMPORT_DIRS dir...])
#
# Makes the library `target` out of what batonc generates from the .idl files; link it, include
# "fooParent.h" and "fooChild.h". A file that an .idl includes is looked for beside it and in
# IMPORT_DIRS. Touching an .idl, or one that it includes, regenerates what depends on it and nothing
# else. Works inside Baton's own tree and with an installed one (find_package(Baton)).
function(baton_add_protocols target)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "" "IMPORT_DIRS")
  set(compiler Baton::batonc)
  if(TARGET batonc)
    set(compiler batonc)
  endif()
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${target}.generated)
  file(MAKE_DIRECTORY ${output})
  set(imports -I ${CMAKE_CURRENT_SOURCE_DIR})
  foreach(directory IN LISTS ARG_IMPORT_DIRS)
    cmake_path(ABSOLUTE_PATH directory)
    list(APPEND imports -I ${directory})
  endforeach()

  set(sources)
  foreach(idl IN LISTS ARG_UNPARSED_ARGUMENTS)
    cmake_path(ABSOLUTE_PATH idl NORMALIZE OUTPUT_VARIABLE path)
    cmake_path(RELATIVE_PATH path BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE stem)
    cmake_path(REMOVE_EXTENSION stem LAST_ONLY)
    set(base ${output}/${stem})
    set(generated ${base}.h ${base}Parent.h ${base}Parent.cc ${base}Child.h ${base}Child.cc
                  ${base}.fbs ${base}.json)
    add_custom_command(
      OUTPUT ${generated}
      COMMAND ${compiler} compile -o ${output} ${imports} --depfile ${base}.d ${path}
      COMMAND ${CMAKE_COMMAND} -E touch ${generated}
      MAIN_DEPENDENCY ${path}
      DEPENDS ${compiler}
      DEPFILE ${base}.d
      COMMENT "batonc ${stem}.idl"
      VERBATIM)
    list(APPEND sources ${generated})
  endforeach()

  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC ${output})
  target_link_libraries(${target} PUBLIC Baton::baton)
endfunction()
