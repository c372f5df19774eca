// Driver of resnet20 for x86-64-v4: calls the pipelines in order over one arena.
// Made by resnetc 0.1.0:
//   resnetc generate resnet20.yaml --weights resnet20_demo.safetensors --target x86-64-v4
#include "resnet20.h"
#include "resnetc_par_for.h"
#include "resnetc_runtime.h"

#include <string.h>

// Where workers find the scratch memory of an op that they compute in blocks.
static const ResnetcArenaLayout arena_layout = {283136, 78336};

// ---- Pipelines, with the shapes and strides that they were compiled for ----

// (1,3,32,32) -> (1,16,32,32)
int resnet20_stem3x3s1_c3_32x32_k16_relu_u8(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int stem3x3s1_c3_32x32_k16_relu_u8(const ResnetcParallel* parallel, const void* input, const void* normalise, const void* weights, const void* bias, const void* packed, const void* output) {
    halide_dimension_t input_dims[] = {{0, 3, 1}, {0, 32, 3}, {0, 32, 96}, {0, 1, 3072}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_uint, 8, 4, input_dims);
    halide_dimension_t normalise_dims[] = {{0, 48, 1}, {0, 2, 48}};
    halide_buffer_t normalise_buffer = resnetc_buffer(normalise, halide_type_float, 32, 2, normalise_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 3, 16}, {0, 3, 48}, {0, 3, 144}, {0, 1, 432}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 6, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 1, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t packed_dims[] = {{0, 102, 1}, {0, 32, 102}, {0, 1, 3264}};
    halide_buffer_t packed_buffer = resnetc_buffer(packed, halide_type_float, 32, 3, packed_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 32, 16}, {0, 32, 512}, {0, 1, 16384}, {0, 1, 16384}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_stem3x3s1_c3_32x32_k16_relu_u8(parallel, &input_buffer, &normalise_buffer, &weights_buffer, &bias_buffer, &packed_buffer, &output_buffer);
}

// (1,3,32,32) -> (1,16,32,32)
int resnet20_stem3x3s1_c3_32x32_k16_relu_f32(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int stem3x3s1_c3_32x32_k16_relu_f32(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, const void* packed, const void* output) {
    halide_dimension_t input_dims[] = {{0, 32, 1}, {0, 32, 32}, {0, 3, 1024}, {0, 1, 3072}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 4, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 3, 16}, {0, 3, 48}, {0, 3, 144}, {0, 1, 432}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 6, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 1, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t packed_dims[] = {{0, 102, 1}, {0, 32, 102}, {0, 1, 3264}};
    halide_buffer_t packed_buffer = resnetc_buffer(packed, halide_type_float, 32, 3, packed_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 32, 16}, {0, 32, 512}, {0, 1, 16384}, {0, 1, 16384}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_stem3x3s1_c3_32x32_k16_relu_f32(parallel, &input_buffer, &weights_buffer, &bias_buffer, &packed_buffer, &output_buffer);
}

// (1,16,32,32) -> (1,16,32,32)
int resnet20_conv3x3s1_c16_32x32_k16_relu(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, int, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int conv3x3s1_c16_32x32_k16_relu(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, int block, const void* transformed, const void* products, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 32, 16}, {0, 32, 512}, {0, 1, 16384}, {0, 1, 16384}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 16, 16}, {0, 1, 256}, {0, 1, 256}, {0, 6, 256}, {0, 8, 1536}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 7, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 1, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t transformed_dims[] = {{0, 16, 1}, {0, 6, 16}, {0, 1, 96}, {0, 6, 112}, {0, 8, 672}};
    halide_buffer_t transformed_buffer = resnetc_buffer(transformed, halide_type_float, 32, 5, transformed_dims);
    halide_dimension_t products_dims[] = {{0, 16, 1}, {0, 6, 16}, {0, 1, 96}, {0, 6, 112}, {0, 8, 672}};
    halide_buffer_t products_buffer = resnetc_buffer(products, halide_type_float, 32, 5, products_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 32, 16}, {0, 32, 512}, {0, 1, 16384}, {0, 1, 16384}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_conv3x3s1_c16_32x32_k16_relu(parallel, &input_buffer, &weights_buffer, &bias_buffer, block, &transformed_buffer, &products_buffer, &output_buffer);
}

// (1,16,32,32) -> (1,16,32,32)
int resnet20_conv3x3s1_c16_32x32_k16_add_relu(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, int, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int conv3x3s1_c16_32x32_k16_add_relu(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, int block, const void* transformed, const void* products, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 32, 16}, {0, 32, 512}, {0, 1, 16384}, {0, 1, 16384}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 16, 16}, {0, 1, 256}, {0, 1, 256}, {0, 6, 256}, {0, 6, 1536}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 7, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 1, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t transformed_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 1, 256}, {0, 6, 272}, {0, 6, 1632}};
    halide_buffer_t transformed_buffer = resnetc_buffer(transformed, halide_type_float, 32, 5, transformed_dims);
    halide_dimension_t products_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 1, 256}, {0, 6, 272}, {0, 6, 1632}};
    halide_buffer_t products_buffer = resnetc_buffer(products, halide_type_float, 32, 5, products_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 32, 16}, {0, 32, 512}, {0, 1, 16384}, {0, 1, 16384}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_conv3x3s1_c16_32x32_k16_add_relu(parallel, &input_buffer, &weights_buffer, &bias_buffer, block, &transformed_buffer, &products_buffer, &output_buffer);
}

