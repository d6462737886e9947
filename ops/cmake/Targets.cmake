# One function per kind of target. File lists are explicit; tests/lint finds files nobody compiles.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_DEBUG "")
set(CMAKE_CXX_FLAGS_RELEASE "")
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(SEALANE_OPTIMIZE "-O1" CACHE STRING "optimisation level")
set(SEALANE_SANITIZE "" CACHE STRING "sanitizers, comma separated")
option(SEALANE_FUZZ "build the libFuzzer harnesses" OFF)
option(SEALANE_COVERAGE "instrument for llvm-cov" OFF)

find_program(SEALANE_CCACHE ccache)
if(SEALANE_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${SEALANE_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${SEALANE_CCACHE})
endif()

add_library(sealane_options INTERFACE)
target_include_directories(sealane_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sealane_options INTERFACE
    ${SEALANE_OPTIMIZE} -gline-tables-only -march=x86-64-v2 -fno-omit-frame-pointer
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Wcast-qual -Wundef -Wimplicit-fallthrough -Woverloaded-virtual -Werror)
target_link_options(sealane_options INTERFACE -fuse-ld=lld-19)
if(SEALANE_SANITIZE)
    target_compile_options(sealane_options INTERFACE -fsanitize=${SEALANE_SANITIZE} -fno-sanitize-recover=all)
    target_link_options(sealane_options INTERFACE -fsanitize=${SEALANE_SANITIZE})
endif()
if(SEALANE_FUZZ)
    target_compile_options(sealane_options INTERFACE -fsanitize=fuzzer-no-link)
    target_compile_definitions(sealane_options INTERFACE SEALANE_FUZZ=1)
endif()
if(SEALANE_COVERAGE)
    target_compile_options(sealane_options INTERFACE -fprofile-instr-generate -fcoverage-mapping)
    target_link_options(sealane_options INTERFACE -fprofile-instr-generate)
endif()

# sealane_library(NAME SOURCES a.cpp ... DEPS target ...)
function(sealane_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC sealane_options ${ARG_DEPS})
endfunction()

# A library of deciders: standard library, common/base and common/kafka only. tests/lint checks it.
function(sealane_core_library name)
    sealane_library(${name} ${ARGN})
    set_property(TARGET ${name} PROPERTY SEALANE_CORE ON)
endfunction()

# sealane_program(NAME SOURCES main.cpp ... DEPS target ...)
function(sealane_program name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE sealane_options ${ARG_DEPS})
endfunction()

# sealane_test(NAME SOURCES x_test.cpp ... DEPS target ...): one GoogleTest binary, one ctest entry.
function(sealane_test name)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_link_libraries(${name} PRIVATE sealane_options ${ARG_DEPS} GTest::gtest_main GTest::gmock)
    add_test(NAME ${name} COMMAND ${name})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()

# sealane_fuzz(NAME SOURCES x_fuzz.cpp DEPS ...): only in the fuzz preset.
function(sealane_fuzz name)
    cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
    if(SEALANE_FUZZ)
        add_executable(${name} ${ARG_SOURCES})
        target_link_libraries(${name} PRIVATE sealane_options ${ARG_DEPS} -fsanitize=fuzzer)
    endif()
endfunction()
