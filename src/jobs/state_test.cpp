#include "jobs/state.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "jobs/job.h"

namespace waybill::jobs {
namespace {

constexpr State kAllStates[] = {State::scheduled, State::in_progress, State::successful, State::failed,
                                State::cancelled};
constexpr Event kAllEvents[] = {Event::claim,  Event::finish,  Event::fail,
                                Event::cancel, Event::release, Event::retry};

TEST(JobState, EveryPairOfStateAndEventIsAMoveOrForbidden) {
  const std::map<std::pair<State, Event>, State> allowed = {
      {{State::scheduled, Event::claim}, State::in_progress},
      {{State::scheduled, Event::cancel}, State::cancelled},
      {{State::in_progress, Event::claim}, State::in_progress},
      {{State::in_progress, Event::finish}, State::successful},
      {{State::in_progress, Event::fail}, State::failed},
      {{State::in_progress, Event::cancel}, State::cancelled},
      {{State::in_progress, Event::release}, State::in_progress},
      {{State::failed, Event::retry}, State::scheduled},
      {{State::cancelled, Event::retry}, State::scheduled},
  };
  for (const State state : kAllStates) {
    for (const Event event : kAllEvents) {
      const auto found = allowed.find({state, event});
      const auto expected = found == allowed.end() ? std::nullopt : std::optional(found->second);
      EXPECT_EQ(next_state(state, event, true), expected)
          << to_string(state) << ", event " << static_cast<int>(event);
    }
  }
}

TEST(JobState, RetryabilityMattersForAFailedJobAlone) {
  EXPECT_EQ(next_state(State::failed, Event::retry, false), std::nullopt);
  EXPECT_EQ(next_state(State::failed, Event::retry, true), State::scheduled);
  EXPECT_EQ(next_state(State::cancelled, Event::retry, false), State::scheduled);
  EXPECT_EQ(next_state(State::successful, Event::retry, true), std::nullopt);
}

TEST(JobState, FinalStatesLetNothingInButARetry) {
  for (const State state : kAllStates) {
    if (!is_final(state)) continue;
    for (const Event event : kAllEvents) {
      if (event != Event::retry) {
        EXPECT_EQ(next_state(state, event, true), std::nullopt);
      }
    }
  }
}

TEST(JobState, WordsOfTheContractReadBack) {
  for (const State state : kAllStates) EXPECT_EQ(parse_state(to_string(state)), state);
  EXPECT_EQ(to_string(State::in_progress), "In Progress");
  EXPECT_EQ(parse_state("in progress"), std::nullopt);
  EXPECT_EQ(to_string(JobType::validation), "Validation");
  EXPECT_EQ(to_string(SourceType::s3), "AWS S3 bucket");
  EXPECT_EQ(to_string(Phase::indexing), "Updating search index");
}

}  // namespace
}  // namespace waybill::jobs
