/* A node behind a caller's own proxy, whose calls block. */
#include "tests/harness.h"
#include "tests/real-play.h"

#define LINE_MAX_DATAGRAMS 64u

/* A proxy of somebody's: two lines, one each way, with blocking ends. */
typedef struct {
  GMutex lock;
  GCond changed;
  unsigned count, first;
  uint8_t bytes[LINE_MAX_DATAGRAMS][2000];
  size_t lengths[LINE_MAX_DATAGRAMS];
} Line;

typedef struct {
  Line *out, *in;
  gint64 send_us; /* how long a datagram takes */
  gint fail, closed, sendings, inside;
} Proxy;

static Line lines[2];
static Proxy proxies[2];
static const ShoalAddr SOMEWHERE = { .family = 4, .ip = { 10, 0, 0, 1 }, .port = 5 };

static bool
proxy_send (void *context, const ShoalAddr *to, const uint8_t *bytes, size_t length)
{
  Proxy *p = context;
  ck_assert (shoal_addr_equal (to, &SOMEWHERE));
  ck_assert_int_eq (g_atomic_int_add (&p->inside, 1), 0);
  if (p->send_us > 0)
    g_usleep ((gulong)p->send_us);
  g_atomic_int_inc (&p->sendings);
  g_atomic_int_add (&p->inside, -1);
  if (g_atomic_int_get (&p->fail))
    return false;
  g_mutex_lock (&p->out->lock);
  if (p->out->count < LINE_MAX_DATAGRAMS)
    {
      unsigned i = (p->out->first + p->out->count++) % LINE_MAX_DATAGRAMS;
      memcpy (p->out->bytes[i], bytes, length);
      p->out->lengths[i] = length;
    }
  g_cond_signal (&p->out->changed);
  g_mutex_unlock (&p->out->lock);
  return true;
}

static ssize_t
proxy_receive (void *context, uint8_t *bytes, size_t room, ShoalAddr *from, ShoalTime timeout_ns)
{
  Proxy *p = context;
  gint64 until = g_get_monotonic_time () + timeout_ns / 1000;
  ssize_t length = 0;
  if (g_atomic_int_get (&p->closed))
    return -1;
  g_mutex_lock (&p->in->lock);
  while (p->in->count == 0 && g_cond_wait_until (&p->in->changed, &p->in->lock, until))
    continue;
  if (p->in->count > 0)
    {
      unsigned i = p->in->first;
      length = (ssize_t)p->in->lengths[i];
      ck_assert_uint_le (p->in->lengths[i], room);
      memcpy (bytes, p->in->bytes[i], p->in->lengths[i]);
      p->in->first = (i + 1) % LINE_MAX_DATAGRAMS;
      p->in->count--;
      *from = SOMEWHERE;
    }
  g_mutex_unlock (&p->in->lock);
  return length;
}

static ShoalRealNode *
node_new (unsigned i, size_t max_bytes)
{
  ShoalTransport transport = {
    .send = proxy_send, .receive = proxy_receive, .context = &proxies[i], .max_datagram_bytes = max_bytes
  };
  ShoalRealNodeOptions options = { .transport = &transport, .upload_bytes_per_s = 1 };
  GError *error = NULL;
  ShoalRealNode *node = shoal_real_node_new (real_loop, &options, &error);
  ck_assert_msg (node != NULL, "%s", error ? error->message : "");
  return node;
}

static Hose *
start (ShoalRealNode *node, size_t size, uint64_t count)
{
  Hose *hose = hose_new (&SOMEWHERE, size, count);
  shoal_real_node_start (node, &hose->machine);
  return hose;
}

static void
set_up (void)
{
  real_set_up ();
  for (unsigned i = 0; i < 2; i++)
    {
      lines[i].count = lines[i].first = 0;
      proxies[i] = (Proxy){ .out = &lines[i], .in = &lines[1 - i] };
    }
}

