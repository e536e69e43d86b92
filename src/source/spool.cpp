#include "source/spool.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "base/text.h"
#include "source/spool_chunks.h"

namespace waybill::source {

namespace {

constexpr std::size_t kChunk = SpoolOptions::kChunk;
constexpr std::chrono::milliseconds kLook{10};  // between looks at the context while others are waited for

enum class Chunk : std::uint8_t { absent, left_behind, fetching, present };

/// A place in the spools' space, given back when it goes.
class Reservation {
 public:
  Reservation(std::shared_ptr<SpoolSpace> space, std::uint64_t bytes)
      : space_(std::move(space)), bytes_(bytes) {}
  ~Reservation() {
    if (space_) space_->release(bytes_);
  }
  Reservation(Reservation&&) noexcept = default;
  Reservation& operator=(Reservation&&) = delete;

 private:
  std::shared_ptr<SpoolSpace> space_;  // shared: outlives the server's own reference while a job ends
  std::uint64_t bytes_;
};

using Kept = std::shared_ptr<std::atomic<bool>>;  // shared by the source and its file, which may outlive it

/// Readers fetch what they need and find absent; threads of its own fetch what stands behind it.
class SpooledFile final : public RandomAccess {
 public:
  SpooledFile(std::unique_ptr<RandomAccess> far, SpoolChunks spool, const SpoolOptions& options,
              Reservation reservation, Kept kept, const Context& context)
      : far_(std::move(far)),
        read_ahead_chunks_(static_cast<std::size_t>(options.read_ahead / kChunk)),
        reservation_(std::move(reservation)),
        kept_(std::move(kept)),
        ahead_context_(context.part()),
        spool_(std::move(spool)),
        chunks_((far_->size() + kChunk - 1) / kChunk) {
    for (const std::size_t chunk : spool_.left_behind()) chunks_[chunk] = Chunk::left_behind;
    for (int i = 0; i < options.threads; ++i) threads_.emplace_back([this] { read_ahead(); });
  }

  ~SpooledFile() override {
    {
      const std::lock_guard lock(mutex_);
      ahead_context_.cancel();
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
    if (!*kept_) spool_.remove();
  }
  SpooledFile(const SpooledFile&) = delete;
  SpooledFile& operator=(const SpooledFile&) = delete;

  std::uint64_t size() const override { return far_->size(); }
  std::string version() const override { return far_->version(); }

  Result<void> read(std::uint64_t offset, std::span<char> into, const Context& context) const override {
    if (offset > size() || into.size() > size() - offset) {
      return Error{ErrorCode::corrupt, "the file ends before byte " + std::to_string(offset + into.size())};
    }
    if (into.empty()) return {};
    const auto last = static_cast<std::size_t>((offset + into.size() - 1) / kChunk);
    for (auto chunk = static_cast<std::size_t>(offset / kChunk); chunk <= last; ++chunk) {
      if (chunks_[chunk].load(std::memory_order_acquire) != Chunk::present) {
        WB_CHECK_OK(need(chunk, context));
      } else if (wanted_.load(std::memory_order_relaxed) != chunk) {
        want(chunk);
      }
    }
    return spool_.read(offset, into);
  }

 private:
  void want(std::size_t chunk) const {
    const std::lock_guard lock(mutex_);
    wanted_ = chunk;
    changed_.notify_all();
  }

  Result<void> need(std::size_t chunk, const Context& context) const {
    std::unique_lock lock(mutex_);
    wanted_ = chunk;
    paused_ = false;
    changed_.notify_all();
    while (chunks_[chunk] == Chunk::fetching) {
      changed_.wait_for(lock, kLook);
      WB_CHECK_OK(context.check());
    }
    if (chunks_[chunk] == Chunk::present) return {};
    return bring(chunk, context, lock);
  }

  /// Makes present what is not; `lock` is let go meanwhile.
  Result<void> bring(std::size_t chunk, const Context& context, std::unique_lock<std::mutex>& lock) const {
    const bool left_behind = chunks_[chunk] == Chunk::left_behind;
    chunks_[chunk] = Chunk::fetching;
    lock.unlock();
    auto done = left_behind && spool_.is_whole(chunk) ? Result<void>() : fetch(chunk, context);
    lock.lock();
    chunks_[chunk].store(done ? Chunk::present : Chunk::absent, std::memory_order_release);
    if (done) ++brought_;
    changed_.notify_all();
    return done;
  }

  Result<void> fetch(std::size_t chunk, const Context& context) const {
    std::vector<char> bytes(spool_.size_of(chunk));
    WB_CHECK_OK(far_->read(spool_.begin_of(chunk), bytes, context));
    return spool_.put(chunk, bytes);
  }

  void read_ahead() {
    std::unique_lock lock(mutex_);
    while (!ahead_context_.cancelled()) {
      const std::size_t chunk = next_ahead();
      if (chunk == chunks_.size()) {
        changed_.wait(lock);
        continue;
      }
      ++fetching_ahead_;
      // A reader that needs it tells what is wrong; until then there is no sense in going on.
      if (!bring(chunk, ahead_context_, lock)) paused_ = true;
      --fetching_ahead_;
    }
  }

  /// The first absent chunk behind the latest that was wanted, within the bound; or the number of chunks.
  std::size_t next_ahead() const {
    // One more with each chunk that has come: what is needed first does not share the way with all the rest.
    if (paused_ || fetching_ahead_ > brought_) return chunks_.size();
    const std::size_t end = std::min(chunks_.size(), wanted_ + 1 + read_ahead_chunks_);
    for (std::size_t chunk = wanted_ + 1; chunk < end; ++chunk) {
      if (chunks_[chunk] == Chunk::absent) return chunk;
    }
    return chunks_.size();
  }

  const std::unique_ptr<RandomAccess> far_;
  const std::size_t read_ahead_chunks_;
  const Reservation reservation_;
  const Kept kept_;
  const Context ahead_context_;  // ends with the work that opened the file, and with the file
  mutable SpoolChunks spool_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable std::vector<std::atomic<Chunk>> chunks_;  // changed under mutex_
  mutable std::atomic<std::size_t> wanted_{0};      // changed under mutex_
  // Guarded by mutex_:
  mutable bool paused_ = true;       // until somebody reads
  mutable std::size_t brought_ = 0;  // chunks since this was made
  std::size_t fetching_ahead_ = 0;   // now
  std::vector<std::thread> threads_;
};

class SpooledSource final : public Source {
 public:
  SpooledSource(std::unique_ptr<Source> far, SpoolOptions options, std::shared_ptr<SpoolSpace> space)
      : far_(std::move(far)), options_(std::move(options)), space_(std::move(space)) {}

