#include "web/assets.h"

namespace waybill::web {

/// Built with WAYBILL_CONSOLE=OFF, or where Node and npm cannot be had.
std::span<const Asset> assets() {
  return {};
}

}  // namespace waybill::web
