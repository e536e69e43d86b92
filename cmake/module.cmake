# waybill_module(NAME
#   FOLDER storage         where the module is a part of another's folder (storage/blobs): the folder of src/ that its
#                          includes begin with; without it, NAME
#   SOURCES a.cpp …        the module's sources, each named
#   DEPENDS base …         modules whose headers appear in this module's headers
#   PRIVATE_DEPENDS …      modules, and libraries as targets (Boost::json), that only the sources include
#   TESTS a_test.cpp …     unit tests, beside the code
#   TEST_DEPENDS …         what only the tests include)
#
# One folder of src/ is one module. Links are private unless listed in DEPENDS, so that an include that the
# architecture forbids does not compile: every module sees only src/<module> of what it links.
function(waybill_module NAME)
  cmake_parse_arguments(M "" "FOLDER" "SOURCES;DEPENDS;PRIVATE_DEPENDS;TESTS;TEST_DEPENDS" ${ARGN})
  set(target waybill_${NAME})
  # Headers are included as "base/result.h": a farm of links, one per module, holds only that module's folder.
  set(view ${CMAKE_BINARY_DIR}/include/${NAME})
  file(MAKE_DIRECTORY ${view})
  if(NOT M_FOLDER)
    set(M_FOLDER ${NAME})
  endif()
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/src/${M_FOLDER} ${view}/${M_FOLDER} SYMBOLIC)
  if(M_SOURCES)
    add_library(${target} STATIC ${M_SOURCES})
    target_include_directories(${target} PUBLIC ${view})
    target_link_libraries(${target} PUBLIC $<BUILD_INTERFACE:waybill_warnings>)
  else()
    message(FATAL_ERROR "module ${NAME} has no sources")
  endif()
  foreach(dependency IN LISTS M_DEPENDS)
    waybill_link(${target} PUBLIC ${dependency})
  endforeach()
  foreach(dependency IN LISTS M_PRIVATE_DEPENDS)
    waybill_link(${target} PRIVATE ${dependency})
  endforeach()
  if(WAYBILL_TESTS AND M_TESTS)
    add_executable(${target}_test ${M_TESTS})
    target_link_libraries(${target}_test PRIVATE ${target} GTest::gtest GTest::gmock GTest::gtest_main)
    # What tests say is run once: optimizing it was a third of the time that it takes to compile.
    target_compile_options(${target}_test PRIVATE $<$<CONFIG:RelWithDebInfo>:-O0>)
    foreach(dependency IN LISTS M_PRIVATE_DEPENDS M_TEST_DEPENDS)
      waybill_link(${target}_test PRIVATE ${dependency})
    endforeach()
    add_test(NAME ${NAME} COMMAND ${target}_test)
    set_tests_properties(${NAME} PROPERTIES LABELS unit)
  endif()
endfunction()

function(waybill_link target visibility dependency)
  if(dependency MATCHES "::")
    target_link_libraries(${target} ${visibility} ${dependency})
  else()
    target_link_libraries(${target} ${visibility} waybill_${dependency})
  endif()
endfunction()
