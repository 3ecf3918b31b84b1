#pragma once
// libzmq's public C interface, as Debian ships it (4.3.4, no draft API).
#if !__has_include(<zmq.h>)
#error "libzmq's headers are missing: apt-get install libzmq3-dev"
#endif
#include <zmq.h>

// In 4.3.4 the header hides this option behind the draft switch, though the library as shipped knows it.
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif
