#pragma once
#include <stddef.h>
#include <stdint.h>

/// One file carried inside the program: its name and its bytes.
typedef struct {
  const char *name;
  const uint8_t *bytes;
  size_t count;
} casus_contract;

/// The event schemas of `CasusEvents/Schemas`, by type; ends with a null name.
const casus_contract *casus_event_schemas(void);

/// A valid event of each type, of `docs/events`; ends with a null name.
const casus_contract *casus_event_examples(void);

/// The documents that the event schemas refer to, by `$id`; ends with a null name.
const casus_contract *casus_shared_schemas(void);

/// `CasusWire/errors.json`: every error code of the wire.
extern const casus_contract casus_wire_errors;
