/* When blocks came, as it is recorded: every block once, in order, and from whom the sources say. */
#include "tests/harness.h"
#include "tests/recorded.h"

#define S INT64_C (1000000000)

static const char SHARE[] = "nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"
                            "- {name: B, count: 3, actions: [{at: 1 s, download: F1}]}\n";

static void
check_arrival (const ShoalArrivalRow *arrival, const ShoalTransferRow *transfer)
{
  ck_assert_int_le (transfer->start_ns, arrival->asked_ns);
  ck_assert_int_lt (arrival->asked_ns, arrival->first_ns);
  ck_assert_int_ge (arrival->first_ns, transfer->first_byte_ns);
  ck_assert_int_le (arrival->first_ns, arrival->held_ns);
  ck_assert_int_le (arrival->held_ns, transfer->end_ns);
}

/* Blocks of one giver are no more than the bytes that came from it. */
static void
check_givers (const Recorded *r, const ShoalTransferRow *transfer)
{
  for (unsigned i = 0; i < transfer->sources->len; i++)
    {
      const ShoalSourceRow *source = g_ptr_array_index (transfer->sources, i);
      uint64_t blocks = 0;
      for (unsigned k = 0; k < transfer->arrivals->len; k++)
        blocks +=
            g_array_index (transfer->arrivals, ShoalArrivalRow, k).giver == recorded_node (r, source->node);
      ck_assert_uint_le (blocks, (source->bytes + 16383) / 16384);
      ck_assert_uint_gt (blocks, 0);
    }
}

START_TEST (every_block_once)
{
  g_auto (Recorded) r = recorded_play (SHARE, (ShoalModel)_i, 7);
  ck_assert (r.row->recorded);
  for (unsigned i = 0; i < r.row->transfers->len; i++)
    {
      const ShoalTransferRow *transfer = g_ptr_array_index (r.row->transfers, i);
      bool seen[62] = { false };
      ck_assert_uint_eq (transfer->arrivals->len, 62);
      for (unsigned k = 0; k < 62; k++)
        {
          const ShoalArrivalRow *arrival = &g_array_index (transfer->arrivals, ShoalArrivalRow, k);
          ck_assert_uint_lt (arrival->block, 62);
          ck_assert (!seen[arrival->block]);
          seen[arrival->block] = true;
          check_arrival (arrival, transfer);
          ck_assert (k == 0 || arrival[-1].held_ns <= arrival->held_ns);
        }
      check_givers (&r, transfer);
    }
}
END_TEST

/* What survived a crash came from nobody: it was asked for, to be proved, and no part of it came. */
START_TEST (what_was_here)
{
  g_auto (Recorded) r =
      recorded_play ("nodes:\n- {name: A, actions: [{at: 0 s, register: F1}]}\n"
                     "- {name: B, actions: [{at: 1 s, download: F1}, {at: 6 s, crash: true},"
                     " {at: 7 s, return: true, keeping: 100 %}, {on: return, download: F1}]}\n",
                     SHOAL_MODEL_P2P, 1);
  const ShoalTransferRow *before = recorded_transfer (&r, "B", 0), *after = recorded_transfer (&r, "B", 1);
  unsigned was_here = 0;
  ck_assert_str_eq (before->status, "failed");
  ck_assert_uint_gt (before->arrivals->len, 10);
  ck_assert_uint_eq (after->arrivals->len, 62);
  for (unsigned i = 0; i < after->arrivals->len; i++)
    {
      const ShoalArrivalRow *arrival = &g_array_index (after->arrivals, ShoalArrivalRow, i);
      ck_assert_int_ge (arrival->asked_ns, 7 * S);
      ck_assert ((arrival->giver == -1) == (arrival->first_ns == SHOAL_ROW_NO_TIME));
      was_here += arrival->giver == -1;
    }
  ck_assert_uint_eq (was_here, before->arrivals->len);
}
END_TEST

static Suite *
recording_suite (void)
{
  Suite *suite = suite_create ("recording");
  TCase *arrivals = tcase_create ("arrivals");
  tcase_add_loop_test (arrivals, every_block_once, SHOAL_MODEL_P2P, SHOAL_MODEL_SERVER_CLIENT + 1);
  tcase_add_test (arrivals, what_was_here);
  suite_add_tcase (suite, arrivals);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (recording_suite (), NULL);
}
