/* Datagrams and messages as bytes; and that docs/protocol.md says the same numbers as the code. */
#include "src/wire.h"
#include "tests/harness.h"

#include <stdlib.h>

static const ShoalFid some_fid = { { 1, 2, 3, 250, 251 } };

/* ---- round trips ---- */

START_TEST (hello)
{
  for (int with = 0; with <= 1; with++)
    {
      uint8_t bytes[64];
      ShoalWriter w = shoal_writer (bytes, sizeof bytes);
      ShoalHello in = { .version = 1, .flags = 3, .cid = 0xdeadbeef, .fid = some_fid, .has_cookie = with };
      memset (in.cookie, 0xa5, sizeof in.cookie);
      shoal_write_hello (&w, &in);
      ck_assert (!w.failed);
      ck_assert_uint_eq (w.length, with ? 47 : 39);
      ck_assert_uint_eq (bytes[0], 0x51);
      ck_assert_mem_eq (bytes + 3, "\xde\xad\xbe\xef", 4);
      ck_assert_mem_eq (bytes + 7, some_fid.bytes, 32);
      ShoalHello out = { 0 };
      ShoalReader r = shoal_reader (bytes, w.length);
      ck_assert (shoal_read_hello (&r, &out));
      ck_assert_uint_eq (out.version, 1);
      ck_assert_uint_eq (out.flags, 3);
      ck_assert_uint_eq (out.cid, 0xdeadbeef);
      ck_assert (shoal_fid_equal (&out.fid, &some_fid));
      ck_assert_int_eq (out.has_cookie, with);
      if (with)
        ck_assert_mem_eq (out.cookie, in.cookie, sizeof in.cookie);
    }
}
END_TEST

/* What a later version adds behind the cookie is ignored. */
START_TEST (longer_than_known)
{
  uint8_t bytes[80] = { 0 };
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalHello in = { .version = 2, .cid = 7, .has_cookie = true }, out;
  shoal_write_hello (&w, &in);
  ShoalReader r = shoal_reader (bytes, sizeof bytes);
  ck_assert (shoal_read_hello (&r, &out));
  ck_assert_uint_eq (out.version, 2);
  ck_assert_uint_eq (out.cid, 7);
}
END_TEST

START_TEST (cookie_welcome_refuse_reset)
{
  uint8_t bytes[64], cookie[SHOAL_COOKIE_BYTES] = { 9, 8, 7, 6, 5, 4, 3, 2 }, got[SHOAL_COOKIE_BYTES];
  uint32_t cid;
  uint8_t reason;
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_write_cookie (&w, 0x01020304, cookie);
  ck_assert_uint_eq (w.length, 13);
  ShoalReader r = shoal_reader (bytes, w.length);
  ck_assert (shoal_read_cookie (&r, &cid, got));
  ck_assert_uint_eq (cid, 0x01020304);
  ck_assert_mem_eq (got, cookie, sizeof cookie);

  ShoalWelcome in = { .version = 1, .flags = 2, .to_cid = 11, .cid = 0xffffffff }, out;
  w = shoal_writer (bytes, sizeof bytes);
  shoal_write_welcome (&w, &in);
  ck_assert_uint_eq (w.length, 11);
  r = shoal_reader (bytes, w.length);
  ck_assert (shoal_read_welcome (&r, &out));
  ck_assert (out.version == 1 && out.flags == 2 && out.to_cid == 11 && out.cid == 0xffffffff);

  w = shoal_writer (bytes, sizeof bytes);
  shoal_write_refuse (&w, 5, SHOAL_REFUSE_FULL);
  ck_assert_uint_eq (w.length, 6);
  r = shoal_reader (bytes, w.length);
  ck_assert (shoal_read_refuse (&r, &cid, &reason) && cid == 5 && reason == SHOAL_REFUSE_FULL);

  w = shoal_writer (bytes, sizeof bytes);
  shoal_write_reset (&w, 6);
  ck_assert_uint_eq (w.length, 5);
  r = shoal_reader (bytes, w.length);
  ck_assert (shoal_read_reset (&r, &cid) && cid == 6);
}
END_TEST

