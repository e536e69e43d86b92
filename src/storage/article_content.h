#pragma once

#include "knowledge/model.h"

namespace waybill::storage {

/// An article as it is kept, beside its identity, macro and text. Any thread: made by whoever has the
/// article, so that the one that writes only hands it on. The article's own body is not looked at.
knowledge::ArticleContent content_of(const knowledge::Article& article, knowledge::Packed body);

}  // namespace waybill::storage
