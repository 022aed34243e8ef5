/* Addresses and magnet links as people write them. */
#include "real/address.h"
#include "src/infodict.h"
#include "tests/harness.h"

static const struct {
  const char *text;
  uint16_t default_port;
  const char *shown; /* NULL: refused with the words below */
  const char *words;
} cases[] = {
  { "127.0.0.1:6969", 0, "127.0.0.1:6969", NULL },
  { "127.0.0.1", 6969, "127.0.0.1:6969", NULL },
  { "127.0.0.1:1", 6969, "127.0.0.1:1", NULL },
  { "10.20.30.40:65535", 0, "10.20.30.40:65535", NULL },
  { "[::1]:6969", 0, "[::1]:6969", NULL },
  { "[2001:db8::5]", 6969, "[2001:db8::5]:6969", NULL },
  { "2001:db8::5", 6969, "[2001:db8::5]:6969", NULL },
  { "::1", 6969, "[::1]:6969", NULL },
  { "::ffff:10.1.2.3", 6969, "10.1.2.3:6969", NULL },
  { "localhost:7", 0, "127.0.0.1:7", NULL },
  { "localhost", 6969, "127.0.0.1:6969", NULL },
  { "udp://127.0.0.1:6969/announce", 0, "127.0.0.1:6969", NULL },
  { "UDP://[::1]:6969", 0, "[::1]:6969", NULL },
  { "127.0.0.1", 0, NULL, "the port is missing" },
  { "::1", 0, NULL, "the port is missing" },
  { "127.0.0.1:", 0, NULL, "from 1 to 65535" },
  { "127.0.0.1:0", 0, NULL, "from 1 to 65535" },
  { "127.0.0.1:65536", 0, NULL, "from 1 to 65535" },
  { "127.0.0.1:x", 0, NULL, "from 1 to 65535" },
  { "127.0.0.1:-1", 0, NULL, "from 1 to 65535" },
  { "127.0.0.1:99999999999999999999", 0, NULL, "from 1 to 65535" },
  { "[::1", 6969, NULL, "']' after the IPv6 address is missing" },
  { "[::1]x", 6969, NULL, "expected ':' and a port" },
  { "[::1]:", 0, NULL, "from 1 to 65535" },
  { "", 6969, NULL, "the host is missing" },
  { ":6969", 0, NULL, "the host is missing" },
  { "[]:6969", 0, NULL, "the host is missing" },
  /* Too long a label: known not to be a name without asking anybody. */
  { "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.invalid:1", 0, NULL,
    "is not known" },
};

START_TEST (addresses)
{
  ShoalAddr addr;
  GError *error = NULL;
  bool read = shoal_address_parse (cases[_i].text, cases[_i].default_port, &addr, &error);
  ck_assert_msg (read == (cases[_i].shown != NULL), "%s: %s", cases[_i].text,
                 error ? error->message : "read");
  if (read)
    {
      char *shown = shoal_address_text (&addr);
      ShoalAddr again;
      ck_assert_str_eq (shown, cases[_i].shown);
      ck_assert (shoal_address_parse (shown, 0, &again, NULL));
      ck_assert (shoal_addr_equal (&addr, &again));
      g_free (shown);
      return;
    }
  ck_assert_msg (strstr (error->message, cases[_i].words) != NULL, "%s", error->message);
  ck_assert_msg (strstr (error->message, cases[_i].text) != NULL, "%s", error->message);
  g_error_free (error);
}
END_TEST

START_TEST (magnets)
{
  ShoalFid fid = { .bytes = { 1, 2, 3 } }, read;
  char *magnet = shoal_magnet_text (&fid, "a b&c=\303\244%.iso", 12345, "[::1]:6969");
  ck_assert_str_eq (magnet, "magnet:?xt=urn:btmh:1220"
                            "0102030000000000000000000000000000000000000000000000000000000000"
                            "&dn=a%20b%26c%3D%C3%A4%25.iso&xl=12345&tr=udp%3A%2F%2F%5B%3A%"
                            "3A1%5D%3A6969");
  ck_assert (shoal_fid_parse (magnet, &read));
  ck_assert (shoal_fid_equal (&fid, &read));
  char **trackers = shoal_magnet_trackers (magnet);
  ck_assert_uint_eq (g_strv_length (trackers), 1);
  ck_assert_str_eq (trackers[0], "[::1]:6969");
  g_strfreev (trackers);
  g_free (magnet);
  magnet = shoal_magnet_text (&fid, NULL, 0, NULL);
  ck_assert (g_str_has_suffix (magnet, "0000"));
  trackers = shoal_magnet_trackers (magnet);
  ck_assert_uint_eq (g_strv_length (trackers), 0);
  g_strfreev (trackers);
  g_free (magnet);
}
END_TEST

START_TEST (foreign_magnets)
{
  char **trackers = shoal_magnet_trackers ("MAGNET:?xt=urn:btih:x&tr=http%3A%2F%2Fa.example%"
                                           "2Fannounce&tr=udp://b.example:80/announce"
                                           "&tr.2=udp%3A%2F%2F10.0.0.1%3A6969&tr=udp://"
                                           "noport.example&tr=&tr=%zz&x.pe=1.2.3.4:5");
  ck_assert_uint_eq (g_strv_length (trackers), 2);
  ck_assert_str_eq (trackers[0], "b.example:80");
  ck_assert_str_eq (trackers[1], "10.0.0.1:6969");
  g_strfreev (trackers);
  trackers = shoal_magnet_trackers ("0102&tr=udp://b.example:80");
  ck_assert_uint_eq (g_strv_length (trackers), 0);
  g_strfreev (trackers);
}
END_TEST

static Suite *
address_suite (void)
{
  Suite *suite = suite_create ("address");
  TCase *tcase = tcase_create ("address");
  tcase_add_loop_test (tcase, addresses, 0, G_N_ELEMENTS (cases));
  tcase_add_test (tcase, magnets);
  tcase_add_test (tcase, foreign_magnets);
  suite_add_tcase (suite, tcase);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (address_suite (), NULL);
}
