// libFuzzer's entry; WAYBILL_FUZZ_TARGET is the function.
#include "targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  waybill::fuzz::WAYBILL_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