// (1,16,32,32) -> (1,32,16,16)
int resnet20_conv3x3s2_c16_32x32_k32_relu(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int conv3x3s2_c16_32x32_k32_relu(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, const void* transformed, const void* products, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 32, 16}, {0, 32, 512}, {0, 1, 16384}, {0, 1, 16384}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 2, 16}, {0, 16, 32}, {0, 1, 512}, {0, 1, 512}, {0, 4, 512}, {0, 4, 2048}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 7, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 2, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t transformed_dims[] = {{0, 16, 1}, {0, 64, 16}, {0, 1, 1024}, {0, 5, 1040}, {0, 5, 5200}};
    halide_buffer_t transformed_buffer = resnetc_buffer(transformed, halide_type_float, 32, 5, transformed_dims);
    halide_dimension_t products_dims[] = {{0, 16, 1}, {0, 64, 16}, {0, 2, 1024}, {0, 3, 2064}, {0, 3, 6192}};
    halide_buffer_t products_buffer = resnetc_buffer(products, halide_type_float, 32, 5, products_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 16, 256}, {0, 2, 4096}, {0, 1, 8192}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_conv3x3s2_c16_32x32_k32_relu(parallel, &input_buffer, &weights_buffer, &bias_buffer, &transformed_buffer, &products_buffer, &output_buffer);
}

// (1,16,32,32) -> (1,32,16,16)
int resnet20_pad_channels_s2_c16_32x32_k32_before8(const void*, halide_buffer_t*, halide_buffer_t*);
static int pad_channels_s2_c16_32x32_k32_before8(const ResnetcParallel* parallel, const void* input, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 32, 16}, {0, 32, 512}, {0, 1, 16384}, {0, 1, 16384}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 16, 256}, {0, 2, 4096}, {0, 1, 8192}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_pad_channels_s2_c16_32x32_k32_before8(parallel, &input_buffer, &output_buffer);
}

// (1,32,16,16) -> (1,32,16,16)
int resnet20_conv3x3s1_c32_16x16_k32_add_relu(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int conv3x3s1_c32_16x16_k32_add_relu(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, const void* transformed, const void* products, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 16, 256}, {0, 2, 4096}, {0, 1, 8192}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 16, 16}, {0, 2, 256}, {0, 2, 512}, {0, 6, 1024}, {0, 6, 6144}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 7, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 2, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t transformed_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 2, 256}, {0, 6, 528}, {0, 6, 3168}};
    halide_buffer_t transformed_buffer = resnetc_buffer(transformed, halide_type_float, 32, 5, transformed_dims);
    halide_dimension_t products_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 2, 256}, {0, 6, 528}, {0, 6, 3168}};
    halide_buffer_t products_buffer = resnetc_buffer(products, halide_type_float, 32, 5, products_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 16, 256}, {0, 2, 4096}, {0, 1, 8192}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_conv3x3s1_c32_16x16_k32_add_relu(parallel, &input_buffer, &weights_buffer, &bias_buffer, &transformed_buffer, &products_buffer, &output_buffer);
}

