#pragma once

// libsimdjson's DOM parser behind C: it parses bytes to a tape, and the caller reads the tape in place.
//
// A tape is a run of 64-bit words. The top byte of a word is its kind, the low 56 bits its payload:
//
//     'r'      root; the first word's payload is the index after the last word
//     '{' '['  payload bits 0-31: index after the matching close; bits 32-55: members or elements, 0xFFFFFF = or more
//     '}' ']'  payload: index of the matching open
//     '"'      payload: where in `strings` a u32 length (host order) and that many bytes of unescaped UTF-8 stand
//     'l' 'u'  the next word is an int64, a uint64 (the latter only beyond int64)
//     'd'      the next word is a double
//     't' 'f' 'n'

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct csimdjson_parser csimdjson_parser;

enum csimdjson_status {
  CSIMDJSON_OK = 0,
  CSIMDJSON_REFUSED = 1,  // not JSON, deeper than max_depth, or a number that fits neither 64 bits nor a double
  CSIMDJSON_MEMORY = 2,
};

enum csimdjson_traits {
  CSIMDJSON_HAS_BACKSLASH = 1,
  CSIMDJSON_HAS_HIGH_BYTE = 2,  // a byte of 0xEF or more: the only ones that begin a noncharacter
};

// What the last successful parse left. Valid until the next parse or destroy.
typedef struct {
  const uint64_t *tape;
  const uint8_t *strings;  // readable 8 bytes past any string's end
  const uint8_t *source;   // the parser's own copy of the bytes
  size_t length;
  const uint32_t *tokens;  // offsets in source of { } [ ] : , and of each scalar's first byte, in order
  size_t token_count;
  uint32_t traits;
} csimdjson_view;

// NULL when memory is out. Not thread-safe: one parser, one thread at a time.
csimdjson_parser *csimdjson_create(void);
void csimdjson_destroy(csimdjson_parser *parser);

// Copies the bytes once (simdjson reads 64 bytes past the end) and parses them. Buffers only grow, by doubling, so a
// parser that has seen its largest document allocates no more. `max_depth` containers may be nested.
enum csimdjson_status csimdjson_parse(
    csimdjson_parser *parser, const void *bytes, size_t length, size_t max_depth, csimdjson_view *view);

// Whether one byte is followed by another at some distance, anywhere in some bytes: a first look for a text before a parse, many
// bytes at a time, where `memmem` would look at each.
int csimdjson_has_pair(const void *bytes, size_t count, uint8_t first, size_t distance, uint8_t second);

// The shortest decimal that reads back as `value`: digits times ten to the exponent, with at most 17 digits. `value` is
// finite and not negative.
void csimdjson_decimal(double value, uint64_t *digits, int32_t *exponent);

// The version of libsimdjson that was compiled against, e.g. "3.0.1".
const char *csimdjson_version(void);

#ifdef __cplusplus
}
#endif
