# cmake -DCOMMON=… -DSQLITE=… -DSQLITE_MIGRATIONS=… -DSEARCH_SCHEMA=… -DPOSTGRES=… -DPOSTGRES_MIGRATIONS=…
#       -DOUTPUT=… -P embed_sql.cmake
# Writes statement_names.inc (an X(name) for each "-- name:" of the statement files) and, for each database, its
# texts in the same order (a null pointer where it has none) and its migrations in order of their numbers:
# sqlite_sql.cpp, postgres_sql.cpp. Values are ?1, ?2 … in all files; PostgreSQL gets $1, $2 …
cmake_minimum_required(VERSION 3.25)

set(names "")  # of all statements, in the order in which they are met

# Reads the statements of the files into text_PREFIX_NAME. A name that is there already in SEEN is an error.
function(read_statements prefix)
  set(all_names "${names}")
  set(seen "")
  foreach(file IN LISTS ARGN)
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
      if(name IN_LIST seen)
        message(FATAL_ERROR "${file}: there are two statements '${name}'")
      endif()
      list(APPEND seen ${name})
      if(NOT name IN_LIST all_names)
        list(APPEND all_names ${name})
      endif()
      string(SUBSTRING "${rest}" ${line_end} -1 rest)
      string(FIND "${rest}" "-- name: " at)
      string(SUBSTRING "${rest}" 0 ${at} statement)
      string(STRIP "${statement}" statement)
      set(text_${prefix}_${name} "${statement}" PARENT_SCOPE)
    endwhile()
  endforeach()
  set(names "${all_names}" PARENT_SCOPE)
endfunction()

read_statements(common ${COMMON})
read_statements(sqlite ${SQLITE})
read_statements(postgres ${POSTGRES})

function(migrations_of out)
  set(migrations "")
  foreach(file IN LISTS ARGN)
    get_filename_component(name "${file}" NAME_WE)
    if(NOT name MATCHES "^0*([1-9][0-9]*)_")
      message(FATAL_ERROR "${file}: a migration is named NUMBER_WHAT.sql")
    endif()
    set(number ${CMAKE_MATCH_1})
    file(READ "${file}" text)
    string(APPEND migrations "    {${number}, \"${name}\", R\"sql(${text})sql\"},\n")
  endforeach()
  set(${out} "${migrations}" PARENT_SCOPE)
endfunction()

# DATABASE's texts and migrations, and MORE at the end.
function(write_database database migrations more)
  set(texts "")
  foreach(name IN LISTS names)
    if(DEFINED text_${database}_${name})
      set(statement "${text_${database}_${name}}")
    elseif(DEFINED text_common_${name})
      set(statement "${text_common_${name}}")
    else()
      string(APPEND texts "    nullptr,  // ${name}\n")
      continue()
    endif()
    if(database STREQUAL "postgres")
      string(REGEX REPLACE "\\?([0-9]+)" "$\\1" statement "${statement}")
    endif()
    string(APPEND texts "    R\"sql(${statement})sql\",\n")
  endforeach()
  file(WRITE "${OUTPUT}/${database}_sql.cpp" "#include \"storage/${database}/embedded_sql.h\"

namespace waybill::storage::${database} {

namespace {

constexpr const char* kTexts[] = {
${texts}};

constexpr sql::Migration kMigrations[] = {
${migrations}};

}  // namespace

const char* statement_text(sql::Sql sql) {
  return kTexts[static_cast<unsigned>(sql)];
}

std::span<const sql::Migration> migrations() {
  return kMigrations;
}
${more}
}  // namespace waybill::storage::${database}
")
endfunction()

set(list "")
foreach(name IN LISTS names)
  string(APPEND list "X(${name})\n")
endforeach()
# Only where it differs: nearly all of the module includes it.
set(before "")
if(EXISTS "${OUTPUT}/statement_names.inc")
  file(READ "${OUTPUT}/statement_names.inc" before)
endif()
if(NOT before STREQUAL list)
  file(WRITE "${OUTPUT}/statement_names.inc" "${list}")
endif()

file(READ "${SEARCH_SCHEMA}" schema)
migrations_of(sqlite_migrations ${SQLITE_MIGRATIONS})
write_database(sqlite "${sqlite_migrations}" "
const char* search_schema() {
  return R\"sql(${schema})sql\";
}
")
migrations_of(postgres_migrations ${POSTGRES_MIGRATIONS})
write_database(postgres "${postgres_migrations}" "")