// (1,32,16,16) -> (1,32,16,16)
int resnet20_conv3x3s1_c32_16x16_k32_relu(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int conv3x3s1_c32_16x16_k32_relu(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, const void* transformed, const void* products, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 16, 256}, {0, 2, 4096}, {0, 1, 8192}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 16, 16}, {0, 2, 256}, {0, 2, 512}, {0, 6, 1024}, {0, 6, 6144}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 7, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 2, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t transformed_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 2, 256}, {0, 6, 528}, {0, 6, 3168}};
    halide_buffer_t transformed_buffer = resnetc_buffer(transformed, halide_type_float, 32, 5, transformed_dims);
    halide_dimension_t products_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 2, 256}, {0, 6, 528}, {0, 6, 3168}};
    halide_buffer_t products_buffer = resnetc_buffer(products, halide_type_float, 32, 5, products_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 16, 256}, {0, 2, 4096}, {0, 1, 8192}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_conv3x3s1_c32_16x16_k32_relu(parallel, &input_buffer, &weights_buffer, &bias_buffer, &transformed_buffer, &products_buffer, &output_buffer);
}

// (1,32,16,16) -> (1,64,8,8)
int resnet20_conv3x3s2_c32_16x16_k64_relu(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int conv3x3s2_c32_16x16_k64_relu(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, const void* transformed, const void* products, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 16, 256}, {0, 2, 4096}, {0, 1, 8192}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 2, 16}, {0, 16, 32}, {0, 2, 512}, {0, 2, 1024}, {0, 4, 2048}, {0, 4, 8192}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 7, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 4, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t transformed_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 2, 256}, {0, 5, 528}, {0, 5, 2640}};
    halide_buffer_t transformed_buffer = resnetc_buffer(transformed, halide_type_float, 32, 5, transformed_dims);
    halide_dimension_t products_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 4, 256}, {0, 3, 1040}, {0, 3, 3120}};
    halide_buffer_t products_buffer = resnetc_buffer(products, halide_type_float, 32, 5, products_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 8, 128}, {0, 4, 1024}, {0, 1, 4096}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_conv3x3s2_c32_16x16_k64_relu(parallel, &input_buffer, &weights_buffer, &bias_buffer, &transformed_buffer, &products_buffer, &output_buffer);
}

// (1,32,16,16) -> (1,64,8,8)
int resnet20_pad_channels_s2_c32_16x16_k64_before16(const void*, halide_buffer_t*, halide_buffer_t*);
static int pad_channels_s2_c32_16x16_k64_before16(const ResnetcParallel* parallel, const void* input, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 16, 16}, {0, 16, 256}, {0, 2, 4096}, {0, 1, 8192}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 8, 128}, {0, 4, 1024}, {0, 1, 4096}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_pad_channels_s2_c32_16x16_k64_before16(parallel, &input_buffer, &output_buffer);
}

// (1,64,8,8) -> (1,64,8,8)
int resnet20_conv3x3s1_c64_8x8_k64_add_relu(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int conv3x3s1_c64_8x8_k64_add_relu(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, const void* transformed, const void* products, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 8, 128}, {0, 4, 1024}, {0, 1, 4096}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 16, 16}, {0, 4, 256}, {0, 4, 1024}, {0, 4, 4096}, {0, 6, 16384}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 7, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 4, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t transformed_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 4, 128}, {0, 4, 528}, {0, 6, 2112}};
    halide_buffer_t transformed_buffer = resnetc_buffer(transformed, halide_type_float, 32, 5, transformed_dims);
    halide_dimension_t products_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 4, 128}, {0, 4, 528}, {0, 6, 2112}};
    halide_buffer_t products_buffer = resnetc_buffer(products, halide_type_float, 32, 5, products_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 8, 128}, {0, 4, 1024}, {0, 1, 4096}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_conv3x3s1_c64_8x8_k64_add_relu(parallel, &input_buffer, &weights_buffer, &bias_buffer, &transformed_buffer, &products_buffer, &output_buffer);
}

