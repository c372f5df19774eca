/* What the static program does without: stands in for parts of libjpeg, libpng and the C library
 * that nothing in the program can reach, but which their archives would bring along, two fifths of
 * its size. Compiled into statically linked programs only, by link.cmake.
 *
 * Every name is weak. Where an archive is cut up differently and brings the real one for another
 * reason, that one is taken; a name that no archive knows does no harm. What is called after all
 * ends the program with a message, and tests/program compares the program with one that has
 * everything, over thousands of good and damaged pictures. */
#include <stdlib.h>
#include <unistd.h>

_Noreturn void resnetc_left_out(void);
_Noreturn void resnetc_left_out(void) {
    static const char text[] = "error: a function was called that is left out of this program\n";
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    abort();
}

/* The labels keep clear of the compiler's own idea of functions such as pow. */
#define LEAVE_OUT(name)                                                                            \
    void resnetc_no_##name(void) __asm__(#name) __attribute__((weak, alias("resnetc_left_out")));
/* Constants of code that is left out, or a variable that only such code looks at. */
#define LEAVE_OUT_DATA(name) char resnetc_no_##name[64] __asm__(#name) __attribute__((weak));

/* ---- libjpeg ---- */

/* scaled and inexact inverse transforms, colour quantisation: settings that are never used */
LEAVE_OUT(jinit_merged_upsampler)
LEAVE_OUT(jinit_1pass_quantizer)
LEAVE_OUT(jinit_2pass_quantizer)
LEAVE_OUT(jpeg_idct_float)
LEAVE_OUT(jpeg_idct_ifast)
LEAVE_OUT(jpeg_idct_1x1)
LEAVE_OUT(jpeg_idct_2x2)
LEAVE_OUT(jpeg_idct_4x4)
LEAVE_OUT_DATA(jconst_idct_float_sse2)
LEAVE_OUT_DATA(jconst_idct_ifast_sse2)
LEAVE_OUT_DATA(jconst_idct_red_sse2)
LEAVE_OUT(jsimd_idct_float_sse2)
LEAVE_OUT(jsimd_idct_ifast_sse2)
LEAVE_OUT(jsimd_idct_2x2_sse2)
LEAVE_OUT(jsimd_idct_4x4_sse2)

