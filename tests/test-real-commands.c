/* Events of nodes, and commands from inside their handlers. */
#define _GNU_SOURCE
#include "real/node-internal.h"
#include "tests/harness.h"
#include "tests/real-play.h"

typedef struct {
  ShoalRealNode *nodes[3];
  Hose *hoses[3];
  unsigned depth, deepest, handled, limit;
} Circle;

/* Each event has the next node report one; the node itself is commanded too. */
static void
pass_on (void *context, ShoalTime now, ShoalRealNode *node, const ShoalEvent *event)
{
  Circle *c = context;
  (void)now;
  (void)event;
  unsigned i = 0;
  while (c->nodes[i] != node)
    i++;
  c->depth++;
  c->deepest = MAX (c->deepest, c->depth);
  c->handled++;
  for (unsigned k = 0; k < 3 && c->handled < c->limit; k++)
    if (k == (i + 1) % 3 || (k == i && c->handled % 10 == 0))
      {
        c->hoses[k]->events++;
        shoal_real_node_settle (c->nodes[k]);
        shoal_real_node_settle (node);
      }
  if (c->handled == c->limit)
    shoal_loop_stop (real_loop);
  c->depth--;
}

START_TEST (handlers_command)
{
  Circle c = { .limit = 3000 };
  for (unsigned i = 0; i < 3; i++)
    {
      c.nodes[i] = real_node_with (&(RealOptions){ .at = &REAL_LOCAL4, .on_event = pass_on, .context = &c });
      c.hoses[i] = real_start_sink (c.nodes[i]);
    }
  c.hoses[0]->events = 1;
  shoal_real_node_settle (c.nodes[0]);
  shoal_loop_run (real_loop, shoal_loop_now (real_loop) + 20 * SHOAL_SECOND);
  ck_assert_uint_ge (c.handled, c.limit);
  ck_assert_uint_eq (c.deepest, 1);
  for (unsigned i = 0; i < 3; i++)
    shoal_real_node_free (c.nodes[i]);
}
END_TEST

/* A command to the own node from inside its handler: what there is to send leaves. */
static void
answer_event (void *context, ShoalTime now, ShoalRealNode *node, const ShoalEvent *event)
{
  Hose *hose = (Hose *)shoal_real_node_machine (node);
  (void)context;
  (void)now;
  (void)event;
  hose->left = 5;
  shoal_real_node_settle (node);
}

