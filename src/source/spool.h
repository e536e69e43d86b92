#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "base/result.h"
#include "source/source.h"

namespace waybill::source {

/// How much all spools of a server together may hold. Any thread.
class SpoolSpace {
 public:
  explicit SpoolSpace(std::uint64_t most) : most_(most) {}

  /// Waits until others have given enough back. Errors: limit_exceeded (more than all that there is),
  /// cancelled, timeout.
  Result<void> reserve(std::uint64_t bytes, const Context& context);
  void release(std::uint64_t bytes);
  std::uint64_t used() const;

 private:
  const std::uint64_t most_;
  mutable std::mutex mutex_;
  std::condition_variable released_;
  std::uint64_t used_ = 0;  // guarded by mutex_
};

struct SpoolOptions {
  std::filesystem::path folder;
  std::string name;  // of this spool's files in the folder: the job's id
  /// Bytes behind the latest read that are fetched before they are asked for.
  std::uint64_t read_ahead = 64U << 20;
  int threads = 2;  // that read ahead, each with one range open
  static constexpr std::size_t kChunk = 2U << 20;
};

/// A source on another machine whose zips are spooled: each becomes a sparse local file that fills in the
/// order of need, so that work begins before the fetch is over and no byte is fetched twice. What was fetched
/// outlives a crash and, after keep(), this object: another with the same name goes on with it, if the zip is
/// still the same. Otherwise it goes with the zip's last reader. Other files, and all other calls, go
/// through. What open() is given ends the reading ahead as well. `space` is shared by all spools of a server.
/// One zip at a time. Beside the source's own errors: no_space, limit_exceeded (spool.max_bytes), io.
std::unique_ptr<Source> make_spooled(std::unique_ptr<Source> far, SpoolOptions options,
                                     std::shared_ptr<SpoolSpace> space);

/// Removes what crashed processes left in the folder, but for the names that `wanted` says yes to. Before the
/// first make_spooled().
void sweep_spools(const std::filesystem::path& folder, const std::function<bool(std::string_view)>& wanted);

}  // namespace waybill::source
