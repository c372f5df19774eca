# Asks CMake where the tools are that `resnetc tune` calls; made by resnetc <% version %>.
cmake_minimum_required(VERSION 3.25)
project(tune_tools LANGUAGES C CXX)
find_package(Halide 21 REQUIRED)
file(GENERATE OUTPUT ${CMAKE_BINARY_DIR}/tools.txt CONTENT "${CMAKE_C_COMPILER}
${CMAKE_CXX_COMPILER}
$<TARGET_FILE:Halide::Halide>
$<TARGET_FILE:Halide::GenGen>
$<LIST:GET,$<TARGET_PROPERTY:Halide::Halide,INTERFACE_INCLUDE_DIRECTORIES>,0>
")