START_TEST (session)
{
  for (unsigned with = 0; with < 8; with++)
    {
      uint8_t bytes[16];
      ShoalWriter w = shoal_writer (bytes, sizeof bytes);
      ShoalSession in = {
        .cid = 0x0a0b0c0d, .ack = 65535, .has_chunk = with & 1, .chunk = 0x1234, .sack = with & 2 ? 0x8001 : 0
      };
      ShoalSession out;
      in.has_time = with & 4;
      in.time_us = 0xfedcba98;
      shoal_write_session (&w, &in);
      ck_assert_uint_eq (w.length, SHOAL_SESSION_BYTES + 2 * (with & 1) + (with & 2) + (with & 4));
      ck_assert_uint_le (w.length, SHOAL_SESSION_MAX_BYTES);
      ck_assert_uint_eq (bytes[0], 0x60 + with);
      ShoalReader r = shoal_reader (bytes, w.length);
      ck_assert (shoal_read_session (&r, &out));
      ck_assert_uint_eq (r.left, 0);
      ck_assert (out.cid == in.cid && out.ack == 65535 && out.has_chunk == in.has_chunk);
      ck_assert_uint_eq (out.chunk, with & 1 ? 0x1234 : 0);
      ck_assert_uint_eq (out.sack, in.sack);
      ck_assert (out.has_time == in.has_time && out.time_us == (with & 4 ? in.time_us : 0));
    }
}
END_TEST

static const ShoalRequest requests[] = {
  { 0, 0xffff, 0 }, { 1, 0xffff, 3 },          { 127, 0x0001, 0 },          { 128, 0x8000, 1 },
  { 16384, 1, 32 }, { UINT32_MAX, 0xffff, 0 }, { UINT32_MAX, 0x7fff, 255 }, { 300, 0xffff, 1 },
};

static void
write_request_message (ShoalWriter *w, const ShoalRequest *request)
{
  size_t start = w->length, body = shoal_request_bytes (request);
  shoal_write_message (w, SHOAL_MESSAGE_REQUEST, body);
  shoal_write_request (w, request);
  ck_assert_uint_eq (w->length - start, shoal_message_bytes (body));
}

START_TEST (request)
{
  const ShoalRequest *in = &requests[_i];
  uint8_t bytes[32];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalRequest out;
  ShoalMessage m;
  write_request_message (&w, in);
  ck_assert (!w.failed);
  ShoalReader r = shoal_reader (bytes, w.length);
  ck_assert (shoal_read_message (&r, &m));
  ck_assert_uint_eq (r.left, 0);
  ck_assert_uint_eq (m.type, SHOAL_MESSAGE_REQUEST);
  ck_assert (shoal_read_request (&m.body, &out));
  ck_assert_uint_eq (m.body.left, 0);
  ck_assert (out.block == in->block && out.units == in->units && out.levels == in->levels);
  /* The usual one, a whole block of which the hashes are known, is small. */
  if (in->block < 128 && in->units == 0xffff && in->levels == 0)
    ck_assert_uint_eq (w.length, 3);
}
END_TEST

START_TEST (request_for_nothing)
{
  static const uint8_t body[] = { 5, 0, 0, 0 };
  ShoalReader r = shoal_reader (body, sizeof body);
  ShoalRequest out;
  ck_assert (!shoal_read_request (&r, &out));
}
END_TEST

