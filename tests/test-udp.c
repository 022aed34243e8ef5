/* The socket of a proxy, over the host's own network. */
#define _GNU_SOURCE
#include "real/udp-internal.h"
#include "src/random.h"
#include "tests/harness.h"
#include "tests/sockets.h"

#include <errno.h>
#include <unistd.h>

#define MANY 512

/* ---- addresses ---- */

START_TEST (both_kinds_by_one_socket)
{
  ShoalUdp *both = sockets_open (NULL), *v4 = sockets_open (&SOCKETS_LOCAL4),
           *v6 = sockets_have_ipv6 () ? sockets_open (&SOCKETS_LOCAL6) : NULL;
  ShoalAddr addr4 = shoal_udp_address (v4);
  ck_assert_uint_ne (shoal_udp_address (both).port, 0);
  sockets_send_text (v4, sockets_with_port (SOCKETS_LOCAL4, both), "four");
  sockets_expect_text (both, "four", &addr4);
  sockets_send_text (both, addr4, "back to four");
  ShoalAddr back = sockets_with_port (SOCKETS_LOCAL4, both);
  sockets_expect_text (v4, "back to four", &back);
  if (v6)
    {
      ShoalAddr addr6 = shoal_udp_address (v6);
      sockets_send_text (v6, sockets_with_port (SOCKETS_LOCAL6, both), "six");
      sockets_expect_text (both, "six", &addr6);
      sockets_send_text (both, addr6, "back to six");
      back = sockets_with_port (SOCKETS_LOCAL6, both);
      sockets_expect_text (v6, "back to six", &back);
    }
  shoal_udp_free (both);
  shoal_udp_free (v4);
  shoal_udp_free (v6);
}
END_TEST

START_TEST (one_address)
{
  ShoalUdp *v4 = sockets_open (&SOCKETS_LOCAL4), *again;
  ShoalAddr addr = shoal_udp_address (v4);
  ck_assert_uint_eq (addr.family, 4);
  ck_assert_mem_eq (addr.ip, SOCKETS_LOCAL4.ip, sizeof addr.ip);
  ck_assert_uint_gt (addr.port, 0);
  shoal_udp_free (v4);
  again = sockets_open (&addr); /* the port that was asked for */
  ck_assert_uint_eq (shoal_udp_address (again).port, addr.port);
  shoal_udp_free (again);
  if (!sockets_have_ipv6 ())
    return;
  ShoalUdp *v6 = sockets_open (&SOCKETS_LOCAL6);
  addr = shoal_udp_address (v6);
  ck_assert_uint_eq (addr.family, 6);
  ck_assert_mem_eq (addr.ip, SOCKETS_LOCAL6.ip, sizeof addr.ip);
  shoal_udp_free (v6);
}
END_TEST

/* A port without an address: of all addresses. */
START_TEST (only_a_port)
{
  ShoalUdp *first = sockets_open (NULL);
  ShoalAddr wanted = { .port = shoal_udp_address (first).port };
  shoal_udp_free (first);
  ShoalUdp *udp = sockets_open (&wanted), *other = sockets_open (&SOCKETS_LOCAL4);
  ShoalAddr from = shoal_udp_address (other);
  ck_assert_uint_eq (shoal_udp_address (udp).port, wanted.port);
  sockets_send_text (other, sockets_with_port (SOCKETS_LOCAL4, udp), "hello");
  sockets_expect_text (udp, "hello", &from);
  shoal_udp_free (udp);
  shoal_udp_free (other);
}
END_TEST

/* Somebody whom the socket's kind of address does not reach. */
START_TEST (other_kind)
{
  ShoalUdp *v4 = sockets_open (&SOCKETS_LOCAL4);
  ShoalAddr to = SOCKETS_LOCAL6, mine = shoal_udp_address (v4);
  unsigned errors;
  const char *text = NULL;
  to.port = 9;
  ShoalUdpSend datagrams[2] = { { to, (const uint8_t *)"x", 1 }, { mine, (const uint8_t *)"me", 2 } };
  ck_assert_uint_eq (shoal_udp_send (v4, datagrams, 2, &errors, &text), 2);
  ck_assert_uint_eq (errors, 1);
  ck_assert_ptr_nonnull (text);
  sockets_expect_text (v4, "me", &mine);
  shoal_udp_free (v4);
}
END_TEST

static void
expect_refusal (const ShoalAddr *addr, int code, const char *advice)
{
  GError *error = NULL;
  ck_assert_ptr_null (shoal_udp_new (addr, &error));
  ck_assert_msg (g_error_matches (error, G_IO_ERROR, code), "%s", error->message);
  ck_assert_msg (strstr (error->message, advice) != NULL, "'%s' lacks '%s'", error->message, advice);
  g_error_free (error);
}

