# Precompiled headers make a first build about a quarter faster (measured: 0.4 to 0.8 s less of 1.1 to
# 4.9 s a file). ccache cannot see through them, and does better where it is. Standard library only:
# what Asio's headers bring along has to be linked everywhere.
option(SEALANE_PRECOMPILE "precompiled headers; by default where ccache is not installed" OFF)
if(NOT SEALANE_CCACHE)
    set(SEALANE_PRECOMPILE ON)
endif()
if(SEALANE_PRECOMPILE)
    add_library(sealane_precompiled OBJECT ops/cmake/precompiled.cpp)
    target_link_libraries(sealane_precompiled PRIVATE sealane_options)
    target_precompile_headers(sealane_precompiled PRIVATE ${CMAKE_SOURCE_DIR}/ops/cmake/precompiled.hpp)
    add_library(sealane_precompiled_test OBJECT ops/cmake/precompiled.cpp)
    target_link_libraries(sealane_precompiled_test PRIVATE sealane_options GTest::gmock)
    target_precompile_headers(sealane_precompiled_test
        PRIVATE ${CMAKE_SOURCE_DIR}/ops/cmake/precompiled_test.hpp)
endif()