// (1,64,8,8) -> (1,64,8,8)
int resnet20_conv3x3s1_c64_8x8_k64_relu(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int conv3x3s1_c64_8x8_k64_relu(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, const void* transformed, const void* products, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 8, 128}, {0, 4, 1024}, {0, 1, 4096}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 5, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 16, 16}, {0, 4, 256}, {0, 4, 1024}, {0, 4, 4096}, {0, 6, 16384}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 7, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 4, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t transformed_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 4, 128}, {0, 4, 528}, {0, 6, 2112}};
    halide_buffer_t transformed_buffer = resnetc_buffer(transformed, halide_type_float, 32, 5, transformed_dims);
    halide_dimension_t products_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 4, 128}, {0, 4, 528}, {0, 6, 2112}};
    halide_buffer_t products_buffer = resnetc_buffer(products, halide_type_float, 32, 5, products_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 8, 16}, {0, 8, 128}, {0, 4, 1024}, {0, 1, 4096}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 5, output_dims);
    return resnet20_conv3x3s1_c64_8x8_k64_relu(parallel, &input_buffer, &weights_buffer, &bias_buffer, &transformed_buffer, &products_buffer, &output_buffer);
}

// (1,64,8,8) -> (1,64,1,1)
int resnet20_global_avg_pool_c64_8x8(const void*, halide_buffer_t*, halide_buffer_t*);
static int global_avg_pool_c64_8x8(const ResnetcParallel* parallel, const void* input, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 64, 16}, {0, 4, 1024}, {0, 1, 4096}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 4, input_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 4, 16}, {0, 1, 64}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 3, output_dims);
    return resnet20_global_avg_pool_c64_8x8(parallel, &input_buffer, &output_buffer);
}

// (1,64,1,1) -> (1,10,1,1)
int resnet20_fc_c64_k10(const void*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*, halide_buffer_t*);
static int fc_c64_k10(const ResnetcParallel* parallel, const void* input, const void* weights, const void* bias, const void* output) {
    halide_dimension_t input_dims[] = {{0, 16, 1}, {0, 4, 16}, {0, 1, 64}};
    halide_buffer_t input_buffer = resnetc_buffer(input, halide_type_float, 32, 3, input_dims);
    halide_dimension_t weights_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 16, 16}, {0, 4, 256}, {0, 1, 1024}};
    halide_buffer_t weights_buffer = resnetc_buffer(weights, halide_type_float, 32, 5, weights_dims);
    halide_dimension_t bias_dims[] = {{0, 16, 1}, {0, 1, 16}};
    halide_buffer_t bias_buffer = resnetc_buffer(bias, halide_type_float, 32, 2, bias_dims);
    halide_dimension_t output_dims[] = {{0, 16, 1}, {0, 1, 16}, {0, 1, 16}};
    halide_buffer_t output_buffer = resnetc_buffer(output, halide_type_float, 32, 3, output_dims);
    return resnet20_fc_c64_k10(parallel, &input_buffer, &weights_buffer, &bias_buffer, &output_buffer);
}

// ---- Ops ----

// conv1: (1,3,32,32) -> (1,16,32,32), relu
static int op_conv1_u8(const ResnetcRun* run) {
    return stem3x3s1_c3_32x32_k16_relu_u8(run->parallel, run->input, run->weights + 0, run->weights + 384, run->weights + 2112, run->arena + 65536, run->arena + 0);
}

// conv1: (1,3,32,32) -> (1,16,32,32), relu
static int op_conv1_f32(const ResnetcRun* run) {
    return stem3x3s1_c3_32x32_k16_relu_f32(run->parallel, run->input, run->weights + 384, run->weights + 2112, run->arena + 65536, run->arena + 0);
}

// layer1.0.conv1: (1,16,32,32) -> (1,16,32,32), relu
static int op_layer1_0_conv1_block(const ResnetcRun* run, int block, uint8_t* scratch) {
    return conv3x3s1_c16_32x32_k16_relu(NULL, run->arena + 0, run->weights + 2176, run->weights + 51328, block, scratch + 0, scratch + 21504, run->arena + 65536);
}
static int op_layer1_0_conv1(const ResnetcRun* run) {
    return resnetc_run_blocks(run, op_layer1_0_conv1_block, 8, 131072, &arena_layout);
}

