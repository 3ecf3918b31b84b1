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
static const uint8_t effect_v1[] = {
#embed "../CasusEvents/Schemas/casus.effect.v1.schema.json"
};
static const uint8_t incident_v1[] = {
#embed "../CasusEvents/Schemas/casus.incident.v1.schema.json"
};
static const uint8_t attribution_v1[] = {
#embed "../CasusEvents/Schemas/casus.attribution.v1.schema.json"
};
static const uint8_t purpose_v1[] = {
#embed "../CasusEvents/Schemas/casus.purpose.v1.schema.json"
};
static const uint8_t damage_v1[] = {
#embed "../CasusEvents/Schemas/casus.damage.v1.schema.json"
};
static const uint8_t case_v1[] = {
#embed "../CasusEvents/Schemas/casus.case.v1.schema.json"
};
static const uint8_t consultation_v1[] = {
#embed "../CasusEvents/Schemas/casus.consultation.v1.schema.json"
};
static const uint8_t position_v1[] = {
#embed "../CasusEvents/Schemas/casus.position.v1.schema.json"
};
static const uint8_t decision_v1[] = {
#embed "../CasusEvents/Schemas/casus.decision.v1.schema.json"
};
static const uint8_t dispute_v1[] = {
#embed "../CasusEvents/Schemas/casus.dispute.v1.schema.json"
};
static const uint8_t bus_joined_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.joined.v1.schema.json"
};
static const uint8_t bus_left_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.left.v1.schema.json"
};
static const uint8_t bus_crashed_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.crashed.v1.schema.json"
};
static const uint8_t bus_refused_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.refused.v1.schema.json"
};
static const uint8_t bus_quarantined_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.quarantined.v1.schema.json"
};
static const uint8_t bus_lagging_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.lagging.v1.schema.json"
};
static const uint8_t bus_retention_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.retention.v1.schema.json"
};
static const uint8_t bus_schema_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.schema.v1.schema.json"
};
static const uint8_t bus_clock_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.clock.v1.schema.json"
};
static const uint8_t bus_loss_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.loss.v1.schema.json"
};
static const uint8_t bus_registry_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.registry.v1.schema.json"
};
static const uint8_t common[] = {
#embed "../CasusEvents/Schemas/common.schema.json"
};
static const uint8_t cloudevent[] = {
#embed "../CasusEvents/Schemas/cloudevent.schema.json"
};
static const uint8_t position_statement[] = {
#embed "../CasusEvents/Schemas/position-statement.schema.json"
};
static const uint8_t decision_statement[] = {
#embed "../CasusEvents/Schemas/decision-statement.schema.json"
};

static const uint8_t detection_v1_example[] = {
#embed "../../docs/events/casus.detection.v1.json"
};
static const uint8_t effect_v1_example[] = {
#embed "../../docs/events/casus.effect.v1.json"
};
static const uint8_t incident_v1_example[] = {
#embed "../../docs/events/casus.incident.v1.json"
};
static const uint8_t attribution_v1_example[] = {
#embed "../../docs/events/casus.attribution.v1.json"
};
static const uint8_t purpose_v1_example[] = {
#embed "../../docs/events/casus.purpose.v1.json"
};
static const uint8_t damage_v1_example[] = {
#embed "../../docs/events/casus.damage.v1.json"
};
static const uint8_t case_v1_example[] = {
#embed "../../docs/events/casus.case.v1.json"
};
static const uint8_t dispute_v1_example[] = {
#embed "../../docs/events/casus.dispute.v1.json"
};
static const uint8_t consultation_v1_example[] = {
#embed "../../docs/events/casus.consultation.v1.json"
};
static const uint8_t position_v1_example[] = {
#embed "../../docs/events/casus.position.v1.json"
};
static const uint8_t decision_v1_example[] = {
#embed "../../docs/events/casus.decision.v1.json"
};
static const uint8_t bus_joined_v1_example[] = {
#embed "../../docs/events/casus.bus.joined.v1.json"
};
static const uint8_t bus_left_v1_example[] = {
#embed "../../docs/events/casus.bus.left.v1.json"
};
static const uint8_t bus_crashed_v1_example[] = {
#embed "../../docs/events/casus.bus.crashed.v1.json"
};
static const uint8_t bus_refused_v1_example[] = {
#embed "../../docs/events/casus.bus.refused.v1.json"
};
static const uint8_t bus_quarantined_v1_example[] = {
#embed "../../docs/events/casus.bus.quarantined.v1.json"
};
static const uint8_t bus_lagging_v1_example[] = {
#embed "../../docs/events/casus.bus.lagging.v1.json"
};
static const uint8_t bus_retention_v1_example[] = {
#embed "../../docs/events/casus.bus.retention.v1.json"
};
static const uint8_t bus_schema_v1_example[] = {
#embed "../../docs/events/casus.bus.schema.v1.json"
};
static const uint8_t bus_loss_v1_example[] = {
#embed "../../docs/events/casus.bus.loss.v1.json"
};
static const uint8_t bus_clock_v1_example[] = {
#embed "../../docs/events/casus.bus.clock.v1.json"
};
static const uint8_t bus_registry_v1_example[] = {
#embed "../../docs/events/casus.bus.registry.v1.json"
};

