#pragma once
// LZ4 frames: what MCAP means by compression "lz4".
#include <lz4frame.h>