/* Both ways at once; each answers what comes. */
START_TEST (carries)
{
  ShoalRealNode *a = node_new (0, 0), *b = node_new (1, 0);
  ShoalAddr none = shoal_real_node_address (a);
  Hose *mine = start (a, 500, 0), *other = start (b, 300, 0);
  other->echo = true;
  ck_assert_uint_eq (none.family, 0);
  for (unsigned i = 1; i <= 300; i++)
    {
      mine->left = 1;
      shoal_real_node_settle (a);
      real_run_to (&mine->got, i);
    }
  ck_assert_uint_eq (mine->out_of_order + other->out_of_order, 0);
  ck_assert_uint_eq (real_stats (a).sent_bytes, 300 * 500);
  ck_assert_uint_eq (real_stats (a).received_bytes, 300 * 300);
  ck_assert_uint_eq (real_stats (b).received_datagrams, 300);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* The machine is asked only when the proxy is through with the datagram before. */
START_TEST (pulls)
{
  proxies[0].send_us = 10000;
  ShoalRealNode *a = node_new (0, 0);
  Hose *source = start (a, 100, HOSE_ENDLESS);
  for (unsigned i = 0; i < 20; i++)
    {
      real_run_for (10 * SHOAL_MS);
      uint64_t through = (uint64_t)g_atomic_int_get (&proxies[0].sendings);
      ck_assert_uint_le (source->given, through + 1);
    }
  ck_assert_uint_gt (source->given, 3);
  shoal_real_node_set_rates (a, 5, 6); /* the machine is told, and nothing else happens */
  ck_assert_uint_eq (source->upload_bytes_per_s, 5);
  shoal_real_node_free (a);
}
END_TEST

START_TEST (failures)
{
  ShoalRealNode *a = node_new (0, 400);
  g_atomic_int_set (&proxies[0].fail, 1);
  Hose *source = start (a, 400, 5);
  real_run_to (&source->given, 5);
  real_run_for (50 * SHOAL_MS);
  ck_assert_uint_eq (real_stats (a).send_errors, 5);
  ck_assert_str_eq (shoal_real_node_trouble (a), "the transport could not send");
  source->size = 401;
  source->left = 3;
  shoal_real_node_settle (a);
  real_run_to (&source->given, 8);
  ck_assert_uint_eq (real_stats (a).send_errors, 8);
  ck_assert_int_eq (proxies[0].sendings, 5);
  shoal_real_node_free (a);
}
END_TEST

START_TEST (closed_by_its_owner)
{
  ShoalRealNode *a = node_new (0, 0);
  start (a, 8, 0);
  g_atomic_int_set (&proxies[0].closed, 1);
  for (unsigned i = 0; i < 2000 && !shoal_real_node_trouble (a); i++)
    real_run_for (SHOAL_MS);
  ck_assert_str_eq (shoal_real_node_trouble (a), "the transport is closed");
  shoal_real_node_free (a);
}
END_TEST

/* More comes than the real_loop takes: the proxy is held up, and nothing is lost between them. */
START_TEST (held_up)
{
  ShoalRealNode *a = node_new (0, 0), *b = node_new (1, 0);
  Hose *source = start (a, 2000, 0), *sink = start (b, 8, 0);
  for (unsigned i = 0; i < 1000; i++)
    {
      g_mutex_lock (&lines[0].lock);
      bool full = lines[0].count == LINE_MAX_DATAGRAMS;
      if (!full)
        {
          unsigned at = (lines[0].first + lines[0].count++) % LINE_MAX_DATAGRAMS;
          memcpy (lines[0].bytes[at], &(uint64_t){ source->given }, 8);
          lines[0].lengths[at] = 2000;
          source->given++;
        }
      g_cond_signal (&lines[0].changed);
      g_mutex_unlock (&lines[0].lock);
      g_usleep (full ? 1000 : 10);
    }
  ck_assert_uint_lt (source->given, 1000); /* 1 MiB of them in the mailbox, and the line full */
  real_run_to (&sink->got, source->given);
  ck_assert_uint_eq (sink->out_of_order, 0);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

/* Freed at any moment: while it sends, while things wait in its mailboxes, before it was started. */
START_TEST (freed)
{
  proxies[0].send_us = 3000;
  for (unsigned i = 0; i < 12; i++)
    {
      ShoalRealNode *a = node_new (0, 0), *b = node_new (1, 0);
      start (a, 100, HOSE_ENDLESS);
      if (i % 3)
        start (b, 8, 0);
      real_run_for (i % 2 ? 0 : 7 * SHOAL_MS);
      g_usleep (i * 700);
      shoal_real_node_free (a);
      ShoalTime begin = shoal_loop_now (real_loop);
      shoal_real_node_free (b); /* its receiver waits 100 ms at most */
      ck_assert_int_lt (shoal_loop_now (real_loop) - begin, 5 * SHOAL_SECOND);
      real_run_for (0);
    }
}
END_TEST

static void
note_closed (void *context, ShoalTime now, ShoalRealNode *node, const ShoalEvent *event)
{
  (void)now;
  (void)node;
  ck_assert_int_eq (event->kind, SHOAL_EVENT_CLOSED);
  ck_assert_int_eq (g_atomic_int_get (&proxies[0].sendings), 1);
  *(uint64_t *)context = 1;
}

/* It is told when the farewell has left. */
START_TEST (closes)
{
  uint64_t told = 0;
  proxies[0].send_us = 50000;
  ShoalTransport transport = { .send = proxy_send, .receive = proxy_receive, .context = &proxies[0] };
  ShoalRealNodeOptions options = { .transport = &transport, .on_event = note_closed, .context = &told };
  ShoalRealNode *a = shoal_real_node_new (real_loop, &options, NULL);
  Hose *hose = hose_new (&SOMEWHERE, 100, 1);
  hose->closed = true;
  shoal_real_node_start (a, &hose->machine);
  real_run_to (&told, 1);
  shoal_real_node_free (a);
}
END_TEST

static Suite *
transport_suite (void)
{
  Suite *suite = suite_create ("transport");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, set_up, real_tear_down);
  tcase_add_test (tests, carries);
  tcase_add_test (tests, pulls);
  tcase_add_test (tests, failures);
  tcase_add_test (tests, closed_by_its_owner);
  tcase_add_test (tests, held_up);
  tcase_add_test (tests, freed);
  tcase_add_test (tests, closes);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (transport_suite (), NULL);
}
