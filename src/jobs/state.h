#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace waybill::jobs {

/// The five states of the contract, section 2.
enum class State : std::uint8_t { scheduled, in_progress, successful, failed, cancelled };

/// Everything that can happen to a job.
enum class Event : std::uint8_t {
  claim,    // a worker takes it, or takes it over after its lease ran out
  finish,   // all items are processed
  fail,     // a critical error
  cancel,   // cancelled while waiting, or the worker has stopped for a cancel or the stop time
  release,  // the worker lets go without an end (shutdown): the next one resumes
  retry,    // asked for by a person
};

/// The words of the contract: "In Progress".
std::string_view to_string(State state);
std::optional<State> parse_state(std::string_view text);
bool is_final(State state);

/// The only legal moves: the state after `event` in `state`, or nullopt where the move is forbidden. Total,
/// pure. `retryable` matters for `retry` of a failed job alone.
std::optional<State> next_state(State state, Event event, bool retryable = false);

}  // namespace waybill::jobs
