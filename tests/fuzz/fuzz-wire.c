/* Datagrams and messages between peers. What is read and written again is read as the same; what it says lies inside
 * the datagram. */
#include "tests/fuzz/fuzz.h"

#include "src/wire.h"

static uint8_t written[4096];

/* What was written is a beginning of what was read. */
static void
require_start (const ShoalWriter *w, const uint8_t *data, size_t size)
{
  fuzz_require (!w->failed && w->length <= size && memcmp (w->bytes, data, w->length) == 0);
}

static void
check_handshake (const uint8_t *data, size_t size)
{
  ShoalWriter w = shoal_writer (written, sizeof written);
  ShoalReader r = shoal_reader (data, size);
  ShoalHello hello;
  ShoalWelcome welcome;
  uint32_t cid;
  uint8_t cookie[SHOAL_COOKIE_BYTES] = { 0 }, reason;
  if (data[0] == SHOAL_DATAGRAM_HELLO && shoal_read_hello (&r, &hello))
    shoal_write_hello (&w, &hello);
  else if (data[0] == SHOAL_DATAGRAM_COOKIE && shoal_read_cookie (&r, &cid, cookie))
    shoal_write_cookie (&w, cid, cookie);
  else if (data[0] == SHOAL_DATAGRAM_WELCOME && shoal_read_welcome (&r, &welcome))
    shoal_write_welcome (&w, &welcome);
  else if (data[0] == SHOAL_DATAGRAM_REFUSE && shoal_read_refuse (&r, &cid, &reason))
    shoal_write_refuse (&w, cid, reason);
  else if (data[0] == SHOAL_DATAGRAM_RESET && shoal_read_reset (&r, &cid))
    shoal_write_reset (&w, cid);
  require_start (&w, data, size);
}

static void
check_request (ShoalReader body)
{
  ShoalRequest request, again;
  if (!shoal_read_request (&body, &request))
    return;
  ShoalWriter w = shoal_writer (written, sizeof written);
  shoal_write_request (&w, &request);
  fuzz_require (!w.failed && w.length == shoal_request_bytes (&request));
  ShoalReader r = shoal_reader (written, w.length);
  fuzz_require (shoal_read_request (&r, &again) && r.left == 0);
  fuzz_require (again.block == request.block && again.units == request.units
                && again.levels == request.levels);
}

static void
check_addr (ShoalReader body)
{
  ShoalAddr addr;
  const uint8_t *start = body.at;
  size_t length = body.left;
  if (!shoal_read_addr (&body, &addr))
    return;
  ShoalWriter w = shoal_writer (written, sizeof written);
  shoal_write_addr (&w, &addr);
  require_start (&w, start, length);
  fuzz_require (w.length == length - body.left);
}

static void
check_data (ShoalReader r)
{
  ShoalData data;
  const uint8_t *start = r.at;
  size_t length = r.left;
  if (!shoal_read_data (&r, &data))
    return;
  fuzz_require (r.left <= length && data.first_unit < SHOAL_UNITS_PER_BLOCK);
  size_t proof = (size_t)data.levels * SHOAL_HASH_BYTES;
  fuzz_require (proof == 0 || (data.proof > start && data.proof + proof == r.at));
  static uint8_t bytes[256 * SHOAL_HASH_BYTES + 16];
  ShoalWriter w = shoal_writer (bytes, sizeof bytes);
  shoal_write_data (&w, &data);
  /* Zero levels may also be said with the longer type. */
  fuzz_require (!w.failed && w.length <= length);
  fuzz_require (data.levels == 0 || memcmp (bytes, start, w.length) == 0);
}

static void
check_messages (ShoalReader r)
{
  ShoalMessage message;
  const uint8_t *start = r.at, *end = r.at + r.left;
  size_t before = r.left;
  while (shoal_read_message (&r, &message))
    {
      size_t length = message.body.left;
      fuzz_require (message.type < SHOAL_MESSAGE_DATA && r.left < before);
      fuzz_require (shoal_message_bytes (length) == before - r.left);
      fuzz_require (length == 0 || (message.body.at > start && message.body.at + length <= end));
      check_request (message.body);
      check_addr (message.body);
      before = r.left;
    }
  if (!r.failed && r.left > 0)
    check_data (r);
}

static void
check_session (const uint8_t *data, size_t size)
{
  ShoalSession session;
  ShoalReader r = shoal_reader (data, size);
  if (!shoal_read_session (&r, &session))
    return;
  ShoalWriter w = shoal_writer (written, sizeof written);
  shoal_write_session (&w, &session);
  fuzz_require (!w.failed && w.length <= SHOAL_SESSION_MAX_BYTES);
  /* An empty `sack` may be written out; all else has one form. */
  if ((data[0] & 2) == 0 || session.sack != 0)
    fuzz_require (memcmp (written + 1, data + 1, w.length - 1) == 0 && size - r.left >= w.length);
  check_messages (r);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  if ((data[0] & SHOAL_DATAGRAM_SESSION_MASK) == SHOAL_DATAGRAM_SESSION)
    check_session (data, size);
  else
    check_handshake (data, size);
  return 0;
}
