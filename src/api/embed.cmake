# cmake -DINPUT=file -DOUTPUT=file.cpp -P embed.cmake: the file's bytes as the function that openapi.h declares.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
string(REGEX REPLACE "(('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',)('[^']*',))" "\\1\n" bytes "${bytes}")
file(WRITE ${OUTPUT} "#include \"api/openapi.h\"

namespace waybill::api {

namespace {
constexpr char kBytes[] = {
${bytes}};
}  // namespace

std::string_view openapi_yaml() {
  return {kBytes, sizeof(kBytes)};
}

}  // namespace waybill::api
")
