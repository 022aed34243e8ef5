/* Golden traces: what goes over the wire in a handshake, byte by byte, and every event of the scenario
 * `simple`. They change only on purpose, and then in the same commit:
 *
 *   SHOAL_WRITE_GOLDEN=1 make check TESTS=tests/test-golden
 *
 * writes them anew into tests/golden/ of the source folder; look at the difference before you commit it. */
#define _POSIX_C_SOURCE 200809L /* open_memstream() */

#include "scenarios/run.h"
#include "sim/world.h"
#include "tests/harness.h"
#include "tests/pair.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define S SHOAL_SECOND

/* Where the two part: the number of the line, and both lines. */
static void
fail_at_difference (const char *path, const char *expected, const char *got)
{
  g_auto (GStrv) old = g_strsplit (expected, "\n", -1), new = g_strsplit (got, "\n", -1);
  guint i = 0;
  while (old[i] && new[i] && strcmp (old[i], new[i]) == 0)
    i++;
  ck_abort_msg ("%s:%u: expected '%s', got '%s' (SHOAL_WRITE_GOLDEN=1 writes it anew)", path, i + 1,
                old[i] ? old[i] : "the end", new[i] ? new[i] : "the end");
}

static void
compare (const char *name, const char *got)
{
  g_autofree char *path = g_strdup_printf ("tests/golden/%s.txt", name), *expected = NULL;
  GError *error = NULL;
  if (getenv ("SHOAL_WRITE_GOLDEN"))
    {
      ck_assert_msg (g_file_set_contents (path, got, -1, &error), "%s", error ? error->message : "");
      return;
    }
  ck_assert_msg (g_file_get_contents (path, &expected, NULL, &error), "%s", error ? error->message : "");
  if (strcmp (expected, got) != 0)
    fail_at_difference (path, expected, got);
}

/* ---- handshake ---- */

#define SHOWN_BYTES 64u

static bool
write_down (void *context, PairDatagram *d)
{
  PairWorld *w = ((void **)context)[0];
  GString *text = ((void **)context)[1];
  int to = -1;
  for (unsigned i = 0; i < w->nodes->len; i++)
    if (shoal_addr_equal (&pair_node (w, i)->addr, &d->to))
      to = (int)i;
  g_string_append_printf (text, "%.3f ms %d>%d %zu ", (double)(w->now - 1000 * S) / 1e6, d->sender, to,
                          d->length);
  for (size_t i = 0; i < MIN (d->length, SHOWN_BYTES); i++)
    g_string_append_printf (text, "%02x", d->bytes[i]);
  g_string_append (text, d->length > SHOWN_BYTES ? "...\n" : "\n");
  return true;
}

/* All that two peers say to each other from the first HELLO to GOODBYE, over a file of two blocks. */
START_TEST (handshake)
{
  PairWorld *w = pair_world_new (42);
  PairFile *file = pair_file_new ("golden", 20000, 42);
  PairPeerOptions options = { .tracker = -1, .upload_bytes_per_s = 1000000 };
  unsigned a = pair_add_peer (w, "A", &options), b = pair_add_peer (w, "B", &options);
  g_autoptr (GString) text = g_string_new (NULL);
  void *context[] = { w, text };
  w->on_sent = write_down;
  w->context = context;
  pair_register (w, a, file);
  pair_download (w, b, file, (int)a, 0);
  ck_assert (pair_run_done (w, b, 1, file, w->now + 10 * S));
  pair_run (w, w->now + 2 * S);
  pair_close (w, a);
  pair_close (w, b);
  pair_run (w, w->now + 5 * S);
  ck_assert (pair_right (w, b, file));
  compare ("handshake", text->str);
  pair_world_free (w);
  pair_file_free (file);
}
END_TEST

/* ---- simple ---- */

static char *
trace_of (const char *path, bool real)
{
  char *text = NULL;
  size_t length = 0;
  GError *error = NULL;
  FILE *out = open_memstream (&text, &length);
  ShoalScenario *scenario = shoal_scenario_load (path, &error);
  ck_assert_msg (scenario != NULL, "%s", error ? error->message : path);
  ck_assert (shoal_scenario_prepare (scenario, &error));
  ShoalWorldOptions options = { .seed = 1, .real_content = real, .trace = out };
  ShoalRunOptions run_options = { .seed = 1, .virtual_content = !real };
  ShoalBackend *world = shoal_world_new (&options);
  ShoalRunRow *row = shoal_scenario_run (scenario, SHOAL_MODEL_P2P, world, &run_options, &error);
  ck_assert_msg (row != NULL, "%s", error ? error->message : "");
  ck_assert (row->completed);
  shoal_run_row_free (row);
  world->ops->free (world);
  shoal_scenario_free (scenario);
  fclose (out);
  return text;
}

START_TEST (simple)
{
  char *text = trace_of ("scenarios/simple.yaml", _i == 1);
  compare ("simple", text);
  free (text);
}
END_TEST

static Suite *
golden_suite (void)
{
  Suite *suite = suite_create ("golden");
  TCase *tests = tcase_create ("all");
  tcase_add_test (tests, handshake);
  tcase_add_loop_test (tests, simple, 0, 2); /* virtual and real content leave the same trace */
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (golden_suite (), NULL);
}
