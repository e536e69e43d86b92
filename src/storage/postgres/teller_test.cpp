#include "storage/postgres/teller.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace waybill::storage::postgres {
namespace {

using Notices = std::vector<std::string>;

TEST(TellerTest, SendsAllInTheirOrderAndWhatIsLeftAtItsEnd) {
  Notices given, sent;
  {
    Teller teller([&](const Notices& some) { sent.insert(sent.end(), some.begin(), some.end()); });
    for (int i = 0; i < 1'000; ++i) {
      given.push_back("ended " + std::to_string(i));
      teller.tell({given.back()});
    }
  }
  EXPECT_EQ(sent, given);
}

TEST(TellerTest, GoesOnAfterASendThatThrew) {
  int sends = 0;
  {
    std::mutex mutex;
    std::condition_variable changed;
    Teller teller([&](const Notices&) {
      const std::lock_guard lock(mutex);
      changed.notify_one();
      if (++sends == 1) throw std::runtime_error("no memory");
    });
    teller.tell({"due 1"});
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return sends == 1; });
    teller.tell({"due 2"});
  }
  EXPECT_EQ(sends, 2);
}

TEST(TellerTest, SendsNothingWhereThereIsNothingToTell) {
  int sends = 0;
  {
    Teller([&](const Notices&) { ++sends; }).tell({});
  }
  EXPECT_EQ(sends, 0);
}

}  // namespace
}  // namespace waybill::storage::postgres
