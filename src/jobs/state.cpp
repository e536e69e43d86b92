#include "jobs/state.h"

#include <array>
#include <cstddef>

namespace waybill::jobs {

namespace {

constexpr std::size_t kStates = 5;
constexpr std::size_t kEvents = 6;
constexpr std::array<std::string_view, kStates> kNames = {"Scheduled", "In Progress", "Successful", "Failed",
                                                          "Cancelled"};

using Move = std::optional<State>;
constexpr Move kNo = std::nullopt;
constexpr Move kScheduled = State::scheduled;
constexpr Move kInProgress = State::in_progress;
constexpr Move kSuccessful = State::successful;
constexpr Move kFailed = State::failed;
constexpr Move kCancelled = State::cancelled;

// A released job stays In Progress, without an owner: a poll never goes back to Scheduled.
// clang-format off
constexpr std::array<std::array<Move, kEvents>, kStates> kMoves = {{
  //                  claim        finish       fail     cancel      release      retry
  /* scheduled   */ {{kInProgress, kNo,         kNo,     kCancelled, kNo,         kNo}},
  /* in_progress */ {{kInProgress, kSuccessful, kFailed, kCancelled, kInProgress, kNo}},
  /* successful  */ {{kNo,         kNo,         kNo,     kNo,        kNo,         kNo}},
  /* failed      */ {{kNo,         kNo,         kNo,     kNo,        kNo,         kScheduled}},
  /* cancelled   */ {{kNo,         kNo,         kNo,     kNo,        kNo,         kScheduled}},
}};
// clang-format on

}  // namespace

std::string_view to_string(State state) {
  return kNames[static_cast<std::size_t>(state)];
}

std::optional<State> parse_state(std::string_view text) {
  for (std::size_t i = 0; i < kStates; ++i) {
    if (kNames[i] == text) return static_cast<State>(i);
  }
  return std::nullopt;
}

bool is_final(State state) {
  return state == State::successful || state == State::failed || state == State::cancelled;
}

std::optional<State> next_state(State state, Event event, bool retryable) {
  if (state == State::failed && event == Event::retry && !retryable) return std::nullopt;
  return kMoves[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

}  // namespace waybill::jobs
