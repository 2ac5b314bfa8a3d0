# What every target of ours compiles with, and the two functions that make a library and a test.

# A precompiled header is as good as its text to a cache that is told so; ccache gives up on them otherwise.
if(CCACHE_PROGRAM OR NOT DEFINED CCACHE_PROGRAM)
  find_program(CCACHE_PROGRAM ccache)
endif()
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${CCACHE_PROGRAM}")
endif()

# C++17 and no later: Debian's libsystemc exports only the C++17 ABI symbol.
add_library(brownout_options INTERFACE)
target_compile_features(brownout_options INTERFACE cxx_std_17)
# Results may not depend on whether the compiler fused a multiplication and an addition.
target_compile_options(brownout_options INTERFACE -ffp-contract=off)

# Warnings are for our own code: linked PRIVATE, never exported.
add_library(brownout_warnings INTERFACE)
target_compile_options(brownout_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wcast-qual -Wnon-virtual-dtor -Woverloaded-virtual -Wundef
  $<$<BOOL:${BROWNOUT_WARNINGS_AS_ERRORS}>:-Werror>)

# Most of the time of a small file goes into headers of the standard library and of GoogleTest. They are compiled once for
# all libraries, and once more with GoogleTest's for all tests and with Boost's options for the program. A file includes what it uses all the same: the presets dev
# and fuzz build without precompiled headers and show what is missing. Precompiled headers hold for one set of compile
# options: a file with options of its own (-mavx2) sets SKIP_PRECOMPILE_HEADERS.
set(brownout_standard_headers
  <algorithm> <array> <cmath> <cstdint> <filesystem> <functional> <limits> <map> <memory> <optional> <random> <set>
  <sstream> <string> <vector>)
function(brownout_precompile name)
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/precompiled.cpp)
  target_link_libraries(${name} PRIVATE brownout_options brownout_warnings)
  target_precompile_headers(${name} PRIVATE ${brownout_standard_headers} ${ARGN})
endfunction()
brownout_precompile(brownout_library_headers)
set_target_properties(brownout_library_headers PROPERTIES POSITION_INDEPENDENT_CODE ON)

# brownout_add_library(NAME SOURCES... [PUBLIC_LINKS targets...] [PRIVATE_LINKS targets...])
# makes the library brownout_NAME with the alias brownout::NAME; headers are found as "folder/header.h".
function(brownout_add_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC_LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(brownout_${name} STATIC ${ARG_SOURCES})
  add_library(brownout::${name} ALIAS brownout_${name})
  set_target_properties(brownout_${name} PROPERTIES EXPORT_NAME ${name} POSITION_INDEPENDENT_CODE ON)
  target_include_directories(brownout_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/brownout>)
  target_link_libraries(brownout_${name}
    PUBLIC brownout_options ${ARG_PUBLIC_LINKS}
    PRIVATE $<BUILD_INTERFACE:brownout_warnings> ${ARG_PRIVATE_LINKS})
  target_precompile_headers(brownout_${name} REUSE_FROM brownout_library_headers)
  set_property(GLOBAL APPEND PROPERTY BROWNOUT_LIBRARIES brownout_${name})
endfunction()

# What takes time in a test is in the libraries; at -O3 its own code would take twice as long to compile.
set(brownout_test_options $<$<CONFIG:Release>:-Og>)

# brownout_add_test(NAME SOURCES... LINKS targets...) makes one GoogleTest program and registers each of its
# tests with CTest.
function(brownout_add_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE brownout_options brownout_warnings ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE BROWNOUT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE ${brownout_test_options})
  target_precompile_headers(${name} REUSE_FROM brownout_test_headers)
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()