START_TEST (handler_commands_itself)
{
  ShoalRealNode *a = real_node_with (&(RealOptions){ .at = &REAL_LOCAL4, .on_event = answer_event }),
                *b = real_node (0, 0);
  Hose *sink = real_start_sink (b), *source = real_start_source (a, b, 100, 0);
  source->events = 1;
  shoal_real_node_settle (a);
  real_run_to (&sink->got, 5);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

static void
free_other (void *context, ShoalTime now, ShoalRealNode *node, const ShoalEvent *event)
{
  ShoalRealNode **other = context;
  (void)now;
  (void)node;
  (void)event;
  shoal_real_node_settle (*other); /* wants a turn, and is gone before it comes */
  g_clear_pointer (other, shoal_real_node_free);
}

START_TEST (handler_frees_another)
{
  ShoalRealNode *b = real_node (0, 0);
  ShoalRealNode *a =
      real_node_with (&(RealOptions){ .at = &REAL_LOCAL4, .on_event = free_other, .context = &b });
  ShoalRealNode *c = real_node (0, 0);
  Hose *hose = real_start_source (a, b, 1000, 0);
  real_start_sink (b);
  real_start_source (c, b, 1000, 20); /* it is ready to read in the same round */
  hose->events = 1;
  hose->alarm = 0;
  shoal_loop_set_deadline (real_loop, &a->source, 0);
  real_run_for (10 * SHOAL_MS);
  ck_assert_ptr_null (b);
  shoal_real_node_free (a);
  shoal_real_node_free (c);
}
END_TEST

static void
stop_other (void *context, ShoalTime now, ShoalRealNode *node, const ShoalEvent *event)
{
  ShoalRealNode *other = context;
  (void)now;
  (void)node;
  (void)event;
  if (!shoal_real_node_machine (other))
    return;
  shoal_real_node_settle (other);
  ShoalMachine *machine = shoal_real_node_stop (other);
  machine->ops->free (machine);
}

/* Stopped while it is ready to read, sends and wants a turn: silent until it starts again, with another machine
 * behind the same port and the same rates. */
START_TEST (stops_and_starts)
{
  ShoalRealNode *b = real_node (100000, 0);
  ShoalRealNode *a =
      real_node_with (&(RealOptions){ .at = &REAL_LOCAL4, .on_event = stop_other, .context = b });
  for (unsigned i = 0; i < 10; i++)
    {
      ShoalRealNode *c = real_node (0, 0);
      Hose *hose = a->machine ? (Hose *)a->machine : real_start_source (a, b, 1000, 0);
      ShoalAddr self = shoal_real_node_address (a);
      Hose *busy = real_start (b, hose_new (&self, 1000, HOSE_ENDLESS));
      uint64_t given = busy->given;
      ck_assert_uint_eq (given, 1);
      real_start_source (c, b, 1000, 20);
      hose->events = 1;
      shoal_real_node_settle (a);
      real_run_for (5 * SHOAL_MS);
      ck_assert_ptr_null (shoal_real_node_machine (b));
      shoal_real_node_free (c);
    }
  Hose *sink = real_start_sink (b), *source = (Hose *)a->machine;
  source->left = 5;
  shoal_real_node_settle (a);
  real_run_to (&sink->got, 5); /* what came meanwhile was dropped */
  real_run_for (5 * SHOAL_MS);
  ck_assert_uint_eq (sink->got, 5);
  ck_assert_uint_eq (b->up.link.rate_bytes_per_s, 100000);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

static void
note_closed (void *context, ShoalTime now, ShoalRealNode *node, const ShoalEvent *event)
{
  ShoalTime *closed_at = context;
  (void)node;
  ck_assert_int_eq (event->kind, SHOAL_EVENT_CLOSED);
  ck_assert_int_eq (*closed_at, 0);
  *closed_at = now;
}

/* The farewell takes 100 ms on the uplink: then it is told. After that the node is deaf and dumb. */
START_TEST (closes)
{
  ShoalTime closed_at = 0;
  ShoalRealNode *b = real_node (0, 0);
  ShoalRealNode *a = real_node_with (
      &(RealOptions){ .at = &REAL_LOCAL4, .up = 1000, .on_event = note_closed, .context = &closed_at });
  Hose *sink = real_start_sink (b), *leaving = real_start_source (a, b, 100, 0);
  leaving->left = 1;
  leaving->machine.ops->close (&leaving->machine, shoal_loop_now (real_loop));
  ShoalTime begin = shoal_loop_now (real_loop);
  shoal_real_node_settle (a);
  ck_assert (leaving->told_closed);
  real_run_to (&sink->got, 1);
  ck_assert_int_ge (closed_at, begin + 100 * SHOAL_MS);
  leaving->left = 5; /* it is not asked any more */
  leaving->alarm = 0;
  sink->to = shoal_real_node_address (a);
  sink->left = 5;
  shoal_real_node_settle (a);
  shoal_real_node_settle (b);
  real_run_for (20 * SHOAL_MS);
  ck_assert_uint_eq (leaving->got, 0);
  ck_assert_uint_eq (leaving->wakes, 0);
  ck_assert_uint_eq (leaving->given, 1);
  ck_assert_uint_eq (sink->got, 1);
  shoal_real_node_free (a);
  shoal_real_node_free (b);
}
END_TEST

static Suite *
commands_suite (void)
{
  Suite *suite = suite_create ("real-commands");
  TCase *tests = tcase_create ("all");
  tcase_add_checked_fixture (tests, real_set_up, real_tear_down);
  tcase_add_test (tests, handlers_command);
  tcase_add_test (tests, handler_commands_itself);
  tcase_add_test (tests, handler_frees_another);
  tcase_add_test (tests, stops_and_starts);
  tcase_add_test (tests, closes);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (commands_suite (), NULL);
}
