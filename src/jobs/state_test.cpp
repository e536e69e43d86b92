#include "jobs/state.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>

namespace waybill::jobs {
namespace {

constexpr State kStates[] = {State::scheduled, State::in_progress, State::successful, State::failed,
                             State::cancelled};
constexpr Event kEvents[] = {Event::claim,  Event::finish,  Event::fail,
                             Event::cancel, Event::release, Event::retry};

TEST(State, OnlyTheMovesOfTheContractAreLegal) {
  const std::map<std::pair<State, Event>, State> legal = {
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
  for (const State state : kStates) {
    for (const Event event : kEvents) {
      const auto expected = legal.find({state, event});
      const auto found = next_state(state, event, true);
      if (expected == legal.end()) {
        EXPECT_EQ(found, std::nullopt) << to_string(state) << " " << static_cast<int>(event);
      } else {
        EXPECT_EQ(found, expected->second) << to_string(state) << " " << static_cast<int>(event);
      }
    }
  }
}

TEST(State, FailedJobThatCannotBeRetriedStaysFailed) {
  EXPECT_EQ(next_state(State::failed, Event::retry, false), std::nullopt);
  EXPECT_EQ(next_state(State::cancelled, Event::retry, false), State::scheduled);
}

TEST(State, FinalStatesLeaveOnlyByRetry) {
  for (const State state : kStates) {
    if (!is_final(state)) continue;
    for (const Event event : kEvents) {
      if (event != Event::retry) {
        EXPECT_EQ(next_state(state, event, true), std::nullopt);
      }
    }
  }
}

TEST(State, WordsAreThoseOfTheSeed) {
  EXPECT_EQ(to_string(State::in_progress), "In Progress");
  for (const State state : kStates) EXPECT_EQ(parse_state(to_string(state)), state);
  EXPECT_EQ(parse_state("in progress"), std::nullopt);
}

}  // namespace
}  // namespace waybill::jobs
