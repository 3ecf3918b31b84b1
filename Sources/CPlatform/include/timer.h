#pragma once

#include <stdint.h>

/// A descriptor that becomes readable at a moment, for those who wait for other descriptors too and more exactly than to the
/// millisecond. -1 and `errno` when the system has none left.
int casus_timer_make(void);

/// Sets the moment, in nanoseconds of the steady clock (at once when it is past), and forgets an earlier one.
void casus_timer_set(int timer, uint64_t moment);
