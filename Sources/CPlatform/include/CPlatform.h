#pragma once
#include "access.h"
#include "connections.h"
#include "memory.h"
#include "open_files.h"
#include "spawn.h"
#include "timer.h"
