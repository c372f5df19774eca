# kainjow::mustache, the header-only Mustache library of https://github.com/kainjow/Mustache (Debian:
# libkainjow-mustache-dev), which brings no CMake package of its own.
find_path(KAINJOW_MUSTACHE_INCLUDE_DIR kainjow/mustache.hpp)
mark_as_advanced(KAINJOW_MUSTACHE_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(KainjowMustache REQUIRED_VARS KAINJOW_MUSTACHE_INCLUDE_DIR)

if(KainjowMustache_FOUND AND NOT TARGET kainjow::mustache)
    add_library(kainjow::mustache INTERFACE IMPORTED)
    target_include_directories(kainjow::mustache INTERFACE "${KAINJOW_MUSTACHE_INCLUDE_DIR}")
endif()
