#include "api/finding_export.h"

#include <boost/json.hpp>
#include <utility>

#include "api/finding_text.h"

namespace waybill::api {

namespace {

constexpr std::size_t kPage = 500;

/// Kept by its stream, and goes with it.
class Export : public std::enable_shared_from_this<Export> {
 public:
  Export(const Services& services, const jobs::Job& job, report::FindingFilter filter,
         std::string_view media_type)
      : services_(services), job_(job), filter_(std::move(filter)), media_type_(media_type) {
    filter_.limit = kPage;
  }

  std::shared_ptr<http::BodyStream> start() {
    auto stream = std::make_shared<http::BodyStream>();
    stream_ = stream;
    stream->on_ready([self = shared_from_this()] { self->go_on_later(); });
    if (media_type_ == kCsv) stream->write(csv_head());
    if (media_type_ == kSarif) stream->write(sarif_head(services_.version, base_));
    write_pages();
    return stream;
  }

 private:
  void go_on_later() {
    const auto stream = stream_.lock();
    if (!stream || stream->room() == http::BodyStream::Room::gone) return;
    if (services_.post([self = shared_from_this()] { self->write_pages(); })) return;
    services_.after(std::chrono::milliseconds(50), [self = shared_from_this()] { self->go_on_later(); });
  }

  /// Until the stream is full or the rows are out. One thread at a time: the next is called for by the reader
  /// alone.
  void write_pages() {
    const auto stream = stream_.lock();
    while (stream) {
      const auto rows = services_.reports.findings(job_.id, filter_);
      if (!rows) return stream->fail();
      std::string text;
      for (const auto& row : *rows) text += line(row);
      const bool last = rows->size() < kPage;
      if (!rows->empty()) filter_.after = rows->back().sequence;
      if (last && media_type_ == kSarif) {
        text += sarif_tail(to_string(job_.id), job_.state == jobs::State::successful);
      }
      const auto room = stream->write(text);
      if (last) return stream->close();
      if (room != http::BodyStream::Room::open) return;
    }
  }

  std::string line(const report::NumberedEntry& row) {
    if (media_type_ == kCsv) return csv_record(row);
    if (media_type_ == kNdjson) return boost::json::serialize(finding_object(row)) + "\n";
    return (std::exchange(first_, false) ? "\n" : ",\n") + sarif_result(row, base_);
  }

  const Services& services_;
  const jobs::Job job_;
  report::FindingFilter filter_;
  const std::string_view media_type_;
  const SarifBase base_{.description = "The package " + job_.source.path};
  bool first_ = true;
  std::weak_ptr<http::BodyStream> stream_;
};

}  // namespace

std::shared_ptr<http::BodyStream> export_findings(const Services& services, const jobs::Job& job,
                                                  report::FindingFilter filter, std::string_view media_type) {
  return std::make_shared<Export>(services, job, std::move(filter), media_type)->start();
}

}  // namespace waybill::api
