#pragma once

#include <cstdint>
#include <span>
#include <string_view>

// One function a parser: takes any bytes, must neither crash nor run on without end. The names are those of
// the programs, and of the folders below seeds/ and crashes/.

namespace waybill::fuzz {

void articles(std::string_view bytes);  // articles.json as a stream, each article checked
void html(std::string_view bytes);      // a body in one pass, its references resolved
void http(std::string_view bytes);      // requests of one connection, in pieces of the first byte's size
void hub(std::string_view bytes);       // manifest.json and knowledgehub.json
void jwt(std::string_view bytes);       // a token's signature, and a key that an issuer publishes
void text(std::string_view bytes);      // dates, ids, request targets, hosts, percent-encoding
void zip(std::string_view bytes);       // a zip's directory and the files in it

struct Target {
  const char* name;
  void (*run)(std::string_view bytes);
};
inline constexpr Target kTargets[] = {{"articles", articles}, {"html", html}, {"http", http}, {"hub", hub},
                                      {"jwt", jwt},           {"text", text}, {"zip", zip}};

}  // namespace waybill::fuzz
