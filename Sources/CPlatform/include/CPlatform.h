#pragma once
#include "connections.h"
#include "spawn.h"
