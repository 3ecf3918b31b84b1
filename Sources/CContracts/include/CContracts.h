#pragma once
#include <stddef.h>
#include <stdint.h>

/// One file carried inside the program: its name and its bytes.
typedef struct {
  const char *name;
  const uint8_t *bytes;
  size_t count;
} casus_contract;

/// A type of events: its schema, of `CasusEvents/Schemas`, and a valid event of it, of `docs/events`. Both are named by the type.
typedef struct {
  casus_contract schema, example;
} casus_event_contract;

/// All types; ends with null names.
const casus_event_contract *casus_event_contracts(void);

/// The documents that the event schemas refer to, by `$id`; ends with a null name.
const casus_contract *casus_shared_schemas(void);

/// `CasusWire/errors.json`: every error code of the wire.
extern const casus_contract casus_wire_errors;