/* the encoder's vector code */
LEAVE_OUT_DATA(jconst_huff_encode_one_block)
LEAVE_OUT_DATA(jconst_fdct_float_sse)
LEAVE_OUT_DATA(jconst_fdct_ifast_sse2)
LEAVE_OUT(jsimd_huff_encode_one_block_sse2)
LEAVE_OUT(jsimd_encode_mcu_AC_first_prepare_sse2)
LEAVE_OUT(jsimd_encode_mcu_AC_refine_prepare_sse2)
LEAVE_OUT(jsimd_fdct_float_sse)
LEAVE_OUT(jsimd_fdct_ifast_sse2)
LEAVE_OUT(jsimd_convsamp_float_sse2)
LEAVE_OUT(jsimd_quantize_float_sse2)
#define LEAVE_OUT_ORDER(order, isa)                                                                \
    LEAVE_OUT(jsimd_##order##_ycc_convert_##isa)                                                   \
    LEAVE_OUT(jsimd_##order##_gray_convert_##isa)                                                  \
    LEAVE_OUT(jsimd_h2v1_##order##_merged_upsample_##isa)                                          \
    LEAVE_OUT(jsimd_h2v2_##order##_merged_upsample_##isa)
#define LEAVE_OUT_ENCODER(isa)                                                                     \
    LEAVE_OUT_DATA(jconst_fdct_islow_##isa)                                                        \
    LEAVE_OUT_DATA(jconst_rgb_ycc_convert_##isa)                                                   \
    LEAVE_OUT_DATA(jconst_rgb_gray_convert_##isa)                                                  \
    LEAVE_OUT_DATA(jconst_merged_upsample_##isa)                                                   \
    LEAVE_OUT(jsimd_fdct_islow_##isa)                                                              \
    LEAVE_OUT(jsimd_convsamp_##isa)                                                                \
    LEAVE_OUT(jsimd_quantize_##isa)                                                                \
    LEAVE_OUT(jsimd_h2v1_downsample_##isa)                                                         \
    LEAVE_OUT(jsimd_h2v2_downsample_##isa)                                                         \
    LEAVE_OUT_ORDER(rgb, isa)                                                                      \
    LEAVE_OUT_ORDER(extrgb, isa)                                                                   \
    LEAVE_OUT_ORDER(extbgr, isa)                                                                   \
    LEAVE_OUT_ORDER(extrgbx, isa)                                                                  \
    LEAVE_OUT_ORDER(extbgrx, isa)                                                                  \
    LEAVE_OUT_ORDER(extxbgr, isa)                                                                  \
    LEAVE_OUT_ORDER(extxrgb, isa)                                                                  \
    LEAVE_OUT(jsimd_h2v1_merged_upsample_##isa)                                                    \
    LEAVE_OUT(jsimd_h2v2_merged_upsample_##isa)
LEAVE_OUT_ENCODER(sse2)
LEAVE_OUT_ENCODER(avx2)

/* reads the variable JPEGMEM, which main unsets */
LEAVE_OUT(__isoc99_sscanf)

/* ---- libpng: the writer, and the text and gamma of ancillary chunks, which are skipped ---- */

LEAVE_OUT(png_destroy_write_struct)
LEAVE_OUT(png_free_buffer_list)
LEAVE_OUT(png_save_uint_32)
LEAVE_OUT(strtod)
LEAVE_OUT(pow)

#ifdef __GLIBC__
/* ---- glibc ---- */

/* stack unwinding, for exceptions and for threads that are cancelled */
LEAVE_OUT(_Unwind_Resume)
LEAVE_OUT(__gcc_personality_v0)
LEAVE_OUT(__pthread_cancel)
LEAVE_OUT(__pthread_unwind)
LEAVE_OUT(__pthread_unwind_next)
LEAVE_OUT(___pthread_unwind_next)

/* messages of failed assertions inside the library */
LEAVE_OUT(__assert_fail)
LEAVE_OUT(__fxprintf)
LEAVE_OUT(__fxprintf_nocancel)
LEAVE_OUT(__vfxprintf)

/* wide characters in printf (%ls) and streams, hexadecimal floats (%a), character set conversion */
LEAVE_OUT(wcrtomb)
LEAVE_OUT(__wcrtomb)
LEAVE_OUT(__wcsrtombs)
LEAVE_OUT(__printf_fphex)
LEAVE_OUT(__wcsmbs_clone_conv)
LEAVE_OUT(__wcsmbs_getfct)
LEAVE_OUT(__wcsmbs_load_conv)
LEAVE_OUT(__wcsmbs_named_conv)
LEAVE_OUT(_nl_cleanup_ctype)
LEAVE_OUT(__gconv_release_step)
LEAVE_OUT_DATA(__wcsmbs_gconv_fcts_c)
LEAVE_OUT_DATA(__gconv_lock)

/* making the stacks of threads executable, which the linked objects don't ask for */
LEAVE_OUT(__nptl_change_stack_perm)

/* Name resolution of hosts: what a new thread sets to its own state of it, and nobody reads. */
extern _Thread_local void* resnetc_no_resolver __asm__("__libc_resp") __attribute__((weak));
_Thread_local void* resnetc_no_resolver;

/* Translation of messages: the program never sets a locale, so they stay as they are. */
__attribute__((weak)) char* __dcgettext(const char* domain, const char* message, int category);
char* __dcgettext(const char* domain, const char* message, int category) {
    (void)domain;
    (void)category;
    return (char*)message;
}

/* Runs at the start; finds the folders of shared libraries, of which there are none. */
__attribute__((weak)) void _dl_init_paths(void);
void _dl_init_paths(void) {}
#endif
