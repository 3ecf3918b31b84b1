#include "CRE2.h"

#if !__has_include(<re2/re2.h>)
#error "RE2's headers are missing: apt-get install libre2-dev"
#endif
#include <re2/re2.h>

#include <cstring>
#include <new>

struct cre2_pattern {
  re2::RE2 expression;

  cre2_pattern(re2::StringPiece text, const re2::RE2::Options &options) : expression(text, options) {}
};

cre2_pattern *cre2_compile(const char *pattern, size_t length, int64_t max_memory, char *error, size_t error_size) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(max_memory);
  auto compiled = new (std::nothrow) cre2_pattern(re2::StringPiece(pattern, length), options);
  if (compiled && compiled->expression.ok()) return compiled;
  if (error_size > 0) {
    std::strncpy(error, compiled ? compiled->expression.error().c_str() : "out of memory", error_size - 1);
    error[error_size - 1] = 0;
  }
  delete compiled;
  return nullptr;
}

void cre2_destroy(cre2_pattern *pattern) { delete pattern; }

bool cre2_matches(const cre2_pattern *pattern, const uint8_t *text, size_t length) {
  re2::StringPiece piece(reinterpret_cast<const char *>(text), length);
  return pattern->expression.Match(piece, 0, length, re2::RE2::UNANCHORED, nullptr, 0);
}

int cre2_program_size(const cre2_pattern *pattern) { return pattern->expression.ProgramSize(); }
