#pragma once
#include "access.h"
#include "connections.h"
#include "memory.h"
#include "spawn.h"
