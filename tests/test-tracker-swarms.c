/* The tracker's table, through a random life, against a plain list of who is in which swarm. */
#include "src/tracker-swarms.h"
#include "tests/harness.h"

#define S SHOAL_SECOND

enum {
  SWARMS = 3,
  PEERS = 12,
  STEPS = 20000
};

typedef struct {
  bool in, seeder, completed;
  ShoalTime until;
} Peer;

typedef struct {
  ShoalSwarms *swarms;
  ShoalRandom random;
  ShoalTime now;
  Peer peers[SWARMS][PEERS];
  uint32_t completed[SWARMS];
} Model;

static ShoalAddr
addr_of (uint32_t i)
{
  return (ShoalAddr){ .family = i % 4 == 0 ? 6 : 4, .ip = { 10, (uint8_t)i }, .port = 7000 };
}

static void
check_counts (const Model *m, uint8_t swarm)
{
  uint8_t info_hash[SHOAL_BEP15_HASH_BYTES] = { swarm };
  ShoalBep15ScrapeEntry expected = { .completed = m->completed[swarm] };
  for (uint32_t i = 0; i < PEERS; i++)
    {
      expected.seeders += m->peers[swarm][i].in && m->peers[swarm][i].seeder;
      expected.leechers += m->peers[swarm][i].in && !m->peers[swarm][i].seeder;
    }
  ShoalBep15ScrapeEntry counts = shoal_swarms_counts (m->swarms, info_hash);
  ck_assert_uint_eq (counts.seeders, expected.seeders);
  ck_assert_uint_eq (counts.leechers, expected.leechers);
  ck_assert_uint_eq (counts.completed, expected.completed);
}

/* All that may be in asker's sample is in one that is large enough, once, and nothing else. */
static void
check_sample (Model *m, uint8_t swarm, uint32_t asker)
{
  uint8_t info_hash[SHOAL_BEP15_HASH_BYTES] = { swarm };
  ShoalAddr self = addr_of (asker), sample[PEERS];
  const Peer *peers = m->peers[swarm];
  unsigned count = shoal_swarms_sample (m->swarms, info_hash, &self, PEERS, &m->random, sample);
  for (uint32_t i = 0; i < PEERS; i++)
    {
      ShoalAddr addr = addr_of (i);
      bool useless = peers[asker].in && peers[asker].seeder && peers[i].seeder;
      unsigned expected = peers[i].in && i != asker && addr.family == self.family && !useless, times = 0;
      for (unsigned k = 0; k < count; k++)
        times += shoal_addr_equal (&sample[k], &addr);
      ck_assert_uint_eq (times, expected);
    }
}

/* A swarm that nobody is in is gone, and its count of completions with it. */
static void
forget_empty (Model *m)
{
  for (unsigned swarm = 0; swarm < SWARMS; swarm++)
    {
      bool any = false;
      for (uint32_t i = 0; i < PEERS; i++)
        any |= m->peers[swarm][i].in;
      if (!any)
        m->completed[swarm] = 0;
    }
}

static void
let_time_pass (Model *m)
{
  m->now += (ShoalTime)shoal_random_below (&m->random, 20) * S;
  shoal_swarms_expire (m->swarms, m->now);
  for (unsigned n = 0; n < SWARMS * PEERS; n++)
    if (m->peers[n / PEERS][n % PEERS].until <= m->now)
      m->peers[n / PEERS][n % PEERS] = (Peer){ 0 };
  forget_empty (m);
}

static void
put (Model *m, uint8_t swarm, uint32_t i)
{
  uint8_t info_hash[SHOAL_BEP15_HASH_BYTES] = { swarm };
  Peer *peer = &m->peers[swarm][i];
  ShoalSwarmPeer new = { .addr = addr_of (i), .expires_at = m->now + 100 * S };
  new.seeder = shoal_random_below (&m->random, 2) == 0;
  new.completed = shoal_random_below (&m->random, 4) == 0;
  ck_assert_int_eq (shoal_swarms_put (m->swarms, info_hash, &new), SHOAL_OK);
  m->completed[swarm] += new.completed && !peer->completed;
  *peer = (Peer){ true, new.seeder, peer->completed || new.completed, new.expires_at };
}

START_TEST (against_a_list)
{
  ShoalSwarmsOptions options = { .max_swarms = SWARMS, .max_peers = SWARMS * PEERS, .hash_key = 5 };
  Model m = { .swarms = shoal_swarms_new (&options) };
  shoal_random_init (&m.random, 7, "model");
  for (unsigned step = 0; step < STEPS; step++)
    {
      uint8_t swarm = (uint8_t)shoal_random_below (&m.random, SWARMS);
      uint32_t i = shoal_random_below (&m.random, PEERS);
      ShoalAddr addr = addr_of (i);
      let_time_pass (&m);
      if (shoal_random_below (&m.random, 4) > 0)
        put (&m, swarm, i);
      else
        {
          shoal_swarms_remove (m.swarms, (uint8_t[SHOAL_BEP15_HASH_BYTES]){ swarm }, &addr);
          m.peers[swarm][i] = (Peer){ 0 };
          forget_empty (&m);
        }
      check_counts (&m, swarm);
      check_sample (&m, swarm, i);
    }
  shoal_swarms_free (m.swarms);
}
END_TEST

START_TEST (room_is_limited)
{
  ShoalSwarms *swarms = shoal_swarms_new (&(ShoalSwarmsOptions){ .max_swarms = 2, .max_peers = 3 });
  uint8_t a[SHOAL_BEP15_HASH_BYTES] = { 1 }, b[SHOAL_BEP15_HASH_BYTES] = { 2 },
          c[SHOAL_BEP15_HASH_BYTES] = { 3 };
  ShoalSwarmPeer first = { .addr = addr_of (1), .expires_at = S },
                 second = { .addr = addr_of (2), .expires_at = S };
  ck_assert_int_eq (shoal_swarms_put (swarms, a, &first), SHOAL_OK);
  ck_assert_int_eq (shoal_swarms_put (swarms, b, &first), SHOAL_OK);
  ck_assert_int_eq (shoal_swarms_put (swarms, c, &first), SHOAL_TOO_LARGE);
  ck_assert_int_eq (shoal_swarms_put (swarms, b, &second), SHOAL_OK);
  ck_assert_int_eq (shoal_swarms_put (swarms, a, &second), SHOAL_TOO_LARGE);
  ck_assert_int_eq (shoal_swarms_put (swarms, b, &second), SHOAL_OK); /* no new one */
  ck_assert_uint_eq (shoal_swarms_count (swarms), 2);
  ck_assert_uint_eq (shoal_swarms_peers (swarms), 3);
  ck_assert_int_eq (shoal_swarms_next_expiry (swarms), S);
  shoal_swarms_expire (swarms, S);
  ck_assert_uint_eq (shoal_swarms_count (swarms), 0);
  ck_assert_int_eq (shoal_swarms_next_expiry (swarms), SHOAL_NEVER);
  ck_assert_int_eq (shoal_swarms_put (swarms, c, &first), SHOAL_OK);
  shoal_swarms_free (swarms);
}
END_TEST

static Suite *
swarm_suite (void)
{
  Suite *suite = suite_create ("swarm");
  TCase *tests = tcase_create ("all");
  tcase_add_test (tests, against_a_list);
  tcase_add_test (tests, room_is_limited);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (swarm_suite (), NULL);
}
