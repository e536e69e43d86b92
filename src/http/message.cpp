#include "http/message.h"

#include <algorithm>

#include "base/text.h"

namespace waybill::http {

namespace {

constexpr std::size_t kUsualFields = 8;

class FunctionTarget final : public Responder::Target {
 public:
  explicit FunctionTarget(Responder::Send send) : send_(std::move(send)) {}
  ~FunctionTarget() override {
    if (!abandon()) return;
    Response response;
    response.status = 500;
    send_(std::move(response));
  }

 private:
  void deliver(Response response) override { send_(std::move(response)); }
  Responder::Send send_;
};

}  // namespace

Headers::Fields& Headers::own() {
  if (!fields_) {
    fields_ = std::make_shared<Fields>();
    fields_->reserve(kUsualFields);
  } else if (fields_.use_count() > 1) {
    fields_ = std::make_shared<Fields>(*fields_);
  }
  return *fields_;
}

const Headers::Fields& Headers::all() const {
  static const Fields none;
  return fields_ ? *fields_ : none;
}

void Headers::set(std::string_view name, std::string value) {
  const auto same = [&](const auto& field) { return iequals(field.first, name); };
  Fields& fields = own();
  fields.erase(std::remove_if(fields.begin(), fields.end(), same), fields.end());
  fields.emplace_back(name, std::move(value));
}

void Headers::add(std::string_view name, std::string value) {
  own().emplace_back(name, std::move(value));
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const auto& [key, value] : all()) {
    if (iequals(key, name)) return value;
  }
  return std::nullopt;
}

Responder::Responder(Send send) : target_(std::make_shared<FunctionTarget>(std::move(send))) {}

void Responder::send(Response response) const {
  if (target_ != nullptr && !target_->answered_.exchange(true)) target_->deliver(std::move(response));
}

}  // namespace waybill::http
