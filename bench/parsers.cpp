// Our HTML pass and our reading of articles.json beside others', on the same bytes in memory. Each prints
// seconds of this program's own processor time: what another program took of the machine is not counted.
#include <gumbo.h>
#include <libxml/HTMLparser.h>
#include <simdjson.h>

#include <cstdio>
#include <cstring>
#include <ctime>
#include <memory>

#include "package/article_stream.h"
#include "package/html.h"
#include "package/json.h"
#include "package/one_file.h"
#include "packed.h"

namespace waybill::bench {

namespace {

constexpr std::string_view kArticles = "knowledgehub/articles/articles.json";

std::vector<std::string> bodies_of(const Packed& packed) {
  std::vector<std::string> bodies;
  Inflater inflater;
  for (const auto& file : packed.files()) {
    if (!file.name.ends_with(".html")) continue;
    bodies.emplace_back();
    inflater.inflate(file, bodies.back());
  }
  return bodies;
}

std::string articles_of(const Packed& packed) {
  Inflater inflater;
  std::string bytes;
  for (const auto& file : packed.files()) {
    if (file.name == kArticles) inflater.inflate(file, bytes);
  }
  if (bytes.empty()) give_up("the package has no articles.json");
  return bytes;
}

void html_ours(const std::vector<std::string>& bodies) {
  package::HtmlContent content;
  for (const auto& body : bodies) package::read_html(body, content);
}

/// Takes text and attributes in, as ours does; makes no tree.
void html_libxml2(const std::vector<std::string>& bodies) {
  struct Seen {
    std::string text;
    std::size_t attributes = 0;
  };
  htmlSAXHandler handler{};
  handler.characters = [](void* seen, const xmlChar* text, int length) {
    static_cast<Seen*>(seen)->text.append(reinterpret_cast<const char*>(text),
                                          static_cast<std::size_t>(length));
  };
  handler.startElement = [](void* seen, const xmlChar*, const xmlChar** attributes) {
    for (; attributes != nullptr && *attributes != nullptr; attributes += 2)
      ++static_cast<Seen*>(seen)->attributes;
  };
  Seen seen;
  for (const auto& body : bodies) {
    seen.text.clear();
    htmlParserCtxtPtr parser = htmlCreatePushParserCtxt(
        &handler, &seen, body.data(), static_cast<int>(body.size()), nullptr, XML_CHAR_ENCODING_UTF8);
    htmlCtxtUseOptions(parser, HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET);
    htmlParseChunk(parser, nullptr, 0, 1);
    htmlFreeParserCtxt(parser);
  }
}

void html_gumbo(const std::vector<std::string>& bodies) {
  for (const auto& body : bodies) {
    GumboOutput* output = gumbo_parse_with_options(&kGumboDefaultOptions, body.data(), body.size());
    gumbo_destroy_output(&kGumboDefaultOptions, output);
  }
}

/// Cut into articles and each parsed, as a checker does.
void json_ours(const std::string& bytes) {
  const package::OneFile files(std::string(kArticles), bytes);
  const package::Limits limits;
  auto stream = package::ArticleStream::open(files, 0, limits, Context());
  package::JsonReader reader;
  for (;;) {
    auto article = (*stream)->next();
    if (!article || !*article) break;
    const auto start = (*article)->start;
    const auto outcome = reader.read(std::move((*article)->text), start, limits.json_depth);
    if (!outcome.document) give_up("ours does not read this");
  }
}

void json_simdjson(const simdjson::padded_string& bytes) {
  simdjson::ondemand::parser parser;
  std::size_t names = 0;
  auto document = parser.iterate(bytes);
  for (auto article : document["articles"].get_array()) {
    for (auto member : article.get_object()) {
      names += std::string_view(member.unescaped_key()).size();
      member.value().raw_json_token();
    }
  }
  if (names == 0) give_up("simdjson does not read this");
}

int run(int argc, char** argv) {
  if (argc != 4) give_up("usage: html ours|libxml2|gumbo ZIP | json ours|simdjson ZIP");
  const std::string_view what = argv[1];
  const std::string_view who = argv[2];
  const Packed packed(argv[3]);
  const auto timed = [](const auto& work) {
    const std::clock_t start = std::clock();
    work();
    std::printf("%.6f\n", static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC);
    return 0;
  };
  if (what == "html") {
    const auto bodies = bodies_of(packed);
    if (who == "ours") return timed([&] { html_ours(bodies); });
    if (who == "libxml2") return timed([&] { html_libxml2(bodies); });
    if (who == "gumbo") return timed([&] { html_gumbo(bodies); });
  }
  if (what == "json") {
    const auto bytes = articles_of(packed);
    const simdjson::padded_string padded(bytes);
    if (who == "ours") return timed([&] { json_ours(bytes); });
    if (who == "simdjson") return timed([&] { json_simdjson(padded); });
  }
  give_up("there is no such measurement");
}

}  // namespace

}  // namespace waybill::bench

int main(int argc, char** argv) {
  return waybill::bench::run(argc, argv);
}
