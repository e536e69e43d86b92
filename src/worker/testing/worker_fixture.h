#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/files.h"
#include "source/share.h"
#include "storage/blobs/local_blobs.h"
#include "storage/sqlite/sqlite_store.h"
#include "worker/testing/faulty_store.h"
#include "worker/worker.h"

namespace waybill::worker {

inline void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// What a test package holds.
struct PackageShape {
  int articles = 50;
  std::string body_suffix;    // changes every body
  std::string more_articles;  // JSON text appended to the list, ", {…}"
  std::string counts = "\"counts\": {\"folders\": 3, \"articles\": 50, \"topics\": 2, \"portals\": 1}";
};

/// A package of 3 folders, articles, 2 topics and a portal, an image and an attachment that articles use.
inline void make_package(const std::filesystem::path& folder, const PackageShape& shape) {
  std::filesystem::remove_all(folder);
  write(folder / "manifest.json", "{\"formatVersion\": \"1.0\", " + shape.counts + "}");
  const auto hub = folder / "knowledgehub";
  write(
      hub / "knowledgehub.json",
      R"({"knowledge": {"folders": [{"name": "Products", "folders": [{"name": "Phones"}]}, {"name": "Help"}],
  "topics": [{"name": "Start", "addArticles": {"fromArticles": [{"path": "Help/Article 0"}]}},
             {"name": "All", "addArticles": {"fromFolders": [{"path": "Products/Phones"}]}}],
  "portals": [{"name": "Support", "addTopics": {"fromTopics": [{"path": "Start"}]}}]}})");
  const auto articles = hub / "articles";
  std::string list;
  for (int i = 0; i < shape.articles; ++i) {
    const std::string n = std::to_string(i);
    const std::string path = "content/" + n + ".html";
    list += std::string(i == 0 ? "" : ",\n") + R"({"name": "Article )" + n + R"(", "folder": {"path": ")" +
            (i % 2 == 0 ? "Help" : "Products/Phones") + R"("}, "content": ")" + path + "\"" +
            (i == 3 ? R"(, "attachments": [{"name": "Manual", "path": "resources/manual.pdf"}])" : "") +
            (i < 10 ? R"(, "articleMacro": "macro_)" + n + "\"" : "") +
            (i % 5 == 0 ? R"(, "articleType": {"typeName": "FAQ"})" : "") + "}";
    write(articles / path, "<h1>Article " + n + "</h1><p>words of it" + shape.body_suffix + "</p><a href=\"" +
                               std::to_string((i + 1) % shape.articles) +
                               ".html\">next</a><img src=\"../inline_resources/logo.png\">");
  }
  write(articles / "articles.json", "{\"articles\": [" + list + shape.more_articles + "]}");
  write(articles / "inline_resources/logo.png", "PNG bytes");
  write(articles / "resources/manual.pdf", "PDF bytes");
}

class WorkerTest : public testing::Test {
 protected:
  WorkerTest() { open_store(); }

  void open_store() {
    store_.reset();
    auto blobs = std::make_unique<storage::LocalBlobStore>(folder_.path() / "blobs");
    auto opened = storage::open_sqlite(folder_.path() / "data", std::move(blobs), clock_);
    ASSERT_TRUE(opened.ok()) << opened.error().message << " / " << opened.error().detail;
    store_ = std::move(*opened);
  }

  Options options() const {
    Options options;
    options.owner = "worker-1";
    options.batch_items = 10;
    options.log_folder = folder_.path() / "logs";
    options.server_log_location = [](const JobId& id) { return "http://server/" + to_string(id) + "/log"; };
    options.open_source = [this](const jobs::Job& job, const Context& /*context*/) {
      return source::open_share(job.source.path, {folder_.path()});
    };
    return options;
  }

  std::filesystem::path package() const { return folder_.path() / "share" / "package"; }

  jobs::Job new_job(jobs::JobType type = jobs::JobType::import,
                    jobs::Operation operation = jobs::Operation::import) const {
    jobs::Job job;
    job.id = JobId(Uuid::random());
    job.department = Department("sales");
    job.client = ClientId("client-1");
    job.type = type;
    job.operation = operation;
    job.source.path = "file://" + package().string();
    job.created = job.due = clock_.now();
    return job;
  }

  jobs::Job submit(const jobs::Job& job) {
    EXPECT_TRUE(store_->jobs().create(job, std::nullopt).ok());
    return job;
  }

  jobs::Job claim(const std::string& owner = "worker-1") {
    auto claimed = store_->jobs().claim(clock_.now(), owner, {});
    EXPECT_TRUE(claimed.ok() && *claimed);
    return claimed.ok() && *claimed ? **claimed : jobs::Job{};
  }

  /// Makes, claims and runs a job over a plain store.
  jobs::Job run(jobs::JobType type = jobs::JobType::import,
                jobs::Operation operation = jobs::Operation::import) {
    submit(new_job(type, operation));
    auto ended = run_job(claim(), options(), *store_, board_, Context(clock_));
    EXPECT_TRUE(ended.ok()) << ended.error().message;
    return ended.ok() ? *ended : jobs::Job{};
  }

  std::vector<report::LogEntry> entries(const JobId& id) {
    std::vector<report::LogEntry> list;
    auto page = store_->reports().entries(id, 0, 100'000);
    EXPECT_TRUE(page.ok());
    std::int64_t expected = 0;
    for (auto& one : *page) {
      EXPECT_EQ(one.sequence, ++expected) << "entries have no gap";
      list.push_back(std::move(one.entry));
    }
    return list;
  }

  /// The findings of a job as lines without their time.
  std::vector<std::string> findings(const JobId& id) {
    std::vector<std::string> lines;
    for (const auto& entry : entries(id)) {
      if (!entry.is_finding) continue;
      const std::string line = format_line(entry);
      lines.push_back(line.substr(line.find('\t') + 1));
    }
    return lines;
  }

  std::string log_text(const JobId& id) {
    std::string text;
    for (const auto& entry : entries(id)) text += format_line(entry) + "\n";
    return text;
  }

  /// Everything in the knowledge base but ids, jobs and times.
  std::vector<std::string> contents() {
    auto& base = store_->knowledge();
    const knowledge::ListFilter all{Department("sales"), "", std::nullopt, 100'000};
    std::vector<std::string> lines;
    auto folders = base.folders(all);
    auto articles = base.articles(all);
    auto topics = base.topics(all);
    auto portals = base.portals(all);
    EXPECT_TRUE(folders.ok() && articles.ok() && topics.ok() && portals.ok());
    for (const auto& row : *folders) lines.push_back("folder " + row.folder.path);
    for (const auto& row : *articles) {
      lines.push_back("article " + row.article.path() + " " + row.article.language + " r" +
                      std::to_string(row.revision) + " " + *base.body(Department("sales"), row.id));
    }
    for (const auto& row : *topics) {
      lines.push_back("topic " + row.topic.path + " " + std::to_string(row.article_count));
    }
    for (const auto& row : *portals) lines.push_back("portal " + row.portal.name);
    std::sort(lines.begin(), lines.end());
    return lines;
  }

  TemporaryFolder folder_;
  FakeClock clock_{*parse_time("2024-03-01T10:00:00Z")};
  std::unique_ptr<storage::ServerStore> store_;
  jobs::StatusBoard board_;
};

}  // namespace waybill::worker
