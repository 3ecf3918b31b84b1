// What the peers' programs share: messages that carry their number and moment, figures, and one line of JSON at the end.
//
// A message begins with 8 bytes of its number and 8 of the moment it was sent (steady nanoseconds, native order); the
// rest is words, so that what compresses compresses. A publisher's last message has the number UINT64_MAX.
#pragma once

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LAST UINT64_MAX

static inline uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static inline void fail(const char *what, const char *why) {
  fprintf(stderr, "%s: %s\n", what, why ? why : "failed");
  exit(1);
}

// A power-of-two table of texts, larger than a compressor's window.
static char *texts;
static size_t text_size;

static inline void fill_texts(size_t size) {
  static const char *words[] = {"connection", "from",  "refused", "session", "user",      "relay",  "breaker",
                                "operate",    "alarm", "GET",     "HTTP/1.1", "handshake", "DNS",    "192.0.2.7",
                                "modbus",     "write", "value",   "voltage",  "process",   "signal", "payload"};
  text_size = size;
  texts = malloc(size * 512);
  uint64_t random = size * 0x9E3779B9u | 1;
  for (size_t place = 0; place < size * 512;) {
    random ^= random << 13, random ^= random >> 7, random ^= random << 17;
    const char *word = words[random % (sizeof words / sizeof *words)];
    for (; *word && place < size * 512; word++) texts[place++] = *word;
    if (place < size * 512) texts[place++] = ' ';
  }
}

static inline void make(void *message, uint64_t number) {
  memcpy(message, texts + (number & 511) * text_size, text_size);
  uint64_t moment = now();
  memcpy(message, &number, 8);
  memcpy((char *)message + 8, &moment, 8);
}

// Latencies in microseconds up to 16 s, one bucket each below 64 ms and 64 µs wide above: exact enough for a p99.
static uint32_t fine[65536];
static uint32_t coarse[262144];
static uint64_t received;

static inline void record(uint64_t nanoseconds) {
  uint64_t us = nanoseconds / 1000;
  if (us < 65536)
    fine[us]++;
  else
    coarse[us / 64 < 262143 ? us / 64 : 262143]++;
}

static inline double percentile(double share) {
  uint64_t rank = (uint64_t)((double)received * share), seen = 0;
  for (uint32_t i = 0; i < 65536; i++)
    if ((seen += fine[i]) > rank) return i / 1000.0;
  for (uint32_t i = 0; i < 262144; i++)
    if ((seen += coarse[i]) > rank) return i * 64 / 1000.0;
  return 16777;
}

// Returns whether this was a publisher's last message.
static inline int take(const void *message, size_t size) {
  if (size < 16) return 0;
  uint64_t number, moment;
  memcpy(&number, message, 8);
  memcpy(&moment, (const char *)message + 8, 8);
  if (number == LAST) return 1;
  received++;
  uint64_t at = now();
  record(at > moment ? at - moment : 0);
  return 0;
}

static inline void report_reader(uint64_t last) {
  printf("{\"received\":%" PRIu64 ",\"last\":%" PRIu64 ",\"p50\":%.3f,\"p99\":%.3f,\"p999\":%.3f}\n", received, last,
         percentile(0.5), percentile(0.99), percentile(0.999));
  fflush(stdout);
}

static inline void report_writer(uint64_t sent, uint64_t first, uint64_t last) {
  printf("{\"sent\":%" PRIu64 ",\"first\":%" PRIu64 ",\"last\":%" PRIu64 "}\n", sent, first, last);
  fflush(stdout);
}

// Sleeps until message `number` of a run with a rate is due; without a rate returns at once.
static inline void pace(uint64_t start, uint64_t number, double rate) {
  if (rate <= 0) return;
  uint64_t due = start + (uint64_t)((double)number / rate * 1e9);
  for (uint64_t at = now(); at < due; at = now()) {
    if (due - at > 200000) {
      struct timespec pause = {0, (long)(due - at - 100000)};
      nanosleep(&pause, NULL);
    }
  }
}

static inline double number_of(const char *text) { return strtod(text, NULL); }
