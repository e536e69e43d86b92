#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "base/time.h"
#include "package/zip_tree.h"
#include "source/source.h"
#include "targets.h"

namespace waybill::fuzz {

namespace {

class Bytes final : public source::RandomAccess {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t size() const override { return bytes_.size(); }
  std::string version() const override { return "1"; }
  Result<void> read(std::uint64_t offset, std::span<char> into, const Context&) const override {
    if (offset > bytes_.size() || into.size() > bytes_.size() - offset) {
      return Error{ErrorCode::corrupt, "too short"};
    }
    std::memcpy(into.data(), bytes_.data() + offset, into.size());
    return {};
  }

 private:
  std::string_view bytes_;
};

}  // namespace

void zip(std::string_view bytes) {
  package::Limits limits;
  limits.total_bytes = 1U << 20;
  limits.entries = 100;
  const Context context(system_clock());
  const auto opened = package::open_zip(std::make_unique<Bytes>(bytes), "file:///fuzz.zip", limits, context);
  if (!opened || !opened->files) return;
  std::string into;
  for (std::size_t i = 0; i < opened->files->count(); ++i) {
    const auto file = static_cast<package::FileIndex>(i);
    const auto path = opened->files->path(file);
    if (path.starts_with("/") || path.starts_with("../") || path.find("/../") != std::string_view::npos)
      std::abort();
    (void)opened->files->read(file, 1U << 16, into, context);
    if (const auto stream = opened->files->stream(file, context)) {
      into.clear();
      while (true) {
        const auto more = (*stream)->next(into);
        if (!more || !*more) break;
      }
    }
  }
}

}  // namespace waybill::fuzz
