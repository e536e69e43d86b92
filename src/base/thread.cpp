#include "base/thread.h"

#include <linux/sched.h>
#include <linux/sched/types.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace waybill {

void yield_to_others() {
  constexpr unsigned long kSlice = 20'000'000;  // nanoseconds; by default it is some 3 ms for every thread
  sched_attr attributes{};
  attributes.size = sizeof attributes;
  // 0: the calling thread.
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.sched_policy != SCHED_NORMAL) return;
  attributes.sched_runtime = kSlice;
  (void)::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace waybill
