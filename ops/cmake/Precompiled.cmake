# Precompiled headers make a first build about a quarter faster (measured: 0.4 to 0.8 s less of 1.1 to
# 4.9 s a file). ccache cannot see through them, and does better where it is. Standard library only:
# what Asio's headers bring along has to be linked everywhere. Files include what they use all the same.
option(SEALANE_PRECOMPILE "precompiled headers; by default where ccache is not installed" OFF)
if(NOT SEALANE_CCACHE)
    set(SEALANE_PRECOMPILE ON)
endif()
if(SEALANE_PRECOMPILE)
    set(headers
        <algorithm> <array> <bit> <charconv> <chrono> <compare> <concepts> <cstdint> <cstring> <deque>
        <expected> <functional> <limits> <list> <map> <memory> <optional> <ranges> <set> <span> <string>
        <string_view> <tuple> <utility> <variant> <vector>)
    # Compiled for the sake of its headers.
    file(CONFIGURE OUTPUT precompiled.cpp CONTENT "// nothing\n")
    add_library(sealane_precompiled OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
    target_link_libraries(sealane_precompiled PRIVATE sealane_options)
    target_precompile_headers(sealane_precompiled PRIVATE ${headers})
    add_library(sealane_precompiled_test OBJECT ${CMAKE_BINARY_DIR}/precompiled.cpp)
    target_link_libraries(sealane_precompiled_test PRIVATE sealane_options GTest::gmock)
    target_precompile_headers(sealane_precompiled_test PRIVATE ${headers} <gmock/gmock.h> <gtest/gtest.h>)
endif()
