# How the standalone program is compiled and linked: small, static, without the C++ library.
#
# Included by the CMakeLists.txt of an emitted model and by tests/program. Sets
#   RESNETC_PROGRAM_SOURCES          the .cpp files beside this one
#   RESNETC_PROGRAM_COMPILE_OPTIONS  for these (GCC and Clang)
#   RESNETC_PROGRAM_LINK_OPTIONS     for the executable, with GNU ld or lld
# The program also needs libjpeg, libpng, zlib and libm as static archives, in this order.

file(GLOB RESNETC_PROGRAM_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_LIST_DIR}/*.cpp")

# No contraction to fused multiply-adds: the weights of the resize filter are Pillow's to the bit.
set(RESNETC_PROGRAM_COMPILE_OPTIONS
    -std=c++20 -Os -fno-exceptions -fno-rtti -fno-asynchronous-unwind-tables
    -ffunction-sections -fdata-sections -ffp-contract=off)

set(RESNETC_PROGRAM_LINK_OPTIONS -static -s -Wl,--gc-sections)

# What the archives would drag in, though nothing here can reach it, is left out by giving its
# symbols the address 0, a third of the program. A name that an archive does not know does no
# harm; one that is called after all crashes at once, which the tests of the program would show.
set(leave_out
    # libjpeg: scaled and inexact inverse transforms, colour quantisation (settings never used)
    jinit_merged_upsampler jinit_1pass_quantizer jinit_2pass_quantizer
    jpeg_idct_float jpeg_idct_ifast jpeg_idct_1x1 jpeg_idct_2x2 jpeg_idct_4x4
    jconst_idct_float_sse2 jsimd_idct_float_sse2 jconst_idct_ifast_sse2 jsimd_idct_ifast_sse2
    jconst_idct_red_sse2 jsimd_idct_2x2_sse2 jsimd_idct_4x4_sse2
    # libjpeg: the encoder's vector code
    jconst_huff_encode_one_block jsimd_huff_encode_one_block_sse2
    jsimd_encode_mcu_AC_first_prepare_sse2 jsimd_encode_mcu_AC_refine_prepare_sse2
    jconst_fdct_float_sse jsimd_fdct_float_sse jconst_fdct_ifast_sse2 jsimd_fdct_ifast_sse2
    jsimd_convsamp_float_sse2 jsimd_quantize_float_sse2
    # libpng: the writer
    png_destroy_write_struct png_free_buffer_list png_save_uint_32
    # libjpeg reads the variable JPEGMEM with this; main unsets it
    __isoc99_sscanf)
foreach(isa IN ITEMS sse2 avx2)
    list(APPEND leave_out
        jconst_fdct_islow_${isa} jsimd_fdct_islow_${isa}
        jsimd_convsamp_${isa} jsimd_quantize_${isa}
        jconst_rgb_ycc_convert_${isa} jconst_rgb_gray_convert_${isa} jconst_merged_upsample_${isa}
        jsimd_h2v1_downsample_${isa} jsimd_h2v2_downsample_${isa}
        jsimd_rgb_ycc_convert_${isa} jsimd_rgb_gray_convert_${isa}
        jsimd_h2v1_merged_upsample_${isa} jsimd_h2v2_merged_upsample_${isa})
    foreach(order IN ITEMS extrgb extbgr extrgbx extbgrx extxbgr extxrgb)
        list(APPEND leave_out
            jsimd_${order}_ycc_convert_${isa} jsimd_${order}_gray_convert_${isa}
            jsimd_h2v1_${order}_merged_upsample_${isa} jsimd_h2v2_${order}_merged_upsample_${isa})
    endforeach()
endforeach()
foreach(symbol IN LISTS leave_out)
    list(APPEND RESNETC_PROGRAM_LINK_OPTIONS "-Wl,--defsym=${symbol}=0")
endforeach()
unset(leave_out)
