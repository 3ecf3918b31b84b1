#include "CKnowledge.h"

// The files are the product's data, made by deploy/data and readable by other programs; #embed carries them as they are.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t attack[] = {
#embed "../Data/attack.json"
};
static const uint8_t actor_states[] = {
#embed "../Data/actor-states.json"
};
static const uint8_t classes[] = {
#embed "../Data/classes.json"
};
static const uint8_t scales[] = {
#embed "../Data/scales.json"
};

const casus_knowledge_file casus_attack_json = {attack, sizeof attack};
const casus_knowledge_file casus_actor_states_json = {actor_states, sizeof actor_states};
const casus_knowledge_file casus_classes_json = {classes, sizeof classes};
const casus_knowledge_file casus_scales_json = {scales, sizeof scales};
