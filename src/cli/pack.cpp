#include <boost/json.hpp>
#include <charconv>
#include <ostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/failure.h"
#include "cli/pack_json.h"
#include "cli/pack_plan.h"
#include "cli/page_text.h"
#include "cli/progress_view.h"
#include "cli/zip_writer.h"

namespace waybill::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kArticles = "knowledgehub/articles/";

/// What the language codes of the contract look like: "en-US". Which of them are known is the validation's.
bool is_language_code(std::string_view code) {
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  return code.size() == 5 && lower(code[0]) && lower(code[1]) && code[2] == '-' && upper(code[3]) &&
         upper(code[4]);
}

/// SOURCE_DATE_EPOCH (reproducible-builds.org): seconds since 1970; nullopt where it is not set.
Result<std::optional<Time>> source_date(const Console& console) {
  const auto text = console.variable("SOURCE_DATE_EPOCH");
  if (!text) return std::optional<Time>();
  std::int64_t seconds = 0;
  constexpr std::int64_t kYear10000 = 253'402'300'800;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), seconds);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size() || seconds < 0 ||
      seconds >= kYear10000) {
    return Error{ErrorCode::invalid_argument,
                 "SOURCE_DATE_EPOCH expects seconds since 1970, found \"" + escape_controls(*text) + "\""};
  }
  return std::optional<Time>(Time(std::chrono::seconds(seconds)));
}

Result<PackAbout> about_of(const PackArguments& arguments, const Console& console, const Local& local) {
  if (!is_language_code(arguments.language)) {
    return Error{ErrorCode::invalid_argument, "--language expects a code such as en-US, found \"" +
                                                  escape_controls(arguments.language) + "\""};
  }
  WB_TRY(const std::optional<Time> created, source_date(console));
  std::error_code ignored;
  std::string name = arguments.name;
  if (name.empty()) name = fs::canonical(arguments.folder, ignored).filename().string();
  name = clean_name(name);
  if (name.empty() || first_invalid_utf8(name)) name = "Package";
  return PackAbout{.name = name,
                   .language = arguments.language,
                   .portal = arguments.portal.empty() ? name : clean_name(arguments.portal),
                   .version = local.version,
                   .created = created};
}

/// A page's final bytes; not those that were planned where the page has changed in between.
Result<std::string> final_body(const SourceTree& tree, const PackedPage& page) {
  bool converted = false;
  package::HtmlContent scratch;
  WB_TRY(std::string body, tree.read_page(page.source, converted));
  Rewritten rewritten = rewrite_page(tree, page.source, std::move(body), scratch);
  if (rewritten.body.size() != page.size) {
    return Error{ErrorCode::conflict, page.source + " changed while it was being packed. Pack once more."};
  }
  return std::move(rewritten.body);
}

Result<void> write_package(const PackArguments& arguments, const SourceTree& tree, const PackPlan& plan,
                           const PackAbout& about, ProgressView& view) {
  WB_TRY(ZipWriter zip, ZipWriter::create(arguments.output, about.created.value_or(Time{})));
  const auto add_text = [&zip](const std::string& path, std::string text) {
    const std::size_t size = text.size();
    return zip.add(path, size,
                   text_opener([text = std::move(text)]() -> Result<std::string> { return text; }));
  };
  WB_CHECK_OK(add_text("manifest.json", manifest_json(plan, about)));
  WB_CHECK_OK(add_text("knowledgehub/knowledgehub.json", hub_json(plan, about)));
  WB_CHECK_OK(
      zip.add(std::string(kArticles) + "articles.json", articles_json_size(plan), articles_json(plan)));
  for (const PackedPage& page : plan.pages) {
    WB_CHECK_OK(zip.add(std::string(kArticles) + "content/" + page.source, page.size,
                        text_opener([&tree, &page] { return final_body(tree, page); })));
  }
  for (const std::string& resource : plan.resources) {
    std::error_code ignored;
    const fs::path file = tree.file(resource);
    WB_CHECK_OK(zip.add(std::string(kArticles) + "inline_resources/" + resource, fs::file_size(file, ignored),
                        file_opener(file)));
  }
  const auto total = static_cast<std::int64_t>(3 + plan.pages.size() + plan.resources.size());
  return zip.finish([&](std::size_t entries) {
    view.show("Writing the package", static_cast<std::int64_t>(entries), total);
    return !InterruptGuard::interrupted();
  });
}

void print_summary(const PackArguments& arguments, const PackPlan& plan, const Console& console) {
  std::error_code ignored;
  const std::uint64_t bytes = fs::file_size(arguments.output, ignored);
  const auto number = [](std::size_t count) { return static_cast<std::int64_t>(count); };
  if (arguments.json) {
    console.out << boost::json::serialize(boost::json::object{{"output", arguments.output.string()},
                                                              {"pages", plan.pages.size()},
                                                              {"folders", plan.folders.size()},
                                                              {"resources", plan.resources.size()},
                                                              {"bytes", bytes},
                                                              {"brokenReferences", plan.broken_references},
                                                              {"convertedPages", plan.converted_pages}})
                << '\n';
    return;
  }
  console.out << arguments.output.string() << ": " << counted(number(plan.pages.size()), "page", "pages")
              << " in " << counted(number(plan.folders.size()), "folder", "folders") << ", "
              << counted(number(plan.resources.size()), "resource", "resources") << ", " << human_bytes(bytes)
              << '\n';
  if (plan.converted_pages > 0) {
    console.out << counted(number(plan.converted_pages), "page was", "pages were") << " converted to UTF-8\n";
  }
  if (plan.broken_references > 0) {
    console.out << counted(number(plan.broken_references), "reference leads", "references lead")
                << " nowhere and stayed as written; `waybill validate` names each\n";
  }
}

Result<PackPlan> pack(const PackArguments& arguments, const Console& console, const Local& local) {
  WB_TRY(const PackAbout about, about_of(arguments, console, local));
  WB_TRY(const SourceTree tree, SourceTree::open(arguments.folder));
  const InterruptGuard guard;
  ProgressView view(console, arguments.json);
  const auto total = static_cast<std::int64_t>(tree.pages().size());
  const std::string top = clean_name(arguments.top_folder.empty() ? about.name : arguments.top_folder);
  WB_TRY(PackPlan plan, plan_package(tree, top, [&](std::size_t pages) {
           view.show("Reading pages", static_cast<std::int64_t>(pages), total);
           return !InterruptGuard::interrupted();
         }));
  WB_CHECK_OK(write_package(arguments, tree, plan, about, view));
  return plan;
}

}  // namespace

int run_pack(const PackArguments& arguments, const Console& console, const Local& local) {
  const auto plan = pack(arguments, console, local);
  if (!plan.ok()) return fail_here(console, "pack", plan.error());
  print_summary(arguments, *plan, console);
  return kFine;
}

}  // namespace waybill::cli
