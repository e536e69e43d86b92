#include "web/assets.h"

namespace waybill::web {

/// Built with WAYBILL_CONSOLE=OFF.
std::span<const Asset> assets() {
  return {};
}

}  // namespace waybill::web
