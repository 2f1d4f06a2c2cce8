# What `cmake --install` puts where: the program, libvisema with its headers, the CMake package and
# the pkg-config file, the networks and weights.
include(CMakePackageConfigHelpers)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/visema)
install(TARGETS visema visema-convert visema-train RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(
  TARGETS visema_library
  EXPORT visemaTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
foreach(module engine/core engine/pipeline engine/media audio models models/adaptation landmarks renderer engine/evaluation engine/session engine/batch)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/${module}/include/visema
          DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
endforeach()
install(
  EXPORT visemaTargets
  NAMESPACE visema::
  DESTINATION ${package_folder})
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/visemaConfig.cmake.in visemaConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(visemaConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/visemaConfig.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/visemaConfigVersion.cmake DESTINATION ${package_folder})

# Relative to the place of the .pc file, so that the installed tree may be moved.
file(RELATIVE_PATH VISEMA_PC_TO_PREFIX
     ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(${CMAKE_SOURCE_DIR}/cmake/visema.pc.in visema.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/visema.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(DIRECTORY ${CMAKE_BINARY_DIR}/share/visema DESTINATION ${CMAKE_INSTALL_DATADIR}
        USE_SOURCE_PERMISSIONS OPTIONAL)
