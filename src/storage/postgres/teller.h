#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace waybill::storage::postgres {

/// Sends what was announced, on a thread of its own: nobody waits for it, and what comes while it sends goes
/// together. Any thread.
class Teller {
 public:
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
