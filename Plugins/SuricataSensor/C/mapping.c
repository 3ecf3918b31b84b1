#include "CSuricataMapping.h"

// A file for people to read and to copy; #embed carries it as it is.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t mapping[] = {
#embed "../mapping.yaml"
};
const uint8_t *const casus_suricata_mapping = mapping;
const size_t casus_suricata_mapping_size = sizeof mapping;
