# resnetc_compile_options: the warnings and instrumentation of every target of this project.
add_library(resnetc_compile_options INTERFACE)
target_compile_features(resnetc_compile_options INTERFACE cxx_std_20)
target_compile_options(resnetc_compile_options INTERFACE
    -Wall -Wextra -Wconversion
    $<$<BOOL:${RESNETC_WERROR}>:-Werror>)

if(RESNETC_SANITIZE)
    list(JOIN RESNETC_SANITIZE "," sanitizers)
    set(sanitizer_flags -fsanitize=${sanitizers} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    # g++ 12 sees uninitialised members in an instrumented std::regex.
    target_compile_options(resnetc_compile_options INTERFACE
        ${sanitizer_flags} $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(resnetc_compile_options INTERFACE ${sanitizer_flags})
endif()

if(RESNETC_COVERAGE)
    # Atomic counters: the tests run several processes and threads on the same files.
    target_compile_options(resnetc_compile_options INTERFACE --coverage -fprofile-update=atomic)
    target_link_options(resnetc_compile_options INTERFACE --coverage)
endif()