// layer1.0.conv2: (1,16,32,32) -> (1,16,32,32), added to what the output holds, relu
static int op_layer1_0_conv2_block(const ResnetcRun* run, int block, uint8_t* scratch) {
    return conv3x3s1_c16_32x32_k16_add_relu(NULL, run->arena + 65536, run->weights + 51392, run->weights + 88256, block, scratch + 0, scratch + 39168, run->arena + 0);
}
static int op_layer1_0_conv2(const ResnetcRun* run) {
    return resnetc_run_blocks(run, op_layer1_0_conv2_block, 4, 131072, &arena_layout);
}

// layer1.1.conv1: (1,16,32,32) -> (1,16,32,32), relu
static int op_layer1_1_conv1_block(const ResnetcRun* run, int block, uint8_t* scratch) {
    return conv3x3s1_c16_32x32_k16_relu(NULL, run->arena + 0, run->weights + 88320, run->weights + 137472, block, scratch + 0, scratch + 21504, run->arena + 65536);
}
static int op_layer1_1_conv1(const ResnetcRun* run) {
    return resnetc_run_blocks(run, op_layer1_1_conv1_block, 8, 131072, &arena_layout);
}

// layer1.1.conv2: (1,16,32,32) -> (1,16,32,32), added to what the output holds, relu
static int op_layer1_1_conv2_block(const ResnetcRun* run, int block, uint8_t* scratch) {
    return conv3x3s1_c16_32x32_k16_add_relu(NULL, run->arena + 65536, run->weights + 137536, run->weights + 174400, block, scratch + 0, scratch + 39168, run->arena + 0);
}
static int op_layer1_1_conv2(const ResnetcRun* run) {
    return resnetc_run_blocks(run, op_layer1_1_conv2_block, 4, 131072, &arena_layout);
}

// layer1.2.conv1: (1,16,32,32) -> (1,16,32,32), relu
static int op_layer1_2_conv1_block(const ResnetcRun* run, int block, uint8_t* scratch) {
    return conv3x3s1_c16_32x32_k16_relu(NULL, run->arena + 0, run->weights + 174464, run->weights + 223616, block, scratch + 0, scratch + 21504, run->arena + 65536);
}
static int op_layer1_2_conv1(const ResnetcRun* run) {
    return resnetc_run_blocks(run, op_layer1_2_conv1_block, 8, 131072, &arena_layout);
}

// layer1.2.conv2: (1,16,32,32) -> (1,16,32,32), added to what the output holds, relu
static int op_layer1_2_conv2_block(const ResnetcRun* run, int block, uint8_t* scratch) {
    return conv3x3s1_c16_32x32_k16_add_relu(NULL, run->arena + 65536, run->weights + 223680, run->weights + 260544, block, scratch + 0, scratch + 39168, run->arena + 0);
}
static int op_layer1_2_conv2(const ResnetcRun* run) {
    return resnetc_run_blocks(run, op_layer1_2_conv2_block, 4, 131072, &arena_layout);
}

// layer2.0.conv1: (1,16,32,32) -> (1,32,16,16), relu
static int op_layer2_0_conv1(const ResnetcRun* run) {
    return conv3x3s2_c16_32x32_k32_relu(run->parallel, run->arena + 0, run->weights + 260608, run->weights + 293376, run->arena + 98304, run->arena + 202304, run->arena + 65536);
}

// layer2.0.downsample: (1,16,32,32) -> (1,32,16,16)
static int op_layer2_0_downsample(const ResnetcRun* run) {
    return pad_channels_s2_c16_32x32_k32_before8(run->parallel, run->arena + 0, run->arena + 98304);
}

// layer2.0.conv2: (1,32,16,16) -> (1,32,16,16), added to what the output holds, relu
static int op_layer2_0_conv2(const ResnetcRun* run) {
    return conv3x3s1_c32_16x16_k32_add_relu(run->parallel, run->arena + 65536, run->weights + 293504, run->weights + 440960, run->arena + 131072, run->arena + 207104, run->arena + 98304);
}

// layer2.1.conv1: (1,32,16,16) -> (1,32,16,16), relu
static int op_layer2_1_conv1(const ResnetcRun* run) {
    return conv3x3s1_c32_16x16_k32_relu(run->parallel, run->arena + 98304, run->weights + 441088, run->weights + 588544, run->arena + 131072, run->arena + 207104, run->arena + 0);
}