  std::string uri() const override { return far_->uri(); }
  bool is_far() const override { return far_->is_far(); }
  Result<std::vector<FileInfo>> list(const Context& context) override { return far_->list(context); }
  Result<std::unique_ptr<RandomAccess>> open(const std::string& path, const Context& context) override {
    WB_TRY(auto file, far_->open(path, context));
    const bool zip = path.empty() || to_lower(path).ends_with(".zip");
    if (!zip || file->size() == 0) return file;
    WB_CHECK_OK(space_->reserve(file->size(), context));
    Reservation reservation(space_, file->size());
    const std::string identity = far_->uri() + "\n" + path + "\n" + file->version();
    WB_TRY(auto chunks, SpoolChunks::open(options_, identity, file->size()));
    return std::unique_ptr<RandomAccess>(std::make_unique<SpooledFile>(
        std::move(file), std::move(chunks), options_, std::move(reservation), kept_, context));
  }
  std::string log_location(std::string_view name) const override { return far_->log_location(name); }
  Result<std::string> put_log(std::string_view name, const std::filesystem::path& file,
                              const Context& context) override {
    return far_->put_log(name, file, context);
  }
  Result<void> remove_log(std::string_view name, const Context& context) override {
    return far_->remove_log(name, context);
  }
  std::string peer() const override { return far_->peer(); }
  std::optional<Milliseconds> clock_ahead() const override { return far_->clock_ahead(); }
  void keep() override { *kept_ = true; }

 private:
  const std::unique_ptr<Source> far_;
  const SpoolOptions options_;
  const std::shared_ptr<SpoolSpace> space_;  // shared: all sources of a server
  const Kept kept_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

Result<void> SpoolSpace::reserve(std::uint64_t bytes, const Context& context) {
  if (bytes > most_) {
    return Error{ErrorCode::limit_exceeded, "The package has " + std::to_string(bytes) +
                                                " bytes and the spool may hold " + std::to_string(most_) +
                                                ": the operator can raise spool.max_bytes."};
  }
  std::unique_lock lock(mutex_);
  while (used_ + bytes > most_) {
    released_.wait_for(lock, kLook);
    WB_CHECK_OK(context.check());
  }
  used_ += bytes;
  return {};
}

void SpoolSpace::release(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  used_ -= bytes;
  released_.notify_all();
}

std::uint64_t SpoolSpace::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

std::unique_ptr<Source> make_spooled(std::unique_ptr<Source> far, SpoolOptions options,
                                     std::shared_ptr<SpoolSpace> space) {
  return std::make_unique<SpooledSource>(std::move(far), std::move(options), std::move(space));
}

void sweep_spools(const std::filesystem::path& folder, const std::function<bool(std::string_view)>& wanted) {
  std::error_code failed;
  for (const auto& left : std::filesystem::directory_iterator(folder, failed)) {
    if (!wanted(left.path().stem().string())) std::filesystem::remove(left.path(), failed);
  }
}

}  // namespace waybill::source
