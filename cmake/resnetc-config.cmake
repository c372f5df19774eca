# find_package(resnetc): the compiler as target resnetc::resnetc, and add_resnet_library().
cmake_minimum_required(VERSION 3.21)
if(NOT TARGET resnetc::resnetc) # absent unless resnetc is part of this very build
    include("${CMAKE_CURRENT_LIST_DIR}/resnetc-targets.cmake")
endif()
include("${CMAKE_CURRENT_LIST_DIR}/AddResnetLibrary.cmake")
