set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

set(WAYBILL_CONSOLE AUTO CACHE STRING
    "the console and /docs, which Node and npm build: ON, OFF, or AUTO: on where these and their registry can be had")
set_property(CACHE WAYBILL_CONSOLE PROPERTY STRINGS AUTO ON OFF)
option(WAYBILL_TESTS "build the unit tests" ON)
set(WAYBILL_SANITIZE "" CACHE STRING "sanitizers for the whole program, e.g. address,undefined or thread")

find_program(WAYBILL_CCACHE ccache)
if(WAYBILL_CCACHE)
  # base_dir lets several checkouts share one cache.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1
                                  ${WAYBILL_CCACHE})
endif()

find_program(WAYBILL_LLD ld.lld)
if(WAYBILL_LLD)
  add_link_options(-fuse-ld=lld)
endif()

add_library(waybill_warnings INTERFACE)
target_compile_options(waybill_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
# GCC 12 warns of std::string's own operator+ at -O2 (GCC bug 105651); the warning finds nothing else here.
target_compile_options(waybill_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

if(WAYBILL_SANITIZE)
  add_compile_options(-fsanitize=${WAYBILL_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${WAYBILL_SANITIZE})
endif()

if(WAYBILL_SANITIZE MATCHES "undefined" AND CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Clang 14 cannot put this check's data before a coroutine ("difference across sections").
  add_compile_options(-fno-sanitize=function)
endif()

if(WAYBILL_SANITIZE MATCHES "thread")
  # ThreadSanitizer does not know fences; Asio's are beside the locks that order its handlers.
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
