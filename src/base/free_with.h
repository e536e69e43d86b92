#pragma once

namespace waybill {

/// Makes a C library's function that frees into the deleter of a std::unique_ptr: FreeWith<EVP_PKEY_free>.
template <auto Function>
struct FreeWith {
  template <typename T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};

}  // namespace waybill
