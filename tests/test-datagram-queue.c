/* The proxy's queue: against a plain list, with sizes and rhythms of all kinds. */
#include "real/datagram-queue.h"
#include "src/random.h"
#include "tests/harness.h"

#define MAX_BYTES 300000u
#define STEPS 10000u

typedef struct {
  uint8_t fill;
  size_t length;
  ShoalTime arrived_at;
} Model;

static uint8_t bytes[70000];

static void
push (ShoalDatagramQueue *queue, GQueue *model, size_t *total, size_t length, unsigned step)
{
  Model *m = g_new (Model, 1);
  *m = (Model){ .fill = (uint8_t)step, .length = length, .arrived_at = step };
  memset (bytes, m->fill, length);
  ShoalQueued out = {
    .from = { .family = 4, .port = (uint16_t)step }, .arrived_at = step, .bytes = bytes, .length = length
  };
  bool fits = *total + length <= MAX_BYTES;
  bool pushed = shoal_datagram_queue_push (queue, &out);
  if (length >= 64) /* of many small ones what stands beside them counts too */
    ck_assert (pushed == fits);
  if (pushed)
    {
      ck_assert (fits);
      g_queue_push_tail (model, m);
      *total += length;
    }
  else
    g_free (m);
}

static bool
filled (const uint8_t *data, size_t length, uint8_t fill)
{
  return length == 0 || (data[0] == fill && memcmp (data, data + 1, length - 1) == 0);
}

static void
pop (ShoalDatagramQueue *queue, GQueue *model, size_t *total)
{
  ShoalQueued got;
  g_autofree Model *m = g_queue_pop_head (model);
  bool any = shoal_datagram_queue_first (queue, &got);
  ck_assert (any == (m != NULL));
  ck_assert (shoal_datagram_queue_empty (queue) == !any);
  if (!any)
    return;
  bool right = got.length == m->length && got.arrived_at == m->arrived_at
               && got.from.port == (uint16_t)m->arrived_at && filled (got.bytes, got.length, m->fill);
  ck_assert (right);
  *total -= m->length;
  shoal_datagram_queue_pop (queue);
}

/* Phases of filling and of emptying, of small, middling and large datagrams. */
START_TEST (like_a_list)
{
  ShoalRandom random;
  ShoalDatagramQueue queue;
  GQueue model = G_QUEUE_INIT;
  size_t total = 0;
  unsigned share = 50, size = 1500;
  shoal_random_init (&random, (uint64_t)_i, "queue");
  shoal_datagram_queue_init (&queue, MAX_BYTES);
  for (unsigned step = 0; step < STEPS; step++)
    {
      if (step % 500 == 0)
        {
          share = 20 + shoal_random_below (&random, 61);
          size = (unsigned[]){ 100, 1500, 20000, 65507 }[shoal_random_below (&random, 4)];
        }
      if (shoal_random_below (&random, 100) < share)
        push (&queue, &model, &total, shoal_random_below (&random, size), step);
      else
        pop (&queue, &model, &total);
      ck_assert_uint_eq (queue.bytes, total);
    }
  while (!g_queue_is_empty (&model))
    pop (&queue, &model, &total);
  pop (&queue, &model, &total);
  ck_assert_uint_eq (queue.bytes, 0);
  ck_assert_uint_le (queue.room, 4 * MAX_BYTES);
  shoal_datagram_queue_clear (&queue);
}
END_TEST

/* A flood of empty ones is bounded too. */
START_TEST (empty_ones)
{
  ShoalDatagramQueue queue;
  unsigned count = 0;
  ShoalQueued out = { .arrived_at = 1 };
  shoal_datagram_queue_init (&queue, MAX_BYTES);
  while (shoal_datagram_queue_push (&queue, &out))
    ck_assert_uint_lt (count++, MAX_BYTES);
  ck_assert_uint_gt (count, 1000);
  for (; count > 0; count--)
    shoal_datagram_queue_pop (&queue);
  ck_assert (shoal_datagram_queue_empty (&queue));
  shoal_datagram_queue_clear (&queue);
}
END_TEST

/* What a flood took is given back. */
START_TEST (after_a_flood)
{
  ShoalDatagramQueue queue;
  ShoalQueued out = { .bytes = bytes, .length = 16000 };
  unsigned count = 0;
  shoal_datagram_queue_init (&queue, 4 << 20);
  for (; shoal_datagram_queue_push (&queue, &out); count++)
    continue;
  ck_assert_uint_eq (count, (4 << 20) / 16000);
  ck_assert_uint_le (queue.room, 8 << 20);
  for (; count > 0; count--)
    shoal_datagram_queue_pop (&queue);
  ck_assert_uint_eq (queue.room, 0);
  ck_assert (shoal_datagram_queue_push (&queue, &out));
  shoal_datagram_queue_clear (&queue);
}
END_TEST

static Suite *
queue_suite (void)
{
  Suite *suite = suite_create ("datagram-queue");
  TCase *tests = tcase_create ("all");
  tcase_add_loop_test (tests, like_a_list, 0, 20);
  tcase_add_test (tests, empty_ones);
  tcase_add_test (tests, after_a_flood);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (queue_suite (), NULL);
}
