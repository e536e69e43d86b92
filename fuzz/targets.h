#pragma once

#include <cstdint>
#include <span>
#include <string_view>

// One function a parser: takes any bytes, must neither crash nor run on without end. The names are those of
// the programs, and of the folders below seeds/ and crashes/.

namespace waybill::fuzz {

void articles(std::string_view bytes);  // articles.json as a stream, each article checked
void dates(std::string_view bytes);     // times of requests, packages and HTTP
void html(std::string_view bytes);      // a body in one pass, its references resolved
void http(std::string_view bytes);      // requests of one connection, in pieces of the first byte's size
void hub(std::string_view bytes);       // manifest.json and knowledgehub.json
void jwt(std::string_view bytes);       // a token, and what an issuer publishes
void s3(std::string_view bytes);        // a store's listing and its errors
void sftp(std::string_view bytes);      // a server's listing, known hosts, a private key's form
void text(std::string_view bytes);      // ids, request targets, hosts, percent-encoding
void uris(std::string_view bytes);      // where a package lies
void zip(std::string_view bytes);       // a zip's directory and the files in it

struct Target {
  const char* name;
  void (*run)(std::string_view bytes);
};
inline constexpr Target kTargets[] = {
    {"articles", articles}, {"dates", dates}, {"html", html}, {"http", http},
    {"hub", hub},           {"jwt", jwt},     {"s3", s3},     {"sftp", sftp},
    {"text", text},         {"uris", uris},   {"zip", zip}};

}  // namespace waybill::fuzz
