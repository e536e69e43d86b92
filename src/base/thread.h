#pragma once

namespace waybill {

/// For work in bulk: the calling thread takes a core for longer at a time, and leaves it at once to any
/// thread that has waited for something (EEVDF's slice, sched_setattr(2); Linux 6.12 or newer). Its share
/// stays what it is. A system that knows no slices changes nothing.
void yield_to_others();

}  // namespace waybill
