#pragma once
// libyaml: YAML 1.1's text to events, with the place of each.
#include <yaml.h>