START_TEST (port_in_use)
{
  ShoalUdp *all = sockets_open (NULL), *one = sockets_open (&SOCKETS_LOCAL4);
  ShoalAddr again = { .port = shoal_udp_address (all).port };
  g_autofree char *advice = g_strdup_printf ("UDP port %u is in use; choose another, or 0", again.port);
  expect_refusal (&again, G_IO_ERROR_ADDRESS_IN_USE, advice);
  again = shoal_udp_address (one);
  expect_refusal (&again, G_IO_ERROR_ADDRESS_IN_USE, "is in use");
  shoal_udp_free (all);
  shoal_udp_free (one);
}
END_TEST

START_TEST (not_our_address)
{
  ShoalAddr addr = { .family = 4, .ip = { 198, 51, 100, 7 } }; /* of documentation, nobody has it */
  expect_refusal (&addr, G_IO_ERROR_FAILED, "198.51.100.7 is not an address of this host");
}
END_TEST

START_TEST (no_permission)
{
  ShoalAddr addr = { .family = 4, .ip = { 127, 0, 0, 1 }, .port = 999 };
  if (g_strcmp0 (g_getenv ("CK_FORK"), "no") == 0 || (geteuid () == 0 && setuid (65534) != 0))
    return; /* other tests would be without it too */
  ShoalUdp *udp = shoal_udp_new (&addr, NULL);
  if (!udp) /* some systems let everybody */
    expect_refusal (&addr, G_IO_ERROR_PERMISSION_DENIED, "choose one from 1024 on");
  shoal_udp_free (udp);
}
END_TEST

/* ---- datagrams ---- */

static uint8_t pattern[70000];

static void
make_pattern (void)
{
  for (size_t i = 0; i < sizeof pattern; i++)
    pattern[i] = (uint8_t)(i * 7 + i / 251);
}

START_TEST (large_datagrams)
{
  static const size_t lengths[] = { 0, 1, 1400, 16404, 17800, 65507 };
  const ShoalAddr *where = _i == 0 ? &SOCKETS_LOCAL4 : &SOCKETS_LOCAL6;
  if (_i == 1 && !sockets_have_ipv6 ())
    return;
  ShoalUdp *a = sockets_open (where), *b = sockets_open (NULL);
  for (unsigned i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      size_t length = MIN (lengths[i], _i == 0 ? 65507 : 65488); /* with the headers 65,535 and 65,536 */
      ShoalUdpSend out = { sockets_with_port (*where, b), pattern + i, length };
      ShoalUdpReceived got;
      sockets_send (a, &out, 1);
      sockets_receive (b, &got);
      ck_assert_uint_eq (got.length, length);
      ck_assert_int_eq (memcmp (got.bytes, pattern + i, got.length), 0);
    }
  shoal_udp_free (a);
  shoal_udp_free (b);
}
END_TEST

/* The middle one is larger than a datagram can be: it is told, and the others go. */
START_TEST (too_large)
{
  ShoalUdp *a = sockets_open (&SOCKETS_LOCAL4), *b = sockets_open (&SOCKETS_LOCAL4);
  ShoalAddr to = shoal_udp_address (b), from = shoal_udp_address (a);
  ShoalUdpSend datagrams[3] = { { to, (const uint8_t *)"one", 3 },
                                { to, pattern, 65508 },
                                { to, (const uint8_t *)"three", 5 } };
  unsigned errors;
  const char *text = NULL;
  ck_assert_uint_eq (shoal_udp_send (a, datagrams, 3, &errors, &text), 3);
  ck_assert_uint_eq (errors, 1);
  ck_assert_str_eq (text, g_strerror (EMSGSIZE));
  ck_assert (a->out.segments);
  sockets_expect_text (b, "one", &from);
  sockets_expect_text (b, "three", &from);
  shoal_udp_free (a);
  shoal_udp_free (b);
}
END_TEST

/* Datagrams of many sizes to three sockets, many in a row of one size: each gets its own, in order. */
typedef struct {
  ShoalUdp *to[3];
  ShoalUdpSend sent[MANY];
  unsigned whose[MANY];
} Mixture;

static void
mix (Mixture *m, ShoalRandom *random)
{
  static const unsigned sizes[] = { 1, 20, 1200, 1400, 16404 };
  unsigned whose = 0, size = 1400;
  for (unsigned i = 0; i < MANY; i++)
    {
      if (shoal_random_below (random, 8) == 0)
        whose = shoal_random_below (random, 3);
      if (shoal_random_below (random, 12) == 0)
        size = sizes[shoal_random_below (random, G_N_ELEMENTS (sizes))];
      bool odd = shoal_random_below (random, 10) == 0;
      m->whose[i] = whose;
      m->sent[i] = (ShoalUdpSend){ .to = shoal_udp_address (m->to[whose]),
                                   .bytes = pattern + i,
                                   .length = odd ? shoal_random_below (random, 2 * size) : size };
    }
}

