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
static const uint8_t bus_registry_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.registry.v1.schema.json"
};
static const uint8_t bus_loss_v1[] = {
#embed "../CasusEvents/Schemas/casus.bus.loss.v1.schema.json"
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
static const uint8_t bus_registry_v1_example[] = {
#embed "../../docs/events/casus.bus.registry.v1.json"
};
static const uint8_t bus_loss_v1_example[] = {
#embed "../../docs/events/casus.bus.loss.v1.json"
};
static const uint8_t bus_clock_v1_example[] = {
#embed "../../docs/events/casus.bus.clock.v1.json"
};

// A type without an example does not compile.
#define EVENT(type, name) {{type, name, sizeof name}, {type, name##_example, sizeof name##_example}}

static const casus_event_contract event_contracts[] = {
    EVENT("casus.detection.v1", detection_v1),
    EVENT("casus.effect.v1", effect_v1),
    EVENT("casus.incident.v1", incident_v1),
    EVENT("casus.attribution.v1", attribution_v1),
    EVENT("casus.purpose.v1", purpose_v1),
    EVENT("casus.damage.v1", damage_v1),
    EVENT("casus.case.v1", case_v1),
    EVENT("casus.consultation.v1", consultation_v1),
    EVENT("casus.position.v1", position_v1),
    EVENT("casus.decision.v1", decision_v1),
    EVENT("casus.dispute.v1", dispute_v1),
    EVENT("casus.bus.joined.v1", bus_joined_v1),
    EVENT("casus.bus.left.v1", bus_left_v1),
    EVENT("casus.bus.crashed.v1", bus_crashed_v1),
    EVENT("casus.bus.refused.v1", bus_refused_v1),
    EVENT("casus.bus.quarantined.v1", bus_quarantined_v1),
    EVENT("casus.bus.lagging.v1", bus_lagging_v1),
    EVENT("casus.bus.retention.v1", bus_retention_v1),
    EVENT("casus.bus.schema.v1", bus_schema_v1),
    EVENT("casus.bus.clock.v1", bus_clock_v1),
    EVENT("casus.bus.loss.v1", bus_loss_v1),
    EVENT("casus.bus.registry.v1", bus_registry_v1),
    {{0, 0, 0}, {0, 0, 0}},
};

static const casus_contract shared_schemas[] = {
    {"urn:casus:schema:common", common, sizeof common},
    {"urn:casus:schema:cloudevent", cloudevent, sizeof cloudevent},
    {"urn:casus:schema:position-statement", position_statement, sizeof position_statement},
    {"urn:casus:schema:decision-statement", decision_statement, sizeof decision_statement},
    {0, 0, 0},
};

const casus_event_contract *casus_event_contracts(void) { return event_contracts; }
const casus_contract *casus_shared_schemas(void) { return shared_schemas; }
