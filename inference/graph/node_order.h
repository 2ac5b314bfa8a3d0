#pragma once

#include "inference/network.h"

namespace brownout {

/// Brings the nodes of a network in an order in which every node comes after those it reads from;
/// nodes that are in such an order stay in it. Throws Error naming the node if it reads a value
/// that nothing makes or that depends on the node itself, or makes one that is made already.
void sortNodes(Network& network);

/// Removes the nodes that no output depends on, and the parameters and integers that no node and
/// no output reads.
void removeUnread(Network& network);

}  // namespace brownout
