# cmake "-DSOURCES=…" -DOUTPUT=… -P body_rules.cmake
# Writes body_rules.cpp: a hash over the sources by which bodies are checked, for worker/body_check.h.
cmake_minimum_required(VERSION 3.25)

set(hashes "")
foreach(source IN LISTS SOURCES)
  file(SHA256 "${source}" hash)
  string(APPEND hashes "${hash}\n")
endforeach()
string(SHA256 rules "${hashes}")
file(WRITE "${OUTPUT}" "#include \"worker/worker.h\"

namespace waybill::worker {

std::string_view body_rules() {
  return \"${rules}\";
}

}  // namespace waybill::worker
")