static void
check_mixture (Mixture *m, unsigned whose, unsigned room)
{
  ShoalUdpReceived got[64];
  uint64_t lost;
  unsigned i = 0, n;
  while ((n = shoal_udp_receive (m->to[whose], got, room, &lost)) > 0)
    for (unsigned k = 0; k < n; k++, i++)
      {
        ck_assert_uint_eq (lost, 0);
        while (i < MANY && m->whose[i] != whose)
          i++;
        ck_assert_uint_lt (i, MANY);
        ck_assert_uint_eq (got[k].length, m->sent[i].length);
        ck_assert_int_eq (memcmp (got[k].bytes, m->sent[i].bytes, got[k].length), 0);
      }
  while (i < MANY && m->whose[i] != whose)
    i++;
  ck_assert_uint_eq (i, MANY);
}

/* _i: bit 0: the kernel does not cut, bit 1: it does not join, bit 2: room for one at a time. */
START_TEST (runs)
{
  Mixture m;
  ShoalRandom random;
  ShoalUdp *from = sockets_open (NULL);
  int off = 0;
  shoal_random_init (&random, (uint64_t)_i, "runs");
  from->out.segments = from->out.segments && !(_i & 1);
  for (unsigned i = 0; i < 3; i++)
    m.to[i] = sockets_open (&SOCKETS_LOCAL4);
  for (unsigned i = 0; (_i & 2) && i < 3; i++)
    setsockopt (shoal_udp_fd (m.to[i]), SOL_UDP, UDP_GRO, &off, sizeof off);
  mix (&m, &random);
  sockets_send (from, m.sent, MANY);
  for (unsigned i = 0; i < 3; i++)
    check_mixture (&m, i, (_i & 4) ? 1 : 64);
  for (unsigned i = 0; i < 3; i++)
    shoal_udp_free (m.to[i]);
  shoal_udp_free (from);
}
END_TEST

/* Without checksums the kernel does not cut: then all go one by one, and nothing is lost. */
START_TEST (runs_refused)
{
  ShoalUdp *a = sockets_open (&SOCKETS_LOCAL4), *b = sockets_open (&SOCKETS_LOCAL4);
  ShoalUdpReceived got[16];
  ShoalUdpSend out[10];
  uint64_t lost;
  int on = 1;
  if (!a->out.segments)
    return;
  ck_assert_int_eq (setsockopt (shoal_udp_fd (a), SOL_SOCKET, SO_NO_CHECK, &on, sizeof on), 0);
  for (unsigned i = 0; i < 10; i++)
    out[i] = (ShoalUdpSend){ shoal_udp_address (b), pattern + i, 1400 };
  sockets_send (a, out, 10);
  ck_assert (!a->out.segments);
  ck_assert_uint_eq (shoal_udp_receive (b, got, 16, &lost), 10);
  for (unsigned i = 0; i < 10; i++)
    ck_assert_mem_eq (got[i].bytes, pattern + i, 1400);
  shoal_udp_free (a);
  shoal_udp_free (b);
}
END_TEST

/* Large ones that nobody takes do not switch runs off: they would not go by themselves either. */
START_TEST (runs_unreachable)
{
  ShoalUdp *a = sockets_open (&SOCKETS_LOCAL4);
  ShoalUdpSend out[10];
  unsigned errors;
  for (unsigned i = 0; i < 10; i++)
    out[i] = (ShoalUdpSend){ { .family = 4, .ip = { 255, 255, 255, 255 }, .port = 9 }, pattern, 1400 };
  ck_assert_uint_eq (shoal_udp_send (a, out, 10, &errors, NULL), 10); /* broadcasting is not allowed */
  ck_assert_uint_eq (errors, 10);
  ck_assert_uint_eq (a->out.singly, 0);
  shoal_udp_free (a);
}
END_TEST

/* ---- trouble, and what the kernel tells ---- */

/* "Port unreachable" comes back, and waits on the socket until the next call: it is counted, and stops
 * neither sending nor receiving. */
