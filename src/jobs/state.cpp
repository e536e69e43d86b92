#include "jobs/state.h"

#include <array>
#include <cstddef>

namespace waybill::jobs {

namespace {

constexpr std::size_t kStates = 5;
constexpr std::size_t kEvents = 6;

/// A cell of the table: where the event leads, or that it must not happen.
struct Move {
  bool legal = false;
  State to = State::scheduled;
};

constexpr Move no{};
constexpr Move to(State state) {
  return {true, state};
}

// Rows: the state it is in. Columns: claim, finish, fail, cancel, release, retry.
// clang-format off
constexpr std::array<std::array<Move, kEvents>, kStates> kMoves{{
    /* scheduled   */ {{to(State::in_progress), no, no, to(State::cancelled), no, no}},
    /* in_progress */ {{to(State::in_progress), to(State::successful), to(State::failed), to(State::cancelled),
                        to(State::in_progress), no}},
    /* successful  */ {{no, no, no, no, no, no}},
    /* failed      */ {{no, no, no, no, no, to(State::scheduled)}},  // where it is retryable
    /* cancelled   */ {{no, no, no, no, no, to(State::scheduled)}},
}};
// clang-format on

constexpr std::array<State, kStates> kAllStates{State::scheduled, State::in_progress, State::successful,
                                                State::failed, State::cancelled};

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::scheduled:
      return "Scheduled";
    case State::in_progress:
      return "In Progress";
    case State::successful:
      return "Successful";
    case State::failed:
      return "Failed";
    case State::cancelled:
      return "Cancelled";
  }
  return "Unknown";
}

std::optional<State> parse_state(std::string_view text) {
  for (const State state : kAllStates) {
    if (to_string(state) == text) return state;
  }
  return std::nullopt;
}

bool is_final(State state) {
  return state == State::successful || state == State::failed || state == State::cancelled;
}

std::optional<State> next_state(State state, Event event, bool retryable) {
  const Move move = kMoves.at(static_cast<std::size_t>(state)).at(static_cast<std::size_t>(event));
  if (!move.legal) return std::nullopt;
  if (state == State::failed && !retryable) return std::nullopt;
  return move.to;
}

}  // namespace waybill::jobs