// layer2.1.conv2: (1,32,16,16) -> (1,32,16,16), added to what the output holds, relu
static int op_layer2_1_conv2(const ResnetcRun* run) {
    return conv3x3s1_c32_16x16_k32_add_relu(run->parallel, run->arena + 0, run->weights + 588672, run->weights + 736128, run->arena + 131072, run->arena + 207104, run->arena + 98304);
}

// layer2.2.conv1: (1,32,16,16) -> (1,32,16,16), relu
static int op_layer2_2_conv1(const ResnetcRun* run) {
    return conv3x3s1_c32_16x16_k32_relu(run->parallel, run->arena + 98304, run->weights + 736256, run->weights + 883712, run->arena + 131072, run->arena + 207104, run->arena + 0);
}

// layer2.2.conv2: (1,32,16,16) -> (1,32,16,16), added to what the output holds, relu
static int op_layer2_2_conv2(const ResnetcRun* run) {
    return conv3x3s1_c32_16x16_k32_add_relu(run->parallel, run->arena + 0, run->weights + 883840, run->weights + 1031296, run->arena + 131072, run->arena + 207104, run->arena + 98304);
}

// layer3.0.conv1: (1,32,16,16) -> (1,64,8,8), relu
static int op_layer3_0_conv1(const ResnetcRun* run) {
    return conv3x3s2_c32_16x16_k64_relu(run->parallel, run->arena + 98304, run->weights + 1031424, run->weights + 1162496, run->arena + 131072, run->arena + 183872, run->arena + 0);
}

// layer3.0.downsample: (1,32,16,16) -> (1,64,8,8)
static int op_layer3_0_downsample(const ResnetcRun* run) {
    return pad_channels_s2_c32_16x16_k64_before16(run->parallel, run->arena + 98304, run->arena + 16384);
}

// layer3.0.conv2: (1,64,8,8) -> (1,64,8,8), added to what the output holds, relu
static int op_layer3_0_conv2(const ResnetcRun* run) {
    return conv3x3s1_c64_8x8_k64_add_relu(run->parallel, run->arena + 0, run->weights + 1162752, run->weights + 1555968, run->arena + 32768, run->arena + 83456, run->arena + 16384);
}

// layer3.1.conv1: (1,64,8,8) -> (1,64,8,8), relu
static int op_layer3_1_conv1(const ResnetcRun* run) {
    return conv3x3s1_c64_8x8_k64_relu(run->parallel, run->arena + 16384, run->weights + 1556224, run->weights + 1949440, run->arena + 32768, run->arena + 83456, run->arena + 0);
}

// layer3.1.conv2: (1,64,8,8) -> (1,64,8,8), added to what the output holds, relu
static int op_layer3_1_conv2(const ResnetcRun* run) {
    return conv3x3s1_c64_8x8_k64_add_relu(run->parallel, run->arena + 0, run->weights + 1949696, run->weights + 2342912, run->arena + 32768, run->arena + 83456, run->arena + 16384);
}

// layer3.2.conv1: (1,64,8,8) -> (1,64,8,8), relu
static int op_layer3_2_conv1(const ResnetcRun* run) {
    return conv3x3s1_c64_8x8_k64_relu(run->parallel, run->arena + 16384, run->weights + 2343168, run->weights + 2736384, run->arena + 32768, run->arena + 83456, run->arena + 0);
}

// layer3.2.conv2: (1,64,8,8) -> (1,64,8,8), added to what the output holds, relu
static int op_layer3_2_conv2(const ResnetcRun* run) {
    return conv3x3s1_c64_8x8_k64_add_relu(run->parallel, run->arena + 0, run->weights + 2736640, run->weights + 3129856, run->arena + 32768, run->arena + 83456, run->arena + 16384);
}

// avgpool: (1,64,8,8) -> (1,64,1,1)
static int op_avgpool(const ResnetcRun* run) {
    return global_avg_pool_c64_8x8(run->parallel, run->arena + 16384, run->arena + 0);
}

// fc: (1,64,1,1) -> (1,10,1,1)
static int op_fc(const ResnetcRun* run) {
    return fc_c64_k10(run->parallel, run->arena + 0, run->weights + 3130112, run->weights + 3134208, run->arena + 256);
}