START_TEST (refused)
{
  ShoalUdp *a = sockets_open (&SOCKETS_LOCAL4), *b = sockets_open (&SOCKETS_LOCAL4),
           *gone = sockets_open (&SOCKETS_LOCAL4);
  ShoalAddr nobody = shoal_udp_address (gone), to = shoal_udp_address (b), from = shoal_udp_address (a);
  ShoalUdpReceived got;
  uint64_t lost;
  unsigned errors, all = 0;
  int on = 1;
  shoal_udp_free (gone);
  setsockopt (shoal_udp_fd (a), IPPROTO_IP, IP_RECVERR, &on, sizeof on); /* the kernel reports it to us */
  for (unsigned i = 0; i < 20; i++)
    {
      ShoalUdpSend out[3] = { { nobody, pattern, 1 }, { to, pattern, 1 }, { to, pattern, 2 } };
      ck_assert_uint_eq (shoal_udp_send (a, out, 1, &errors, NULL), 1);
      all += errors;
      ck_assert_uint_eq (shoal_udp_send (a, out + 1, 2, &errors, NULL), 2);
      all += errors;
    }
  ck_assert_uint_gt (all, 0);
  ck_assert_uint_le (all, 20); /* each loses one datagram at most */
  for (unsigned i = 0; i < 40 - all; i++)
    sockets_receive (b, &got);
  ck_assert_uint_eq (shoal_udp_receive (b, &got, 1, &lost), 0);
  sockets_send (a, &(ShoalUdpSend){ nobody, pattern, 1 }, 1);
  sockets_send_text (b, from, "answer");
  sockets_expect_text (a, "answer", &to);
  shoal_udp_free (a);
  shoal_udp_free (b);
}
END_TEST

START_TEST (arrival_times)
{
  ShoalUdp *a = sockets_open (&SOCKETS_LOCAL4), *b = sockets_open (&SOCKETS_LOCAL4);
  for (unsigned i = 0; i < 3; i++)
    {
      ShoalUdpReceived got;
      ShoalTime before = g_get_monotonic_time () * 1000;
      sockets_send_text (a, shoal_udp_address (b), "now");
      ShoalTime after = g_get_monotonic_time () * 1000 + 1000;
      g_usleep (30000);
      sockets_receive (b, &got);
      ck_assert_int_ge (got.arrived_at, before - SHOAL_MS); /* two clocks are compared */
      ck_assert_int_le (got.arrived_at, after + SHOAL_MS);
    }
  shoal_udp_free (a);
  shoal_udp_free (b);
}
END_TEST

/* What the kernel had no room for is counted with what comes next. */
START_TEST (overflow)
{
  ShoalUdp *a = sockets_open (&SOCKETS_LOCAL4), *b = sockets_open (&SOCKETS_LOCAL4);
  ShoalUdpReceived got[64];
  int small = 20000;
  unsigned received = 0, n;
  uint64_t lost = 0, new_lost;
  a->out.segments = false; /* a run that is lost is one to the kernel */
  setsockopt (shoal_udp_fd (b), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  for (unsigned round = 0; round < 2; round++)
    {
      for (unsigned i = 0; i < 200; i++)
        sockets_send (a, &(ShoalUdpSend){ shoal_udp_address (b), pattern, 1000 }, 1);
      while ((n = shoal_udp_receive (b, got, 64, &new_lost)) > 0)
        {
          received += n;
          lost += new_lost;
        }
    }
  sockets_send_text (a, shoal_udp_address (b), "last");
  sockets_receive (b, got);
  sockets_send_text (a, shoal_udp_address (b), "again");
  ck_assert_uint_eq (shoal_udp_receive (b, got, 64, &new_lost), 1);
  ck_assert_uint_eq (new_lost, 0);
  ck_assert_uint_lt (received, 400);
  ck_assert_uint_ge (lost, 200 - received / 2 - 10);
  shoal_udp_free (a);
  shoal_udp_free (b);
}
END_TEST

START_TEST (buffers)
{
  ShoalUdp *udp = sockets_open (NULL);
  ck_assert_uint_ge (shoal_udp_receive_buffer (udp), 100000);
  ck_assert (!shoal_udp_holds_more (udp));
  shoal_udp_free (udp);
  shoal_udp_free (NULL);
}
END_TEST

static Suite *
udp_suite (void)
{
  Suite *suite = suite_create ("udp");
  TCase *tests = tcase_create ("addresses");
  tcase_add_test (tests, both_kinds_by_one_socket);
  tcase_add_test (tests, one_address);
  tcase_add_test (tests, only_a_port);
  tcase_add_test (tests, other_kind);
  tcase_add_test (tests, port_in_use);
  tcase_add_test (tests, not_our_address);
  tcase_add_test (tests, no_permission);
  suite_add_tcase (suite, tests);
  tests = tcase_create ("datagrams");
  tcase_add_loop_test (tests, large_datagrams, 0, 2);
  tcase_add_test (tests, too_large);
  tcase_add_loop_test (tests, runs, 0, 8);
  tcase_add_test (tests, runs_refused);
  tcase_add_test (tests, runs_unreachable);
  suite_add_tcase (suite, tests);
  tests = tcase_create ("kernel");
  tcase_add_test (tests, refused);
  tcase_add_test (tests, arrival_times);
  tcase_add_test (tests, overflow);
  tcase_add_test (tests, buffers);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  make_pattern ();
  return shoal_run_suites (udp_suite (), NULL);
}
