# find_package(resnetc), from this build tree (-Dresnetc_DIR=build) and from an installation.
include(CMakePackageConfigHelpers)

add_executable(resnetc::resnetc ALIAS resnetc)
include(AddResnetLibrary) # also for projects that take resnetc in with add_subdirectory

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/resnetc")
install(TARGETS resnetc EXPORT resnetc_targets RUNTIME)
install(EXPORT resnetc_targets NAMESPACE resnetc:: FILE resnetc-targets.cmake
        DESTINATION "${package_dir}")
export(EXPORT resnetc_targets NAMESPACE resnetc::
       FILE "${PROJECT_BINARY_DIR}/resnetc-targets.cmake")

write_basic_package_version_file("${PROJECT_BINARY_DIR}/resnetc-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
configure_file(cmake/resnetc-config.cmake resnetc-config.cmake COPYONLY)
configure_file(cmake/AddResnetLibrary.cmake AddResnetLibrary.cmake COPYONLY)
install(FILES
    "${PROJECT_BINARY_DIR}/resnetc-config.cmake"
    "${PROJECT_BINARY_DIR}/resnetc-config-version.cmake"
    "${PROJECT_BINARY_DIR}/AddResnetLibrary.cmake"
    DESTINATION "${package_dir}")
install(DIRECTORY specs DESTINATION "${CMAKE_INSTALL_DATADIR}/resnetc")
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
