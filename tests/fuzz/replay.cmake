# replay_<reader> and the tests fuzz_replay_<reader>; included by CMakeLists.txt.
if(RESNETC_SANITIZE AND NOT "address" IN_LIST RESNETC_SANITIZE)
    return() # replay.cpp watches memory through the address sanitizer, which no other goes with
endif()

# Under sanitizers whatever the rest of the build is: the readers' sources once more. Where the whole
# build is sanitized, they are as well.
add_library(replay_options INTERFACE)
target_link_libraries(replay_options INTERFACE resnetc_compile_options)
if(NOT RESNETC_SANITIZE)
    set(replay_sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all
        -fno-omit-frame-pointer)
    target_compile_options(replay_options INTERFACE ${replay_sanitizers} -g1 $<$<CONFIG:Release>:-O1>
        # g++ 12 sees uninitialised members in an instrumented std::regex.
        $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(replay_options INTERFACE ${replay_sanitizers})
endif()

# All that the targets of the compiler's readers reach; a source more than these is a linker error.
set(reader_sources
    checkpoint diagnostics dtype file_io labels message_text naming network network_builder npy npz onnx
    pickle pickle_opcode pickle_stack safetensors safetensors_header sha256 shape spec spec_checkpoint
    spec_labels spec_preprocessing spec_sections strided torch_checkpoint torch_globals torch_legacy
    torch_state_dict torch_tensor yaml_tree yaml_values zip zip_directory)
list(TRANSFORM reader_sources PREPEND "${PROJECT_SOURCE_DIR}/generator/")
list(TRANSFORM reader_sources APPEND ".cpp")
add_library(replay_readers STATIC ${reader_sources})
target_include_directories(replay_readers PUBLIC
    "${PROJECT_SOURCE_DIR}/generator" "${PROJECT_BINARY_DIR}/generator")
target_link_libraries(replay_readers
    PUBLIC replay_options nlohmann_json::nlohmann_json resnetc_onnx_messages yaml-cpp::yaml-cpp
        ZLIB::ZLIB)
file(GLOB replay_labels CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/specs/labels/*.txt")
resnetc_embed_files(replay_readers "${PROJECT_SOURCE_DIR}" ${replay_labels})

get_target_property(program_sources program_parts SOURCES)
add_library(replay_program STATIC ${program_sources})
target_include_directories(replay_program PUBLIC "${PROJECT_SOURCE_DIR}/runtime")
target_link_libraries(replay_program PUBLIC replay_options
    "${RESNETC_jpeg_ARCHIVE}" "${RESNETC_png_ARCHIVE}" "${RESNETC_z_ARCHIVE}" m)

set(seeds "${CMAKE_CURRENT_BINARY_DIR}/seeds")
add_test(NAME fuzz_seeds COMMAND write_seeds "${seeds}/pictures" "${seeds}/npy")
set_tests_properties(fuzz_seeds PROPERTIES LABELS fuzz FIXTURES_SETUP fuzz_seeds)

# resnetc_add_replay(<reader> <library> SOURCES <more>... ARGUMENTS <of replay.cpp>...)
function(resnetc_add_replay reader library)
    cmake_parse_arguments(PARSE_ARGV 2 replay "" "" "SOURCES;ARGUMENTS")
    add_executable("replay_${reader}" "${reader}.cpp" replay.cpp ${replay_SOURCES})
    target_link_libraries("replay_${reader}" PRIVATE "${library}")
    set_target_properties("replay_${reader}" PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    add_test(NAME "fuzz_replay_${reader}" COMMAND "replay_${reader}" ${replay_ARGUMENTS}
        WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    set_tests_properties("fuzz_replay_${reader}" PROPERTIES LABELS fuzz TIMEOUT 900
        FIXTURES_REQUIRED fuzz_seeds)
endfunction()

set(errors "${PROJECT_SOURCE_DIR}/tests/errors")
set(models "${PROJECT_SOURCE_DIR}/specs/models")
resnetc_add_replay(spec replay_readers ARGUMENTS
    # A few bytes may describe a network of many layers.
    --memory 64 --mutations 10000 --damage "${models}/resnet20_projection.yaml"
    "${errors}/specs" "${models}")
resnetc_add_replay(safetensors replay_readers ARGUMENTS
    --mutations 50000 --damage "${errors}/safetensors/valid.safetensors" "${errors}/safetensors")
resnetc_add_replay(torch replay_readers SOURCES zip_mutator.cpp ARGUMENTS
    --mutations 20000 --damage "${errors}/torch/valid.pt" --damage "${errors}/torch/valid.th"
    "${errors}/torch")
resnetc_add_replay(npz replay_readers SOURCES zip_mutator.cpp ARGUMENTS
    --mutations 20000 --damage "${errors}/npz/valid.npz" "${errors}/npz")
resnetc_add_replay(npy replay_readers ARGUMENTS
    --mutations 50000 --damage "${seeds}/npy/f8_fortran" "${errors}/npy" "${seeds}/npy")
resnetc_add_replay(onnx replay_readers ARGUMENTS
    --mutations 50000 --damage "${errors}/onnx/valid.onnx" "${errors}/onnx")
resnetc_add_replay(pictures replay_program ARGUMENTS
    # A picture of up to 179 million pixels is accepted, and 3 bytes are one.
    --memory 1200 --mutations 10000 --damage "${seeds}/pictures" "${errors}/images"
    "${seeds}/pictures")
resnetc_add_replay(program_npy replay_program ARGUMENTS
    --mutations 50000 --damage "${seeds}/npy/u1" "${errors}/npy" "${seeds}/npy")

# That the driver finds what goes wrong.
add_executable(replay_control control.cpp replay.cpp)
target_link_libraries(replay_control PRIVATE replay_options)
set_target_properties(replay_control PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
foreach(fault IN ITEMS read overflow memory hang abort exception none)
    set(file "${CMAKE_CURRENT_BINARY_DIR}/control_${fault}")
    string(REPLACE "exception" "x" content "${fault}")
    file(CONFIGURE OUTPUT "${file}" CONTENT "${content}" @ONLY)
    add_test(NAME "fuzz_replay_finds_${fault}" COMMAND replay_control --hang 1 "${file}"
        WORKING_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}")
    set_tests_properties("fuzz_replay_finds_${fault}" PROPERTIES LABELS fuzz RESOURCE_LOCK control
        PASS_REGULAR_EXPRESSION "replay: finding, its input is in replay_control.finding")
endforeach()
set_tests_properties(fuzz_replay_finds_none PROPERTIES
    PASS_REGULAR_EXPRESSION "replay_control: 1 executions .* no finding")
