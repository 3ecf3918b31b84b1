#pragma once
// libyaml: YAML 1.1's text to events, with the place of each.
#if !__has_include(<yaml.h>)
#error "libyaml's headers are missing: apt-get install libyaml-dev"
#endif
#include <yaml.h>
