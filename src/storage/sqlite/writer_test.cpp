#include "storage/sqlite/writer.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/files.h"

namespace waybill::storage::sqlite {
namespace {

Result<void> insert(sql::Connection& connection, int number) {
  const std::string text = "INSERT INTO t VALUES (" + std::to_string(number) + ")";
  return static_cast<Connection&>(connection).run_script(text.c_str());
}

class WriterTest : public testing::Test {
 protected:
  void SetUp() override {
    auto connection = Connection::open(file(), {});
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE((*connection)->run_script("CREATE TABLE t (x PRIMARY KEY)").ok());
    writer_ = std::make_unique<Writer>(*std::move(connection));
  }
  std::filesystem::path file() const { return folder_.path() / "x.db"; }

  /// Runs the steps each on a thread of its own, queued in their order while another step has the connection.
  std::vector<Result<void>> run_at_once(const std::vector<Writer::Step>& steps,
                                        std::function<Result<void>(const Writer::Step&)> run = nullptr) {
    if (!run) run = [&](const Writer::Step& step) { return writer_->run(step); };
    std::atomic<bool> has_it{false}, may_end{false};
    std::thread first([&] {
      const auto done = writer_->run([&](sql::Connection&) -> Result<void> {
        has_it = true;
        has_it.notify_all();
        may_end.wait(false);
        return {};
      });
      EXPECT_TRUE(done.ok());
    });
    has_it.wait(false);
    std::vector<Result<void>> outcomes(steps.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      threads.emplace_back([&, i] { outcomes[i] = run(steps[i]); });
      while (writer_->waiting() < i + 1) std::this_thread::yield();
    }
    may_end = true;
    may_end.notify_all();
    first.join();
    for (std::thread& thread : threads) thread.join();
    return outcomes;
  }

  /// The numbers that are there, as digits of one.
  std::int64_t rows() const {
    auto reader = Connection::open(file(), {.read_only = true});
    return *(*reader)->read_integer("SELECT group_concat(x, '') FROM (SELECT x FROM t ORDER BY x)");
  }

  const TemporaryFolder folder_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(WriterTest, StepsThatWaitAtOnceShareACommitAndFailForThemselves) {
  std::vector<std::thread::id> ran(4);
  const auto step = [&](int number) {
    return [&ran, number](sql::Connection& connection) {
      ran.at(static_cast<std::size_t>(number) - 1) = std::this_thread::get_id();
      return insert(connection, number);
    };
  };
  const auto outcomes =
      run_at_once({step(1), step(2),
                   [](sql::Connection& connection) -> Result<void> {
                     WB_CHECK_OK(insert(connection, 9));
                     return Error{ErrorCode::conflict, "not this one"};
                   },
                   [](sql::Connection& connection) { return insert(connection, 1); }, step(3)});
  EXPECT_TRUE(outcomes[0].ok() && outcomes[1].ok() && outcomes[4].ok());
  EXPECT_EQ(outcomes[2].error().message, "not this one");
  EXPECT_EQ(outcomes[3].error().code, ErrorCode::internal) << "the row was there";
  EXPECT_EQ(rows(), 123);
  EXPECT_EQ(ran[0], ran[1]) << "one of them wrote for all";
  EXPECT_EQ(ran[0], ran[2]);
}

TEST_F(WriterTest, WhatAStepThrowsReachesItsCallerAlone) {
  std::atomic<int> thrown{0};
  const Writer::Step throws = [](sql::Connection& connection) -> Result<void> {
    WB_CHECK_OK(insert(connection, 3));
    throw std::runtime_error("no");
  };
  // Whoever writes for the group, this one or the one before it: its caller catches it.
  const auto catches = [&](const Writer::Step& step) {
    try {
      return writer_->run(step);
    } catch (const std::runtime_error&) {
      ++thrown;
      return Result<void>(Error{ErrorCode::internal, "thrown"});
    }
  };
  const auto outcomes =
      run_at_once({[](sql::Connection& connection) { return insert(connection, 1); }, throws,
                   [](sql::Connection& connection) { return insert(connection, 2); }},
                  catches);
  EXPECT_TRUE(outcomes[0].ok() && outcomes[2].ok());
  EXPECT_EQ(outcomes[1].error().message, "thrown");
  EXPECT_EQ(thrown, 1);
  EXPECT_EQ(rows(), 12);
}

TEST_F(WriterTest, WhereTheCommonTransactionIsLostEachIsRunAgainByItself) {
  std::atomic<int> first_runs{0}, second_runs{0};
  const auto outcomes =
      run_at_once({[&](sql::Connection& connection) {
                     ++first_runs;
                     return insert(connection, 1);
                   },
                   [&](sql::Connection& connection) -> Result<void> {
                     // As SQLite does by itself where the disk is full.
                     if (++second_runs == 1) {
                       WB_CHECK_OK(static_cast<Connection&>(connection).run_script("ROLLBACK"));
                       return Error{ErrorCode::no_space, "the disk is full"};
                     }
                     return insert(connection, 2);
                   },
                   [](sql::Connection& connection) { return insert(connection, 3); }});
  for (const auto& outcome : outcomes) EXPECT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(rows(), 123);
  EXPECT_EQ(first_runs, 2);
  EXPECT_EQ(second_runs, 2);
}

TEST_F(WriterTest, APingFindsAnotherProgramsWriteAGoodSign) {
  auto other = Connection::open(file(), {});
  ASSERT_TRUE((*other)->run_script("BEGIN IMMEDIATE").ok());
  EXPECT_TRUE(writer_->ping(Milliseconds(1)).ok()) << "it writes, so there can be written";
  ASSERT_TRUE((*other)->run_script("ROLLBACK").ok());
  EXPECT_TRUE(writer_->ping(Milliseconds(1)).ok());
}

}  // namespace
}  // namespace waybill::storage::sqlite
