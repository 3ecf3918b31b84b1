// libzmq's own proxy between XSUB and XPUB, its publishers and subscribers; with CURVE when keys are given.
// Nothing is dropped: a full pipe makes its writer wait (ZMQ_XPUB_NODROP), which is the proxy at its best.
#include "peer.h"

#include <zmq.h>

static void check(int code, const char *what) {
  if (code != 0) fail(what, zmq_strerror(zmq_errno()));
}

static void option(void *socket, int name, int value) {
  check(zmq_setsockopt(socket, name, &value, sizeof value), "zmq_setsockopt");
}

// The same pair of keys for everybody: what counts here is the encryption's cost.
static const char *public_key, *secret_key;

static void secure(void *socket, int server) {
  if (!public_key) return;
  if (server) {
    option(socket, ZMQ_CURVE_SERVER, 1);
  } else {
    check(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, public_key, 41), "server key");
    check(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, public_key, 41), "public key");
  }
  check(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, secret_key, 41), "secret key");
}

static int proxy(void *context, const char *front, const char *back) {
  void *in = zmq_socket(context, ZMQ_XSUB), *out = zmq_socket(context, ZMQ_XPUB);
  option(out, ZMQ_XPUB_NODROP, 1);
  secure(in, 1);
  secure(out, 1);
  check(zmq_bind(in, front), front);
  check(zmq_bind(out, back), back);
  puts("ready");
  fflush(stdout);
  return zmq_proxy(in, out, NULL);
}

static int publish(void *context, const char *front, size_t size, double seconds, double rate, int subscribers) {
  void *socket = zmq_socket(context, ZMQ_XPUB);
  option(socket, ZMQ_XPUB_NODROP, 1);
  secure(socket, 0);
  check(zmq_connect(socket, front), front);
  // One subscription passes the proxy however many subscribers there are: each told it is ready by itself.
  char word[8];
  if (subscribers > 0 && zmq_recv(socket, word, sizeof word, 0) < 0) fail("subscription", NULL);
  fill_texts(size);
  uint64_t start = now(), end = start + (uint64_t)(seconds * 1e9), sent = 0;
  while (now() < end) {
    pace(start, sent, rate);
    zmq_msg_t message;
    zmq_msg_init_size(&message, size);
    make(zmq_msg_data(&message), sent);
    while (zmq_msg_send(&message, socket, 0) < 0)
      if (zmq_errno() != EINTR && zmq_errno() != EAGAIN) fail("send", zmq_strerror(zmq_errno()));
    sent++;
  }
  uint64_t last = now(), end_mark[2] = {LAST, last};
  zmq_send(socket, end_mark, sizeof end_mark, 0);
  report_writer(sent, start, last);
  zmq_close(socket);
  zmq_ctx_term(context);
  return 0;
}

static int subscribe(void *context, const char *back, int publishers) {
  void *socket = zmq_socket(context, ZMQ_SUB);
  secure(socket, 0);
  check(zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0), "subscribe");
  check(zmq_connect(socket, back), back);
  option(socket, ZMQ_RCVTIMEO, 60000);
  puts("ready");
  fflush(stdout);
  uint64_t last = 0;
  for (int ended = 0; ended < publishers;) {
    zmq_msg_t message;
    zmq_msg_init(&message);
    if (zmq_msg_recv(&message, socket, 0) < 0) break;
    if (take(zmq_msg_data(&message), zmq_msg_size(&message)))
      ended++;
    else
      last = 1;
    zmq_msg_close(&message);
    if (last) last = now();
  }
  report_reader(last);
  return 0;
}

// zmq proxy FRONT BACK | publish FRONT SIZE SECONDS RATE SUBSCRIBERS | subscribe BACK PUBLISHERS
int main(int count, char **words) {
  public_key = getenv("BENCH_PUBLIC_KEY");
  secret_key = getenv("BENCH_SECRET_KEY");
  void *context = zmq_ctx_new();
  if (count == 2 && !strcmp(words[1], "keys")) {
    char public[41], secret[41];
    check(zmq_curve_keypair(public, secret), "keys");
    printf("%s\n%s\n", public, secret);
    return 0;
  }
  if (count == 4 && !strcmp(words[1], "proxy")) return proxy(context, words[2], words[3]);
  if (count == 7 && !strcmp(words[1], "publish"))
    return publish(context, words[2], (size_t)number_of(words[3]), number_of(words[4]), number_of(words[5]), atoi(words[6]));
  if (count == 4 && !strcmp(words[1], "subscribe")) return subscribe(context, words[2], atoi(words[3]));
  fail("zmq", "wrong words");
}
