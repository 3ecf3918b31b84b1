#pragma once
#include <stddef.h>
#include <stdint.h>

/// The mapping file carried inside the program, ../mapping.yaml.
extern const uint8_t *const casus_suricata_mapping;
extern const size_t casus_suricata_mapping_size;
