# How the standalone program is compiled and linked: small, static, without the C++ library.
#
# Included by the CMakeLists.txt of an emitted model and by tests/program. Sets
#   RESNETC_PROGRAM_SOURCES          the .cpp files beside this one
#   RESNETC_PROGRAM_STATIC_SOURCES   further sources of a program that is linked statically, C
#   RESNETC_PROGRAM_COMPILE_OPTIONS  for both (GCC and Clang)
#   RESNETC_PROGRAM_LINK_OPTIONS     for the static executable, with GNU ld or lld
# The program also needs libjpeg, libpng, zlib and libm as static archives, in this order.

file(GLOB RESNETC_PROGRAM_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.cpp")
set(RESNETC_PROGRAM_STATIC_SOURCES
    "${CMAKE_CURRENT_LIST_DIR}/../static/left_out.c" "${CMAKE_CURRENT_LIST_DIR}/../static/strings.c")
set_source_files_properties("${CMAKE_CURRENT_LIST_DIR}/../static/strings.c" PROPERTIES
    COMPILE_OPTIONS "-fno-builtin;-fno-tree-loop-distribute-patterns")

# No contraction to fused multiply-adds: the weights of the resize filter are Pillow's to the bit.
set(RESNETC_PROGRAM_COMPILE_OPTIONS
    $<$<COMPILE_LANGUAGE:CXX>:-std=c++20> $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>
    -Os -fno-exceptions -fno-asynchronous-unwind-tables
    -ffunction-sections -fdata-sections -ffp-contract=off)

set(RESNETC_PROGRAM_LINK_OPTIONS -static -s -Wl,--gc-sections -Wl,--build-id=none
    "SHELL:-T \"${CMAKE_CURRENT_LIST_DIR}/../static/no_unwinding.ld\"")
