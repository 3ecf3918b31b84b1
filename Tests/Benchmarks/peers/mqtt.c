// mosquitto at QoS 1 both ways: each message acknowledged by the broker, and by the subscriber.
#include "peer.h"

#include <mosquitto.h>
#include <pthread.h>

static int window = 1000;
static uint64_t acknowledged;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int ended, publishers_expected, is_ready, is_reader;
static uint64_t last_at;

static void on_publish(struct mosquitto *client, void *context, int id) {
  (void)client, (void)context, (void)id;
  pthread_mutex_lock(&lock);
  acknowledged++;
  pthread_cond_signal(&changed);
  pthread_mutex_unlock(&lock);
}

static void on_connect(struct mosquitto *client, void *context, int code) {
  if (code != 0) fail("connect", mosquitto_connack_string(code));
  (void)context;
  if (is_reader) mosquitto_subscribe(client, NULL, "bench", 1);
  is_ready = 1;
}

static void on_subscribe(struct mosquitto *client, void *context, int id, int count, const int *granted) {
  (void)client, (void)context, (void)id, (void)count, (void)granted;
  puts("ready");
  fflush(stdout);
}

static void on_message(struct mosquitto *client, void *context, const struct mosquitto_message *message) {
  (void)context;
  if (take(message->payload, (size_t)message->payloadlen))
    ended++;
  else
    last_at = now();
  if (ended == publishers_expected) mosquitto_disconnect(client);
}

static struct mosquitto *make_client(int port) {
  mosquitto_lib_init();
  struct mosquitto *client = mosquitto_new(NULL, true, NULL);
  if (!client) fail("client", NULL);
  mosquitto_max_inflight_messages_set(client, (unsigned)window);
  mosquitto_connect_callback_set(client, on_connect);
  mosquitto_publish_callback_set(client, on_publish);
  mosquitto_subscribe_callback_set(client, on_subscribe);
  mosquitto_message_callback_set(client, on_message);
  mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
  if (mosquitto_connect(client, "127.0.0.1", port, 60) != MOSQ_ERR_SUCCESS) fail("connect", "refused");
  return client;
}

static int publish(int port, size_t size, double seconds, double rate) {
  struct mosquitto *client = make_client(port);
  mosquitto_loop_start(client);
  while (!is_ready) nanosleep(&(struct timespec){0, 1000000}, NULL);
  fill_texts(size);
  char *message = malloc(size);
  uint64_t start = now(), end = start + (uint64_t)(seconds * 1e9), sent = 0;
  while (now() < end) {
    pace(start, sent, rate);
    pthread_mutex_lock(&lock);
    while (sent - acknowledged >= (uint64_t)window) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    make(message, sent);
    int code = mosquitto_publish(client, NULL, "bench", (int)size, message, 1, false);
    if (code != MOSQ_ERR_SUCCESS) fail("publish", mosquitto_strerror(code));
    sent++;
  }
  pthread_mutex_lock(&lock);
  while (acknowledged < sent) pthread_cond_wait(&changed, &lock);
  uint64_t last = now(), mark[2] = {LAST, last};
  pthread_mutex_unlock(&lock);
  mosquitto_publish(client, NULL, "bench", sizeof mark, mark, 1, false);
  pthread_mutex_lock(&lock);
  while (acknowledged < sent + 1) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  report_writer(sent, start, last);
  return 0;
}

static int subscribe(int port, int publishers) {
  publishers_expected = publishers;
  is_reader = 1;
  struct mosquitto *client = make_client(port);
  mosquitto_loop_forever(client, 1000, 1);
  report_reader(last_at);
  return 0;
}

// mqtt publish PORT SIZE SECONDS RATE | subscribe PORT PUBLISHERS
int main(int count, char **words) {
  if (count == 6 && !strcmp(words[1], "publish"))
    return publish(atoi(words[2]), (size_t)number_of(words[3]), number_of(words[4]), number_of(words[5]));
  if (count == 4 && !strcmp(words[1], "subscribe")) return subscribe(atoi(words[2]), atoi(words[3]));
  fail("mqtt", "wrong words");
}