// The ops after the first, which depends on the type of the input.
static int run_rest(const ResnetcRun* run) {
    if (op_layer1_0_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer1_0_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer1_1_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer1_1_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer1_2_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer1_2_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer2_0_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer2_0_downsample(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer2_0_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer2_1_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer2_1_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer2_2_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer2_2_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer3_0_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer3_0_downsample(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer3_0_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer3_1_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer3_1_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer3_2_conv1(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_layer3_2_conv2(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_avgpool(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    if (op_fc(run)) {
        return RESNETC_PIPELINE_FAILED;
    }
    for (int n = 0; n < 1; ++n) {
        memcpy((float*)run->output + n * 10,
               run->arena + 256 + n * 64, 10 * sizeof(float));
    }
    return RESNETC_OK;
}

static int run_u8(const ResnetcRun* run) {
    const int status = resnetc_check(run);
    if (status) {
        return status;
    }
    return op_conv1_u8(run) ? RESNETC_PIPELINE_FAILED : run_rest(run);
}

int resnet20_run(const void* weights, const uint8_t* nhwc, float* logits, void* arena) {
    const ResnetcRun run = {weights, nhwc, logits, arena, NULL};
    return run_u8(&run);
}

int resnet20_run_parallel(const void* weights, const uint8_t* nhwc, float* logits, void* arena,
        const ResnetcParallel* parallel) {
    const ResnetcRun run = {weights, nhwc, logits, arena, parallel};
    return run_u8(&run);
}

static int run_f32(const ResnetcRun* run) {
    const int status = resnetc_check(run);
    if (status) {
        return status;
    }
    return op_conv1_f32(run) ? RESNETC_PIPELINE_FAILED : run_rest(run);
}

int resnet20_run_f32(const void* weights, const float* nchw, float* logits, void* arena) {
    const ResnetcRun run = {weights, nchw, logits, arena, NULL};
    return run_f32(&run);
}

int resnet20_run_f32_parallel(const void* weights, const float* nchw, float* logits, void* arena,
        const ResnetcParallel* parallel) {
    const ResnetcRun run = {weights, nchw, logits, arena, parallel};
    return run_f32(&run);
}

const char* resnet20_status_string(int status) {
    return resnetc_status_string(status);
}

#ifdef RESNETC_STEPS
// Every op on its own, for tests that look at the intermediate tensors.
const ResnetcStep resnetc_steps[] = {
    {"conv1_u8", op_conv1_u8, 0, 65536},
    {"conv1_f32", op_conv1_f32, 0, 65536},
    {"layer1.0.conv1", op_layer1_0_conv1, 65536, 65536},
    {"layer1.0.conv2", op_layer1_0_conv2, 0, 65536},
    {"layer1.1.conv1", op_layer1_1_conv1, 65536, 65536},
    {"layer1.1.conv2", op_layer1_1_conv2, 0, 65536},
    {"layer1.2.conv1", op_layer1_2_conv1, 65536, 65536},
    {"layer1.2.conv2", op_layer1_2_conv2, 0, 65536},
    {"layer2.0.conv1", op_layer2_0_conv1, 65536, 32768},
    {"layer2.0.downsample", op_layer2_0_downsample, 98304, 32768},
    {"layer2.0.conv2", op_layer2_0_conv2, 98304, 32768},
    {"layer2.1.conv1", op_layer2_1_conv1, 0, 32768},
    {"layer2.1.conv2", op_layer2_1_conv2, 98304, 32768},
    {"layer2.2.conv1", op_layer2_2_conv1, 0, 32768},
    {"layer2.2.conv2", op_layer2_2_conv2, 98304, 32768},
    {"layer3.0.conv1", op_layer3_0_conv1, 0, 16384},
    {"layer3.0.downsample", op_layer3_0_downsample, 16384, 16384},
    {"layer3.0.conv2", op_layer3_0_conv2, 16384, 16384},
    {"layer3.1.conv1", op_layer3_1_conv1, 0, 16384},
    {"layer3.1.conv2", op_layer3_1_conv2, 16384, 16384},
    {"layer3.2.conv1", op_layer3_2_conv1, 0, 16384},
    {"layer3.2.conv2", op_layer3_2_conv2, 16384, 16384},
    {"avgpool", op_avgpool, 0, 256},
    {"fc", op_fc, 256, 64},
};
const int resnetc_step_count = sizeof resnetc_steps / sizeof resnetc_steps[0];
#endif
