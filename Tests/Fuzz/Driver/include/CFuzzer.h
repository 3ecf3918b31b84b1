#pragma once

// libFuzzer's entry for a program with a main of its own; the Swift toolchain carries the library.

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
