# Installs BUILD below WORK, then configures, builds and runs consumer/ against it.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}: ${result}\n${text}")
  endif()
  set(output ${text} PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
run(${CMAKE_COMMAND} -G Ninja -S ${SOURCE}/tests/install/consumer -B ${WORK}/build
  -D CMAKE_CXX_COMPILER=${COMPILER} -D CMAKE_PREFIX_PATH=${WORK}/prefix
  -D HELLO=${SOURCE}/samples/hello)
run(${CMAKE_COMMAND} --build ${WORK}/build)
run(${WORK}/build/hello)
if(NOT output MATCHES "hello")
  message(FATAL_ERROR "the installed hello says: ${output}")
endif()
