# Everything that resnetc and its tests take from elsewhere. Debian 12 has all of it but Halide, CMake
# >= 3.28 and Ninja, which scripts/setup.sh installs into build/venv.
find_package(yaml-cpp REQUIRED)
if(NOT TARGET yaml-cpp::yaml-cpp) # its name since 0.8
    add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(KainjowMustache REQUIRED)
find_package(ZLIB REQUIRED) # checksums of zip archives

# ONNX files: the compiler protoc and the small runtime, linked statically where that is installed.
set(Protobuf_USE_STATIC_LIBS ON)
find_package(Protobuf QUIET)
if(NOT TARGET protobuf::libprotobuf-lite)
    set(Protobuf_USE_STATIC_LIBS OFF)
    find_package(Protobuf REQUIRED)
endif()

# Pictures are decoded by the programs that resnetc builds, not by resnetc. Asked for here, so that
# a machine that lacks them says so before the first build.
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)

# Halide compiles what resnetc emits; resnetc itself only needs to know where it is. An installed one
# (Halide_DIR, CMAKE_PREFIX_PATH, system paths) is preferred, the wheel in build/venv is the fallback.
# PATH is not looked at: a virtual environment there leads to the wheel's package in share/cmake,
# which wants Python's development files for nothing.
find_package(Halide 21 CONFIG QUIET NO_SYSTEM_ENVIRONMENT_PATH)
if(NOT Halide_FOUND)
    unset(Halide_DIR CACHE)
    file(GLOB wheels LIST_DIRECTORIES true
        "${PROJECT_BINARY_DIR}/venv/lib*/python3*/site-packages/halide/lib64/cmake/Halide"
        "${PROJECT_SOURCE_DIR}/build/venv/lib*/python3*/site-packages/halide/lib64/cmake/Halide")
    find_package(Halide 21 CONFIG QUIET NO_DEFAULT_PATH PATHS ${wheels})
endif()
if(NOT Halide_FOUND)
    message(FATAL_ERROR
        "Halide 21 was not found.\n"
        "Run ./scripts/setup.sh, which installs it into build/venv, or say where it is: "
        "-DHalide_DIR=<folder with HalideConfig.cmake>.")
endif()

# The Ninja with which resnetc builds what it emits; without one it uses CMake's default generator.
find_program(RESNETC_NINJA ninja HINTS "${PROJECT_SOURCE_DIR}/build/venv/bin"
    DOC "Ninja that resnetc runs")
if(NOT RESNETC_NINJA)
    set(RESNETC_NINJA "")
endif()

if(RESNETC_BUILD_TESTS)
    find_package(Catch2 REQUIRED) # 2.13 or 3
endif()
