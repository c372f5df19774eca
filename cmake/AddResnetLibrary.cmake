#[=[
add_resnet_library(<target>
    SPEC <file.yaml> WEIGHTS <checkpoint>
    [TARGET <name>]        what to compile for, a name or a YAML file; default: host, this machine
    [INPUT <CxHxW>] [BATCH <n>] [CLASSES <k>]     changes to the spec
    [ALLOW_NON_FINITE]     accept NaN and infinity in the weights
    [PROFILE]              give the stand-alone program the option --profile
    [THREADS <n>]          the number of threads to choose schedules for; default: 1
    [SERIAL]               no thread code at all, in the library and in the program
    [JOBS <n>])            parallel compile jobs, default: one a core

Compiles a network at build time. <target> is a static library to link to; its header is included as
"<name>.h", <name> being the spec's file name without .yaml:

    find_package(resnetc REQUIRED)
    add_resnet_library(classifier SPEC resnet20.yaml WEIGHTS resnet20.safetensors)
    target_link_libraries(app PRIVATE classifier)      # #include "resnet20.h"

Unless SERIAL, the pool of threads of "resnetc_threads.h" can be used as well.
Relative paths are relative to the calling folder. It is compiled again when the spec, the weights,
any other file that resnetc read or resnetc itself changes. What was built lies in <target>'s property
RESNETC_OUTPUT_DIR, the stand-alone program is its property RESNETC_PROGRAM. Works with the Ninja and
Makefile generators.
]=]
function(add_resnet_library target)
    cmake_parse_arguments(PARSE_ARGV 1 arg
        "ALLOW_NON_FINITE;PROFILE;SERIAL" "SPEC;WEIGHTS;TARGET;INPUT;BATCH;CLASSES;THREADS;JOBS"
        "")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "add_resnet_library(${target}): unknown '${arg_UNPARSED_ARGUMENTS}', "
            "expected SPEC, WEIGHTS, TARGET, INPUT, BATCH, CLASSES, ALLOW_NON_FINITE, PROFILE, THREADS, "
            "SERIAL or JOBS")
    endif()
    foreach(required IN ITEMS SPEC WEIGHTS)
        if(NOT arg_${required})
            message(FATAL_ERROR "add_resnet_library(${target}): ${required} <file> is missing")
        endif()
        get_filename_component(${required} "${arg_${required}}" ABSOLUTE)
    endforeach()

    get_filename_component(name "${SPEC}" NAME_WLE)
    set(dir "${CMAKE_CURRENT_BINARY_DIR}/${target}.resnetc")
    set(library "${dir}/lib${name}.a")
    set(header "${dir}/${name}.h")
    set(program "${dir}/${name}")

    if(arg_TARGET MATCHES "\\.ya?ml$")
        get_filename_component(arg_TARGET "${arg_TARGET}" ABSOLUTE)
    endif()

    set(options "")
    foreach(option IN ITEMS TARGET INPUT BATCH CLASSES THREADS JOBS)
        if(DEFINED arg_${option})
            string(TOLOWER "${option}" flag)
            list(APPEND options "--${flag}" "${arg_${option}}")
        endif()
    endforeach()
    if(arg_ALLOW_NON_FINITE)
        list(APPEND options --allow-non-finite)
    endif()
    if(arg_PROFILE)
        list(APPEND options --profile)
    endif()

    set(pool "")
    set(pool_libraries "")
    if(arg_SERIAL)
        list(APPEND options --serial)
    else()
        find_package(Threads REQUIRED)
        set(pool "${dir}/libresnetc_threads.a")
        set(pool_libraries "${pool}" ${CMAKE_THREAD_LIBS_INIT})
    endif()

    # resnetc leaves unchanged files alone, so that what depends on them is not built again. The
    # library stands for the whole and is touched, or make would run this for ever after a change
    # to the spec that changes nothing.
    add_custom_command(
        OUTPUT "${library}"
        BYPRODUCTS "${header}" "${program}" ${pool}
        COMMAND resnetc::resnetc build "${SPEC}" --weights "${WEIGHTS}" -o "${dir}"
                --depfile "${dir}/depfile.d" ${options}
        COMMAND "${CMAKE_COMMAND}" -E touch "${library}"
        DEPENDS "${SPEC}" "${WEIGHTS}" "$<TARGET_FILE:resnetc::resnetc>"
        DEPFILE "${dir}/depfile.d"
        COMMENT "Compiling the network ${name}"
        VERBATIM)
    add_custom_target("${target}_resnetc" DEPENDS "${library}")

    file(MAKE_DIRECTORY "${dir}") # include directories must exist when CMake runs
    add_library("${target}" STATIC IMPORTED GLOBAL)
    add_dependencies("${target}" "${target}_resnetc")
    set_target_properties("${target}" PROPERTIES
        IMPORTED_LOCATION "${library}"
        INTERFACE_INCLUDE_DIRECTORIES "${dir}"
        INTERFACE_LINK_LIBRARIES "${pool_libraries}"
        RESNETC_OUTPUT_DIR "${dir}"
        RESNETC_PROGRAM "${program}")
endfunction()
