/* Two ends of a channel, over a network that loses, repeats and reorders, and acknowledgements that were never said.
 * What comes out at the other end is what went in, in order, each message once; what is impossible is refused. */
#include "tests/fuzz/fuzz.h"

#include "src/channel.h"
#include "src/wire.h"

#define FLYING 32u
#define MESSAGES_WAITING 4000u

typedef struct {
  uint16_t number;
  size_t length;
  uint8_t bytes[SHOAL_CHANNEL_CHUNK_BYTES];
} Chunk;

typedef struct {
  ShoalChannel a, b;
  ShoalTime now;
  Chunk flying[FLYING]; /* from a to b, the newest ones */
  unsigned sent;
  uint32_t said, heard; /* messages, numbered */
} World;

static void
say (World *w, unsigned filler)
{
  if (shoal_channel_waiting (&w->a) > MESSAGES_WAITING)
    return;
  ShoalWriter out = shoal_channel_message (&w->a, SHOAL_MESSAGE_HAVE, sizeof w->said + filler);
  shoal_write_u32 (&out, w->said++);
  for (unsigned i = 0; i < filler; i++)
    shoal_write_u8 (&out, (uint8_t)i);
  fuzz_require (!out.failed);
}

static void
hear (World *w, const uint8_t *bytes, size_t length)
{
  ShoalReader r = shoal_reader (bytes, length);
  ShoalMessage message;
  while (shoal_read_message (&r, &message))
    fuzz_require (shoal_read_u32 (&message.body) == w->heard++);
  fuzz_require (!r.failed && r.left == 0);
}

static void
send_one (World *w, size_t room)
{
  Chunk *chunk = &w->flying[w->sent % FLYING];
  uint16_t number;
  size_t length = 0;
  const uint8_t *bytes = shoal_channel_take (&w->a, w->now, room, &number, &length);
  if (!bytes)
    return;
  fuzz_require (length > 0 && length <= room && length <= sizeof chunk->bytes);
  chunk->number = number;
  chunk->length = length;
  memcpy (chunk->bytes, bytes, length);
  w->sent++;
}

static void
arrive (World *w, unsigned i)
{
  if (w->sent == 0)
    return;
  const Chunk *chunk = &w->flying[i % MIN (w->sent, FLYING)];
  if (!shoal_channel_received (&w->b, w->now, chunk->number, chunk->bytes, chunk->length))
    return;
  hear (w, chunk->bytes, chunk->length);
  size_t length;
  for (uint8_t *held = shoal_channel_next_held (&w->b, &length); held;
       held = shoal_channel_next_held (&w->b, &length))
    {
      hear (w, held, length);
      g_free (held);
    }
}

static void
play (World *w, ShoalReader *in)
{
  unsigned how = shoal_read_u8 (in), more = shoal_read_u8 (in);
  switch (how % 7)
    {
    case 0:
      say (w, more);
      break;
    case 1:
      send_one (w, more * 6);
      break;
    case 2:
      arrive (w, more);
      break;
    case 3:
      fuzz_require (shoal_channel_acked (&w->a, w->now, w->b.expected, shoal_channel_sack (&w->b)));
      break;
    case 4: /* beyond what was sent */
      fuzz_require (
          !shoal_channel_acked (&w->a, w->now, (uint16_t)(w->a.first_number + w->a.count + 1 + more), 0));
      break;
    case 5:
      shoal_channel_check (&w->a, w->now);
      break;
    default:
      w->now += (ShoalTime)1 << more % 40;
    }
  fuzz_require (w->heard <= w->said && w->a.count <= SHOAL_CHANNEL_WINDOW);
  fuzz_require (shoal_channel_rto (&w->a) > 0);
}

/* With a network that is whole, all arrives. */
static void
finish (World *w)
{
  for (unsigned i = 0; i < 4096 && w->heard < w->said; i++)
    {
      w->now += SHOAL_SECOND;
      shoal_channel_check (&w->a, w->now);
      unsigned sent = w->sent;
      send_one (w, SHOAL_CHANNEL_CHUNK_BYTES);
      if (w->sent > sent)
        arrive (w, sent % FLYING);
      shoal_channel_acked (&w->a, w->now, w->b.expected, shoal_channel_sack (&w->b));
    }
  fuzz_require (w->heard == w->said);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  ShoalReader in = shoal_reader (data, size);
  World *w = g_new0 (World, 1);
  w->now = 1000 * SHOAL_SECOND;
  shoal_channel_init (&w->a);
  shoal_channel_init (&w->b);
  while (fuzz_more (&in))
    play (w, &in);
  finish (w);
  shoal_channel_clear (&w->a);
  shoal_channel_clear (&w->b);
  g_free (w);
  return 0;
}
