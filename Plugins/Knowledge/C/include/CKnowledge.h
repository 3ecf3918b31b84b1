#pragma once
#include <stddef.h>
#include <stdint.h>

/// One data file carried inside the program.
typedef struct {
  const uint8_t *bytes;
  size_t count;
} casus_knowledge_file;

/// ATT&CK's relations, the states suspected behind its groups, counts by kind of actor, the damage scales.
/// Whose they are: ../Data/NOTICE.
extern const casus_knowledge_file casus_attack_json;
extern const casus_knowledge_file casus_actor_states_json;
extern const casus_knowledge_file casus_classes_json;
extern const casus_knowledge_file casus_scales_json;
