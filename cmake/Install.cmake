# `cmake --install`: headers, libraries, the compiler, and what find_package(Baton) needs.
set(installed)
foreach(target IN ITEMS baton_base baton_platform baton_sandbox baton batonc)
  if(TARGET ${target})
    list(APPEND installed ${target})
  endif()
endforeach()

if(PROJECT_IS_TOP_LEVEL AND TARGET baton AND NOT BATON_FUZZ)
  include(CMakePackageConfigHelpers)
  set(config_folder ${CMAKE_INSTALL_LIBDIR}/cmake/Baton)

  install(TARGETS ${installed} EXPORT BatonTargets
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  foreach(headers IN ITEMS platform/include/ runtime/include/)
    install(DIRECTORY ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  endforeach()
  install(EXPORT BatonTargets NAMESPACE Baton:: DESTINATION ${config_folder})

  configure_package_config_file(cmake/BatonConfig.cmake.in ${PROJECT_BINARY_DIR}/BatonConfig.cmake
    INSTALL_DESTINATION ${config_folder})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/BatonConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${PROJECT_BINARY_DIR}/BatonConfig.cmake
    ${PROJECT_BINARY_DIR}/BatonConfigVersion.cmake cmake/BatonProtocols.cmake
    DESTINATION ${config_folder})
endif()
