#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace waybill::storage::postgres {

/// Sends what was announced, on a thread of its own: nobody waits for it. What comes within kBetween of the
/// last time, or while it sends, goes together. Any thread.
class Teller {
 public:
  /// A tenth of the processor time of short jobs was their notices', each sent as soon as the one before was.
  static constexpr std::chrono::milliseconds kBetween{5};
  using Send = std::function<void(const std::vector<std::string>&)>;
  /// `send` is called on the teller's thread. What it throws is lost with its notices.
  explicit Teller(Send send);
  ~Teller();  // sends what is left
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;

  void tell(std::vector<std::string> notices);

 private:
  void run();

  const Send send_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> waiting_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace waybill::storage::postgres
