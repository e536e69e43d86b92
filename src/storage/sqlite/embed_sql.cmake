# cmake -DSTATEMENTS=… -DMIGRATIONS=… -DSEARCH_SCHEMA=… -DOUTPUT=… -P embed_sql.cmake
# Writes statement_names.inc (an X(name) for each "-- name:" of the statement files) and embedded_sql.cpp (the
# texts in the same order, the migrations in order of their numbers).
cmake_minimum_required(VERSION 3.25)

set(names "")
set(texts "")
foreach(file IN LISTS STATEMENTS)
  file(READ "${file}" rest)
  string(FIND "${rest}" "-- name: " at)
  while(NOT at EQUAL -1)
    math(EXPR at "${at} + 9")
    string(SUBSTRING "${rest}" ${at} -1 rest)
    string(FIND "${rest}" "\n" line_end)
    string(SUBSTRING "${rest}" 0 ${line_end} name)
    if(NOT name MATCHES "^[a-z_]+$")
      message(FATAL_ERROR "${file}: '${name}' is no name of a statement: expected lower-case letters and '_'")
    endif()
    string(SUBSTRING "${rest}" ${line_end} -1 rest)
    string(FIND "${rest}" "-- name: " at)
    string(SUBSTRING "${rest}" 0 ${at} statement)
    string(STRIP "${statement}" statement)
    string(APPEND names "X(${name})\n")
    string(APPEND texts "    R\"sql(${statement})sql\",\n")
  endwhile()
endforeach()

set(migrations "")
foreach(file IN LISTS MIGRATIONS)
  get_filename_component(name "${file}" NAME_WE)
  if(NOT name MATCHES "^0*([1-9][0-9]*)_")
    message(FATAL_ERROR "${file}: a migration is named NUMBER_WHAT.sql")
  endif()
  set(number ${CMAKE_MATCH_1})
  file(READ "${file}" text)
  string(APPEND migrations "    {${number}, \"${name}\", R\"sql(${text})sql\"},\n")
endforeach()

file(READ "${SEARCH_SCHEMA}" schema)
file(WRITE "${OUTPUT}/statement_names.inc" "${names}")
file(WRITE "${OUTPUT}/embedded_sql.cpp" "#include \"storage/sqlite/embedded_sql.h\"

namespace waybill::storage::sqlite {

namespace {

constexpr const char* kStatements[] = {
${texts}};

constexpr Migration kMigrations[] = {
${migrations}};

}  // namespace

const char* statement_text(Sql sql) {
  return kStatements[static_cast<unsigned>(sql)];
}

std::span<const Migration> migrations() {
  return kMigrations;
}

const char* search_schema() {
  return R\"sql(${schema})sql\";
}

}  // namespace waybill::storage::sqlite
")
