#pragma once
// libzmq's public C interface, as Debian ships it (4.3.4, no draft API).
#include <zmq.h>
