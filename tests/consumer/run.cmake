# Builds the consumer project from nothing and again, as the CTest entries consumer_*:
#
#     cmake -DGENERATOR=Ninja [-DNINJA=<program>] -DRESNETC_DIR=<build tree> -DSOURCE_DIR=<repository>
#           -DWORK_DIR=<folder> -P tests/consumer/run.cmake
#
# Checks that it runs; that a second build does nothing; that a touched spec, touched weights and a
# changed spec compile the network again; and that the build fails on a broken spec, with resnetc's message.
cmake_minimum_required(VERSION 3.28)

set(model_dir "${WORK_DIR}/model")
set(build_dir "${WORK_DIR}/build")
set(spec "${model_dir}/resnet20.yaml")
set(weights "${model_dir}/resnet20.safetensors")

# Ends the test. The output is shown first: a fatal error's own text would be wrapped like prose.
function(fail reason)
    message(NOTICE "${output}")
    message(FATAL_ERROR "${reason}")
endfunction()

# Runs a command and leaves what it prints in `output`; a failure ends the test.
macro(run)
    execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output
                    RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        fail("exit status ${result} of: ${ARGN}")
    endif()
endmacro()

# Builds and compares what was done (network, compile, link) with the other arguments.
function(build_and_expect step)
    run("${CMAKE_COMMAND}" --build "${build_dir}")
    set(done "")
    if(output MATCHES "Compiling the network")
        list(APPEND done network)
    endif()
    if(output MATCHES "Building C object")
        list(APPEND done compile)
    endif()
    if(output MATCHES "Linking C executable")
        list(APPEND done link)
    endif()
    if(NOT "${done}" STREQUAL "${ARGN}")
        fail("${step}: the build did '${done}', expected '${ARGN}'")
    endif()
    message(STATUS "${step}: ok (${done})")
endfunction()

# Touches a file with a time that differs even where file times are whole seconds.
function(touch_later file)
    execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
    file(TOUCH "${file}")
endfunction()

file(REMOVE_RECURSE "${WORK_DIR}")
file(MAKE_DIRECTORY "${model_dir}")
file(COPY_FILE "${SOURCE_DIR}/specs/models/resnet20.yaml" "${spec}")
file(COPY_FILE "${SOURCE_DIR}/specs/weights/resnet20_demo.safetensors" "${weights}")

# Ninja may be nowhere but where resnetc found it.
set(make_program "")
if(GENERATOR STREQUAL "Ninja" AND NINJA)
    set(make_program "-DCMAKE_MAKE_PROGRAM=${NINJA}")
endif()
run("${CMAKE_COMMAND}" -G "${GENERATOR}" ${make_program} "-Dresnetc_DIR=${RESNETC_DIR}" "-DMODEL_DIR=${model_dir}"
    -S "${CMAKE_CURRENT_LIST_DIR}" -B "${build_dir}")
build_and_expect("first build" network compile link)

run("${build_dir}/consumer")
if(NOT output MATCHES "argmax: [0-9]\n")
    fail("the consumer printed no class")
endif()
message(STATUS "consumer:\n${output}")

build_and_expect("nothing touched")

touch_later("${spec}")
build_and_expect("spec touched" network link)
build_and_expect("nothing touched after that")

touch_later("${weights}")
build_and_expect("weights touched" network link)

file(READ "${spec}" good_spec)
execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
file(WRITE "${spec}" "${good_spec}\nno_such_field: 1\n")
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${build_dir}"
                OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
if(result EQUAL 0 OR NOT output MATCHES "resnet20.yaml:[0-9]+:[0-9]+: error: .*no_such_field")
    fail("broken spec: expected the build to fail and to say where (status ${result})")
endif()
message(STATUS "broken spec: ok")

execute_process(COMMAND "${CMAKE_COMMAND}" -E sleep 1.1)
file(WRITE "${spec}" "${good_spec}")
build_and_expect("spec mended" network link)
run("${build_dir}/consumer")
