#pragma once
// LZ4 frames: what MCAP means by compression "lz4".
#if !__has_include(<lz4frame.h>)
#error "liblz4's headers are missing: apt-get install liblz4-dev"
#endif
#include <lz4frame.h>
