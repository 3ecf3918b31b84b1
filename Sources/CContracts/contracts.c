#include "CContracts.h"

// The files are the contract, read by other languages too; #embed carries them into the program as they are.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t errors_json[] = {
#embed "../CasusWire/errors.json"
};
const casus_contract casus_wire_errors = {"errors.json", errors_json, sizeof errors_json};

static const uint8_t detection_v1[] = {
#embed "../CasusEvents/Schemas/casus.detection.v1.schema.json"
};

const casus_contract casus_event_schemas[] = {
    {"casus.detection.v1", detection_v1, sizeof detection_v1},
    {0, 0, 0},
};
