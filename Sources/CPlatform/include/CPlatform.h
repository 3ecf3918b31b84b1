#pragma once
#include "access.h"
#include "connections.h"
#include "spawn.h"
