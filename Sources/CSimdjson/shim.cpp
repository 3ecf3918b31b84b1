#include "CSimdjson.h"

#if !__has_include(<simdjson.h>)
#error "simdjson's headers are missing: apt-get install libsimdjson-dev"
#endif
#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <new>

namespace {

using simdjson::dom::document;
using simdjson::internal::dom_parser_implementation;

constexpr size_t smallest_capacity = 4096;
constexpr size_t largest_capacity = size_t(1) << 31;

// A plain loop, so that the compiler vectorises it: one pass tells whether the costlier text checks are needed.
uint32_t traits_of(const uint8_t *bytes, size_t length) {
  uint8_t highest = 0;
  uint8_t backslash = 0;
  for (size_t i = 0; i < length; i++) {
    highest = bytes[i] > highest ? bytes[i] : highest;
    backslash |= uint8_t(bytes[i] == '\\');
  }
  return (backslash ? CSIMDJSON_HAS_BACKSLASH : 0) | (highest >= 0xEF ? CSIMDJSON_HAS_HIGH_BYTE : 0);
}

}  // namespace

struct csimdjson_parser {
  std::unique_ptr<dom_parser_implementation> implementation;
  document doc;
  std::unique_ptr<uint8_t[]> source;
  size_t capacity = 0;
  size_t max_depth = 0;

  bool grow(size_t wanted, size_t depth) {
    size_t size = capacity > smallest_capacity ? capacity : smallest_capacity;
    while (size < wanted) size *= 2;
    if (size != capacity || !implementation) {
      capacity = 0;  // a failure half-way leaves a parser that grows again
      implementation.reset();
      source.reset(new (std::nothrow) uint8_t[size + simdjson::SIMDJSON_PADDING]);
      if (!source || doc.allocate(size) != simdjson::SUCCESS) return false;
      auto &active = simdjson::get_active_implementation();
      if (active->create_dom_parser_implementation(size, depth, implementation) != simdjson::SUCCESS) return false;
      capacity = size;
      max_depth = depth;
    } else if (depth != max_depth) {
      if (implementation->set_max_depth(depth) != simdjson::SUCCESS) return false;
      max_depth = depth;
    }
    return true;
  }
};

csimdjson_parser *csimdjson_create(void) { return new (std::nothrow) csimdjson_parser(); }

void csimdjson_destroy(csimdjson_parser *parser) { delete parser; }

enum csimdjson_status csimdjson_parse(
    csimdjson_parser *parser, const void *bytes, size_t length, size_t max_depth, csimdjson_view *view) {
  if (length == 0 || length > largest_capacity) return CSIMDJSON_REFUSED;
  // simdjson counts the level below the deepest container too.
  if (length > parser->capacity || max_depth + 1 != parser->max_depth) {
    if (!parser->grow(length, max_depth + 1)) return CSIMDJSON_MEMORY;
  }
  uint8_t *source = parser->source.get();
  std::memcpy(source, bytes, length);
  std::memset(source + length, ' ', simdjson::SIMDJSON_PADDING);
  auto error = parser->implementation->parse(source, length, parser->doc);
  if (error != simdjson::SUCCESS) return error == simdjson::MEMALLOC ? CSIMDJSON_MEMORY : CSIMDJSON_REFUSED;
  view->tape = parser->doc.tape.get();
  view->strings = parser->doc.string_buf.get();
  view->source = source;
  view->length = length;
  view->tokens = parser->implementation->structural_indexes.get();
  view->token_count = parser->implementation->n_structural_indexes;
  view->traits = traits_of(source, length);
  return CSIMDJSON_OK;
}

int csimdjson_has_pair(const void *bytes, size_t count, uint8_t first, size_t distance, uint8_t second) {
  if (count <= distance) return 0;
  auto here = static_cast<const uint8_t *>(bytes), there = here + distance;
  size_t places = count - distance;
  uint8_t found = 0;
  // Without a way out in between, so that the compiler takes many at a time.
  for (size_t place = 0; place < places; place++) found |= uint8_t(here[place] == first) & uint8_t(there[place] == second);
  return found;
}

void csimdjson_decimal(double value, uint64_t *digits, int32_t *exponent) {
  char text[40];
  auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
  uint64_t all = 0;
  int32_t scale = 0;
  const char *at = text;
  for (bool fraction = false; at < end && *at != 'e'; at++) {
    if (*at == '.') {
      fraction = true;
    } else {
      all = all * 10 + uint64_t(*at - '0');
      scale -= fraction ? 1 : 0;
    }
  }
  int32_t power = 0;
  if (at < end) {
    at++;
    if (at < end && *at == '+') at++;  // from_chars takes no plus
    std::from_chars(at, end, power);
  }
  *digits = all;
  *exponent = scale + power;
}

#define CSIMDJSON_TEXT(x) #x
#define CSIMDJSON_EXPANDED(x) CSIMDJSON_TEXT(x)

const char *csimdjson_version(void) { return CSIMDJSON_EXPANDED(SIMDJSON_VERSION); }
