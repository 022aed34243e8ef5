/* What peers that break the rules make of an honest machine's datagrams. */
#include "sim/hostile.h"

#include "src/wire.h"
#include "tests/harness.h"

static ShoalHostile *hostile;

static void
set_up (void)
{
  const ShoalNodeSpec spec = { .name = "U", .behaviour = SHOAL_BEHAVIOUR_UNDERSTATER };
  hostile = shoal_hostile_new (&spec, 1);
}

static void
tear_down (void)
{
  shoal_hostile_free (hostile);
}

/* A datagram of a session with one message, whose body is a number. */
static ShoalDatagram
session_with (uint8_t type, uint32_t number)
{
  const ShoalSession session = { .cid = 7, .ack = 3, .has_chunk = true, .chunk = 9 };
  ShoalDatagram datagram = { .head_bytes = 0 };
  ShoalWriter w = shoal_writer (datagram.head, sizeof datagram.head);
  shoal_write_session (&w, &session);
  shoal_write_message (&w, type, shoal_varint_bytes (number));
  shoal_write_varint (&w, number);
  ck_assert (!w.failed);
  datagram.head_bytes = (uint16_t)w.length;
  return datagram;
}

static uint32_t
number_in (const ShoalDatagram *datagram)
{
  ShoalReader r = shoal_reader (datagram->head, datagram->head_bytes);
  ShoalSession session;
  ShoalMessage message;
  ck_assert (shoal_read_session (&r, &session));
  ck_assert (shoal_read_message (&r, &message));
  uint32_t number = shoal_read_varint (&message.body);
  ck_assert (!message.body.failed && message.body.left == 0 && r.left == 0);
  return number;
}

static const struct {
  uint32_t blocks, told;
} progress[] = {
  { 0, 0 },       { 5, 0 },         { 127, 0 },         { 128, 128 },
  { 16383, 128 }, { 16384, 16384 }, { 2000000, 16384 }, { 4000000, 2097152 },
};

START_TEST (progress_is_understated)
{
  ShoalDatagram datagram = session_with (SHOAL_MESSAGE_PROGRESS, progress[_i].blocks);
  uint16_t length = datagram.head_bytes;
  for (unsigned times = 0; times < 2; times++) /* also when the machine sends it again */
    {
      shoal_hostile_change (hostile, &datagram);
      ck_assert_uint_eq (datagram.head_bytes, length);
      ck_assert_uint_eq (number_in (&datagram), progress[_i].told);
    }
}
END_TEST

START_TEST (the_rest_is_left_alone)
{
  ShoalDatagram datagram = session_with (SHOAL_MESSAGE_HAVE, 300), before = datagram;
  shoal_hostile_change (hostile, &datagram);
  ck_assert_mem_eq (&datagram, &before, sizeof datagram);
  datagram =
      (ShoalDatagram){ .head = { SHOAL_DATAGRAM_HELLO, SHOAL_MESSAGE_PROGRESS, 1, 9 }, .head_bytes = 4 };
  before = datagram;
  shoal_hostile_change (hostile, &datagram);
  ck_assert_mem_eq (&datagram, &before, sizeof datagram);
}
END_TEST

/* Cut anywhere, it must not be read beyond its end. */
START_TEST (cut_short)
{
  ShoalDatagram whole = session_with (SHOAL_MESSAGE_PROGRESS, 300);
  for (uint16_t length = 1; length < whole.head_bytes; length++)
    {
      ShoalDatagram datagram = whole;
      datagram.head_bytes = length;
      shoal_hostile_change (hostile, &datagram);
      ck_assert_mem_eq (datagram.head, whole.head, sizeof whole.head);
    }
}
END_TEST

static Suite *
tampering_suite (void)
{
  Suite *suite = suite_create ("tampering");
  TCase *all = tcase_create ("understater");
  tcase_add_checked_fixture (all, set_up, tear_down);
  tcase_add_loop_test (all, progress_is_understated, 0, G_N_ELEMENTS (progress));
  tcase_add_test (all, the_rest_is_left_alone);
  tcase_add_test (all, cut_short);
  suite_add_tcase (suite, all);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (tampering_suite (), NULL);
}
