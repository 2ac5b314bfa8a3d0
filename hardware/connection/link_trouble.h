#pragma once

#include "base/error.h"

namespace brownout {

/// A failure of a link that a new connection may mend: an answer that is late, damaged, or not the
/// one that was asked for. Back ends catch it and repeat the request; what they can't mend leaves
/// them as the Error that it is.
class LinkTrouble : public Error {
 public:
    using Error::Error;
};

}  // namespace brownout
