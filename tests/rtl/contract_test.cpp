// Users who break the port contract hear of it: each rule broken once.
#include <gtest/gtest.h>

#include "tests/rtl/rtl_buffer.h"

namespace brownout::rtl_test {
namespace {

class Contract : public ::testing::Test {
 protected:
    std::unique_ptr<RtlBuffer> rtl = makeRtlBuffer("none");
    Pins& pins = rtl->pins;

    /// A request that waits, because a BIST has the memory.
    void holdRequest() {
        pins.raw_en_i = true;
        pins.req_valid_i = true;
        pins.req_write_i = true;
        pins.req_addr_i = 3;
        pins.req_wdata_i = 42;
        rtl->edge();
        rtl->edge();
    }

    /// A beat of masks that waits, because masks are being cleared.
    void holdBeat() {
        rtl->clearMasks();
        pins.ovl_valid_i = true;
        pins.ovl_addr_i = 3;
        pins.ovl_and_i = {1, 0};
        rtl->edge();
        rtl->edge();
    }
};

TEST_F(Contract, IsKeptByARequestThatWaits) {
    holdRequest();
    rtl->edge();
    EXPECT_FALSE(rtl->contractBroken());
}

TEST_F(Contract, IsBrokenByARequestThatIsWithdrawn) {
    holdRequest();
    pins.req_valid_i = false;
    rtl->edge();
    EXPECT_TRUE(rtl->contractBroken());
}

TEST_F(Contract, IsBrokenByARequestWhoseAddressChangesWhileItWaits) {
    holdRequest();
    pins.req_addr_i = 4;
    rtl->edge();
    EXPECT_TRUE(rtl->contractBroken());
}

TEST_F(Contract, IsBrokenByARequestWhoseDataChangeWhileItWaits) {
    holdRequest();
    pins.req_wdata_i = 43;
    rtl->edge();
    EXPECT_TRUE(rtl->contractBroken());
}

TEST_F(Contract, IsBrokenByAWordThatDoesNotExist) {
    pins.req_valid_i = true;
    pins.req_addr_i = kWords;
    rtl->edge();
    EXPECT_TRUE(rtl->contractBroken());
}

TEST_F(Contract, IsBrokenByARawAccessWithoutEnable) {
    pins.raw_req_i = true;
    rtl->edge();
    EXPECT_TRUE(rtl->contractBroken());
}

TEST_F(Contract, IsKeptByABeatOfMasksThatWaits) {
    holdBeat();
    rtl->edge();
    EXPECT_FALSE(rtl->contractBroken());
}

TEST_F(Contract, IsBrokenByABeatOfMasksThatChangesWhileItWaits) {
    holdBeat();
    pins.ovl_and_i = {2, 0};
    rtl->edge();
    EXPECT_TRUE(rtl->contractBroken());
}

TEST_F(Contract, IsBrokenByMasksForAWordThatDoesNotExist) {
    pins.ovl_valid_i = true;
    pins.ovl_addr_i = kWords;
    rtl->edge();
    EXPECT_TRUE(rtl->contractBroken());
}

}  // namespace
}  // namespace brownout::rtl_test
