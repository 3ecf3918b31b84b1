#pragma once

// RE2 behind C: regular expressions whose match takes time linear in the text, whatever the pattern.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct cre2_pattern cre2_pattern;

// Compiles a pattern in RE2's own syntax, in UTF-8. NULL when RE2 refuses it or needs more than `max_memory` bytes; the
// reason stands in `error` then (NUL-terminated, cut to `error_size`).
cre2_pattern *cre2_compile(const char *pattern, size_t length, int64_t max_memory, char *error, size_t error_size);
void cre2_destroy(cre2_pattern *pattern);

// Whether the pattern matches anywhere in the text. Thread-safe.
bool cre2_matches(const cre2_pattern *pattern, const uint8_t *text, size_t length);

// A match costs at most about this times the text's length.
int cre2_program_size(const cre2_pattern *pattern);

#ifdef __cplusplus
}
#endif