START_TEST (data)
{
  uint8_t proof[32 * SHOAL_HASH_BYTES], bytes[1200];
  for (unsigned i = 0; i < sizeof proof; i++)
    proof[i] = (uint8_t)(i * 7);
  for (unsigned levels = 0; levels <= 32; levels += 4)
    {
      ShoalWriter w = shoal_writer (bytes, sizeof bytes);
      ShoalData in = { .block = 1000000, .first_unit = 15, .levels = (uint8_t)levels, .proof = proof }, out;
      shoal_write_data (&w, &in);
      shoal_write_bytes (&w, "payload", 7);
      ck_assert (!w.failed);
      ck_assert_uint_eq (bytes[0], levels ? 0x81 : 0x80);
      ShoalReader r = shoal_reader (bytes, w.length);
      ck_assert (shoal_read_data (&r, &out));
      ck_assert (out.block == in.block && out.first_unit == 15 && out.levels == levels);
      if (levels > 0)
        ck_assert_mem_eq (out.proof, proof, levels * SHOAL_HASH_BYTES);
      ck_assert_uint_eq (r.left, 7);
      ck_assert_mem_eq (r.at, "payload", 7);
    }
}
END_TEST

START_TEST (data_unit_out_of_range)
{
  static const uint8_t bytes[] = { 0x80, 1, 16, 'x' };
  ShoalReader r = shoal_reader (bytes, sizeof bytes);
  ShoalData out;
  ck_assert (!shoal_read_data (&r, &out));
}
END_TEST

START_TEST (addresses)
{
  static const ShoalAddr in[] = { { .family = 4, .ip = { 1, 2, 3, 4 }, .port = 80 },
                                  { .family = 6, .ip = { 0xfe, 0x80, [15] = 1 }, .port = 65535 } };
  uint8_t bytes[32];
  for (unsigned i = 0; i < 2; i++)
    {
      ShoalWriter w = shoal_writer (bytes, sizeof bytes);
      ShoalAddr out;
      shoal_write_addr (&w, &in[i]);
      ck_assert_uint_eq (w.length, i == 0 ? 7 : 19);
      ShoalReader r = shoal_reader (bytes, w.length);
      ck_assert (shoal_read_addr (&r, &out));
      ck_assert (shoal_addr_equal (&in[i], &out));
    }
  static const uint8_t bad[][7] = { { 5, 1, 2, 3, 4, 0, 80 }, { 4, 1, 2, 3, 4, 0, 0 }, { 0 } };
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      ShoalReader r = shoal_reader (bad[i], sizeof bad[i]);
      ShoalAddr out;
      ck_assert (!shoal_read_addr (&r, &out));
    }
}
END_TEST

START_TEST (messages_in_a_row)
{
  uint8_t bytes[400];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  ShoalMessage m;
  shoal_write_message (&w, SHOAL_MESSAGE_PING, 0);
  shoal_write_message (&w, 0x7f, 200); /* of a later version */
  for (unsigned i = 0; i < 200; i++)
    shoal_write_u8 (&w, 0xff);
  shoal_write_message (&w, SHOAL_MESSAGE_INTEREST, 1);
  shoal_write_u8 (&w, 1);
  shoal_write_u8 (&w, SHOAL_MESSAGE_DATA);
  ck_assert_uint_eq (w.length,
                     shoal_message_bytes (0) + shoal_message_bytes (200) + shoal_message_bytes (1) + 1);
  ShoalReader r = shoal_reader (bytes, w.length);
  ck_assert (shoal_read_message (&r, &m) && m.type == SHOAL_MESSAGE_PING && m.body.left == 0);
  ck_assert (shoal_read_message (&r, &m) && m.type == 0x7f && m.body.left == 200);
  ck_assert (shoal_read_message (&r, &m) && m.type == SHOAL_MESSAGE_INTEREST && m.body.left == 1);
  ck_assert (!shoal_read_message (&r, &m));
  ck_assert (!r.failed);
  ck_assert_uint_eq (r.left, 1);
}
END_TEST

START_TEST (message_length_lies)
{
  static const uint8_t bad[][6] = { { 3, 5, 0, 0, 0, 0 },
                                    { 3, 0xff, 0xff, 0xff, 0xff, 0x0f },
                                    { 3, 0xff, 0xff, 0xff, 0xff, 0x7f },
                                    { 3, 0x80, 0, 0, 0, 0 } };
  for (unsigned i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      ShoalReader r = shoal_reader (bad[i], sizeof bad[i]);
      ShoalMessage m;
      ck_assert (!shoal_read_message (&r, &m));
      ck_assert (r.failed);
    }
}
END_TEST

