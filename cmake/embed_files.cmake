# Files compiled into a program: resnetc_embed_files(<target> <base folder> <file>...)
#
# Adds to <target> a generated source that defines the functions of generator/embedded_files.h for the
# given files, which are named by their paths relative to <base folder>. The source depends on nothing
# but the files' names and bytes. Touching a file rebuilds it.
#
# The same file is the script that writes the source at build time:
#   cmake -DOUTPUT=<file.cpp> -DBASE=<folder> -DLIST=<file with one name a line> -P embed_files.cmake

if(NOT CMAKE_SCRIPT_MODE_FILE)
    set(_resnetc_embed_files_script "${CMAKE_CURRENT_LIST_FILE}")

    function(resnetc_embed_files target base)
        set(names "")
        set(paths "")
        foreach(file IN LISTS ARGN)
            get_filename_component(path "${file}" ABSOLUTE BASE_DIR "${base}")
            file(RELATIVE_PATH name "${base}" "${path}")
            list(APPEND names "${name}")
            list(APPEND paths "${path}")
        endforeach()
        list(SORT names)
        list(REMOVE_DUPLICATES names)
        string(REPLACE ";" "\n" lines "${names}")
        set(list_file "${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded_files.txt")
        set(output "${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded_files.cpp")
        file(CONFIGURE OUTPUT "${list_file}" CONTENT "${lines}\n" @ONLY)
        add_custom_command(
            OUTPUT "${output}"
            COMMAND "${CMAKE_COMMAND}" "-DOUTPUT=${output}" "-DBASE=${base}" "-DLIST=${list_file}"
                -P "${_resnetc_embed_files_script}"
            DEPENDS ${paths} "${list_file}" "${_resnetc_embed_files_script}"
            COMMENT "Embedding files into ${target}"
            VERBATIM)
        target_sources("${target}" PRIVATE "${output}")
    endfunction()
    return()
endif()

file(STRINGS "${LIST}" names)
set(arrays "")
set(rows "")
set(index 0)
foreach(name IN LISTS names)
    file(READ "${BASE}/${name}" hex HEX)
    file(SIZE "${BASE}/${name}" size)
    # 16 bytes a line; the last byte is a NUL, so that an empty file has an array too.
    string(REGEX REPLACE "(................................)" "\\1\n    " hex "${hex}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," hex "${hex}")
    string(APPEND arrays "// ${name}\nconst unsigned char kFile${index}[] = {\n    ${hex}0};\n\n")
    string(APPEND rows "    {\"${name}\", kFile${index}, ${size}},\n")
    math(EXPR index "${index} + 1")
endforeach()

file(WRITE "${OUTPUT}.new" "// Made by cmake/embed_files.cmake; not to be edited.
#include \"embedded_files.h\"

#include <cstddef>
#include <stdexcept>
#include <string>

namespace resnetc {

namespace {

${arrays}struct EmbeddedFile {
    std::string_view name;
    const unsigned char* bytes;
    std::size_t size;
};

const EmbeddedFile kFiles[] = {
${rows}};

} // namespace

std::string_view embedded_file(std::string_view name) {
    for (const EmbeddedFile& file : kFiles) {
        if (file.name == name) {
            return {reinterpret_cast<const char*>(file.bytes), file.size};
        }
    }
    throw std::out_of_range(\"no embedded file '\" + std::string(name) + \"'\");
}

std::vector<std::string_view> embedded_file_names() {
    std::vector<std::string_view> names;
    for (const EmbeddedFile& file : kFiles) {
        names.push_back(file.name);
    }
    return names;
}

} // namespace resnetc
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