static const casus_contract event_schemas[] = {
    {"casus.detection.v1", detection_v1, sizeof detection_v1},
    {"casus.effect.v1", effect_v1, sizeof effect_v1},
    {"casus.incident.v1", incident_v1, sizeof incident_v1},
    {"casus.attribution.v1", attribution_v1, sizeof attribution_v1},
    {"casus.purpose.v1", purpose_v1, sizeof purpose_v1},
    {"casus.damage.v1", damage_v1, sizeof damage_v1},
    {"casus.case.v1", case_v1, sizeof case_v1},
    {"casus.consultation.v1", consultation_v1, sizeof consultation_v1},
    {"casus.position.v1", position_v1, sizeof position_v1},
    {"casus.decision.v1", decision_v1, sizeof decision_v1},
    {"casus.dispute.v1", dispute_v1, sizeof dispute_v1},
    {"casus.bus.joined.v1", bus_joined_v1, sizeof bus_joined_v1},
    {"casus.bus.left.v1", bus_left_v1, sizeof bus_left_v1},
    {"casus.bus.crashed.v1", bus_crashed_v1, sizeof bus_crashed_v1},
    {"casus.bus.refused.v1", bus_refused_v1, sizeof bus_refused_v1},
    {"casus.bus.quarantined.v1", bus_quarantined_v1, sizeof bus_quarantined_v1},
    {"casus.bus.lagging.v1", bus_lagging_v1, sizeof bus_lagging_v1},
    {"casus.bus.retention.v1", bus_retention_v1, sizeof bus_retention_v1},
    {"casus.bus.schema.v1", bus_schema_v1, sizeof bus_schema_v1},
    {"casus.bus.clock.v1", bus_clock_v1, sizeof bus_clock_v1},
    {"casus.bus.loss.v1", bus_loss_v1, sizeof bus_loss_v1},
    {"casus.bus.registry.v1", bus_registry_v1, sizeof bus_registry_v1},
    {0, 0, 0},
};

static const casus_contract shared_schemas[] = {
    {"urn:casus:schema:common", common, sizeof common},
    {"urn:casus:schema:cloudevent", cloudevent, sizeof cloudevent},
    {"urn:casus:schema:position-statement", position_statement, sizeof position_statement},
    {"urn:casus:schema:decision-statement", decision_statement, sizeof decision_statement},
    {0, 0, 0},
};

static const casus_contract event_examples[] = {
    {"casus.detection.v1", detection_v1_example, sizeof detection_v1_example},
    {"casus.effect.v1", effect_v1_example, sizeof effect_v1_example},
    {"casus.incident.v1", incident_v1_example, sizeof incident_v1_example},
    {"casus.attribution.v1", attribution_v1_example, sizeof attribution_v1_example},
    {"casus.purpose.v1", purpose_v1_example, sizeof purpose_v1_example},
    {"casus.damage.v1", damage_v1_example, sizeof damage_v1_example},
    {"casus.case.v1", case_v1_example, sizeof case_v1_example},
    {"casus.dispute.v1", dispute_v1_example, sizeof dispute_v1_example},
    {"casus.consultation.v1", consultation_v1_example, sizeof consultation_v1_example},
    {"casus.position.v1", position_v1_example, sizeof position_v1_example},
    {"casus.decision.v1", decision_v1_example, sizeof decision_v1_example},
    {"casus.bus.joined.v1", bus_joined_v1_example, sizeof bus_joined_v1_example},
    {"casus.bus.left.v1", bus_left_v1_example, sizeof bus_left_v1_example},
    {"casus.bus.crashed.v1", bus_crashed_v1_example, sizeof bus_crashed_v1_example},
    {"casus.bus.refused.v1", bus_refused_v1_example, sizeof bus_refused_v1_example},
    {"casus.bus.quarantined.v1", bus_quarantined_v1_example, sizeof bus_quarantined_v1_example},
    {"casus.bus.lagging.v1", bus_lagging_v1_example, sizeof bus_lagging_v1_example},
    {"casus.bus.retention.v1", bus_retention_v1_example, sizeof bus_retention_v1_example},
    {"casus.bus.schema.v1", bus_schema_v1_example, sizeof bus_schema_v1_example},
    {"casus.bus.loss.v1", bus_loss_v1_example, sizeof bus_loss_v1_example},
    {"casus.bus.clock.v1", bus_clock_v1_example, sizeof bus_clock_v1_example},
    {"casus.bus.registry.v1", bus_registry_v1_example, sizeof bus_registry_v1_example},
    {0, 0, 0},
};

const casus_contract *casus_event_schemas(void) { return event_schemas; }
const casus_contract *casus_shared_schemas(void) { return shared_schemas; }
const casus_contract *casus_event_examples(void) { return event_examples; }