/* ---- every truncation, every byte flipped ---- */

/* Reads whatever this is with the reader that its first byte asks for, and says whether it was
 * readable. The buffer is exactly as long as the datagram, so that an overrun is found out. */
static bool
readable (const uint8_t *bytes, size_t length)
{
  g_autofree uint8_t *exact = g_memdup2 (length > 0 ? bytes : (const uint8_t *)"", MAX (length, 1));
  ShoalReader r = shoal_reader (exact, length);
  union {
    ShoalHello hello;
    ShoalWelcome welcome;
    ShoalSession session;
  } u;
  uint32_t cid;
  uint8_t cookie[SHOAL_COOKIE_BYTES], reason;
  switch (length > 0 ? exact[0] : 0)
    {
    case SHOAL_DATAGRAM_HELLO:
      return shoal_read_hello (&r, &u.hello);
    case SHOAL_DATAGRAM_COOKIE:
      return shoal_read_cookie (&r, &cid, cookie);
    case SHOAL_DATAGRAM_WELCOME:
      return shoal_read_welcome (&r, &u.welcome);
    case SHOAL_DATAGRAM_REFUSE:
      return shoal_read_refuse (&r, &cid, &reason);
    case SHOAL_DATAGRAM_RESET:
      return shoal_read_reset (&r, &cid);
    default:
      break;
    }
  if (length == 0 || (exact[0] & SHOAL_DATAGRAM_SESSION_MASK) != SHOAL_DATAGRAM_SESSION
      || !shoal_read_session (&r, &u.session))
    return false;
  ShoalMessage m;
  ShoalRequest asked;
  ShoalAddr addr;
  ShoalData d;
  while (shoal_read_message (&r, &m))
    {
      ShoalReader again = m.body;
      shoal_read_request (&m.body, &asked);
      while (again.left > 0 && shoal_read_addr (&again, &addr))
        ;
    }
  return !r.failed && (r.left == 0 || shoal_read_data (&r, &d));
}

static size_t
sample (unsigned which, uint8_t *bytes, size_t room)
{
  ShoalWriter w = shoal_writer (bytes, room);
  uint8_t proof[64] = { 1 };
  ShoalHello hello_ = { .version = 1, .cid = 9, .fid = some_fid, .has_cookie = which == 1 };
  ShoalWelcome welcome = { 1, 0, 3, 4 };
  ShoalSession session_ = { .cid = 5, .ack = 6, .has_chunk = which == 7, .chunk = 7 };
  ShoalData data_ = { .block = 200, .first_unit = 3, .levels = 2, .proof = proof };
  switch (which)
    {
    case 0:
    case 1:
      shoal_write_hello (&w, &hello_);
      break;
    case 2:
      shoal_write_cookie (&w, 1, proof);
      break;
    case 3:
      shoal_write_welcome (&w, &welcome);
      break;
    case 4:
      shoal_write_refuse (&w, 1, 2);
      break;
    case 5:
      shoal_write_reset (&w, 1);
      break;
    default:
      shoal_write_session (&w, &session_);
      for (unsigned i = 0; which == 7 && i < G_N_ELEMENTS (requests); i++)
        write_request_message (&w, &requests[i]);
      shoal_write_data (&w, &data_);
      shoal_write_bytes (&w, proof, 20);
    }
  ck_assert (!w.failed);
  return w.length;
}

START_TEST (truncations)
{
  uint8_t bytes[256];
  size_t length = sample ((unsigned)_i, bytes, sizeof bytes);
  ck_assert (readable (bytes, length));
  for (size_t cut = 0; cut < length; cut++)
    {
      bool hello_without = _i == 1 && cut >= 39; /* a cookie that is not whole is none */
      bool data_cut = _i >= 6;                   /* where payload or a message ends is a lawful end */
      if (readable (bytes, cut))
        ck_assert_msg (hello_without || data_cut, "%d cut to %zu of %zu", _i, cut, length);
    }
}
END_TEST

