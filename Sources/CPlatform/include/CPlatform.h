#pragma once
// Left out of Swift's Glibc module.
#include <sys/eventfd.h>

#include "accepting.h"
#include "access.h"
#include "connections.h"
#include "memory.h"
#include "open_files.h"
#include "spawn.h"
#include "thread.h"
#include "timer.h"
