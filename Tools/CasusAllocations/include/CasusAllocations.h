#pragma once

/// Whether this system's C library lets its allocations be counted.
int casus_allocations_counted(void);