START_TEST (flips)
{
  uint8_t bytes[256];
  size_t length = sample ((unsigned)_i, bytes, sizeof bytes);
  for (size_t at = 0; at < length; at++)
    for (unsigned v = 1; v < 256; v++)
      {
        bytes[at] ^= (uint8_t)v;
        readable (bytes, length); /* anything, but no overrun */
        bytes[at] ^= (uint8_t)v;
      }
}
END_TEST

/* ---- the document ---- */

static char *
load (const char *path)
{
  char *text = NULL;
  GError *error = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  ck_assert_msg (text != NULL, "%s", error ? error->message : path);
  return text;
}

/* NAME → number, of lines "  PREFIX_NAME = 0x12," in the header. */
static GHashTable *
numbers_of_header (const char *prefix)
{
  g_autofree char *text = load ("src/wire.h"),
                  *pattern = g_strdup_printf ("%s_([A-Z_]+) = (0x[0-9a-f]+|[0-9]+)", prefix);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  GHashTable *numbers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *number = g_match_info_fetch (match, 2);
      g_hash_table_insert (numbers, g_match_info_fetch (match, 1),
                           GUINT_TO_POINTER (strtoul (number, NULL, 0)));
    }
  return numbers;
}

/* The document's rows "| 0x12 | `NAME` |" are those numbers, each once and none besides. */
static void
same_in_document (const char *prefix, const char *section)
{
  g_autofree char *text = load ("docs/protocol.md");
  g_autoptr (GHashTable) numbers = numbers_of_header (prefix);
  g_autoptr (GRegex) row =
      g_regex_new ("^\\| (0x[0-9a-f]+|[0-9]+) \\| `([A-Z_]+)` \\|", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  char *start = strstr (text, section), *end = start ? strstr (start + 1, "\n## ") : NULL;
  ck_assert_msg (start != NULL, "docs/protocol.md has no section '%s'", section);
  if (end)
    *end = '\0';
  unsigned rows = 0, all = g_hash_table_size (numbers);
  ck_assert_uint_gt (all, 1);
  for (g_regex_match (row, start, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL))
    {
      g_autofree char *number = g_match_info_fetch (match, 1), *name = g_match_info_fetch (match, 2);
      gpointer in_code;
      ck_assert_msg (g_hash_table_lookup_extended (numbers, name, NULL, &in_code), "%s is not in src/wire.h",
                     name);
      ck_assert_msg (GPOINTER_TO_UINT (in_code) == strtoul (number, NULL, 0), "%s is %s in docs/protocol.md",
                     name, number);
      rows++;
    }
  ck_assert_msg (rows == all, "docs/protocol.md has %u rows in '%s', src/wire.h %u numbers", rows, section,
                 all);
}

START_TEST (numbers_as_documented)
{
  same_in_document ("SHOAL_DATAGRAM", "\n## Datagrams");
  same_in_document ("SHOAL_MESSAGE", "\n## Messages");
  same_in_document ("SHOAL_REFUSE", "\n## Handshake");
}
END_TEST

static Suite *
wire_suite (void)
{
  Suite *suite = suite_create ("wire");
  TCase *tests = tcase_create ("all");
  tcase_add_test (tests, hello);
  tcase_add_test (tests, longer_than_known);
  tcase_add_test (tests, cookie_welcome_refuse_reset);
  tcase_add_test (tests, session);
  tcase_add_loop_test (tests, request, 0, G_N_ELEMENTS (requests));
  tcase_add_test (tests, request_for_nothing);
  tcase_add_test (tests, data);
  tcase_add_test (tests, data_unit_out_of_range);
  tcase_add_test (tests, addresses);
  tcase_add_test (tests, messages_in_a_row);
  tcase_add_test (tests, message_length_lies);
  tcase_add_loop_test (tests, truncations, 0, 8);
  tcase_add_loop_test (tests, flips, 0, 8);
  tcase_add_test (tests, numbers_as_documented);
  suite_add_tcase (suite, tests);
  return suite;
}

int
main (void)
{
  return shoal_run_suites (wire_suite (), NULL);
}
