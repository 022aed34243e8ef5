#include "tests/hose.h"

static void
hose_receive (ShoalMachine *m, ShoalTime now, const ShoalInput *input)
{
  Hose *hose = (Hose *)m;
  uint64_t number = 0;
  memcpy (&number, input->head, MIN (input->head_bytes, sizeof number));
  hose->out_of_order += number != hose->got;
  hose->got++;
  hose->got_bytes += input->head_bytes;
  hose->last_got_at = now;
  if (hose->echo)
    {
      hose->to = input->from;
      hose->left++;
    }
  if (hose->on_receive)
    hose->on_receive (hose->context, hose, now, input);
}

static bool
hose_next_datagram (ShoalMachine *m, ShoalTime now, ShoalDatagram *out)
{
  Hose *hose = (Hose *)m;
  if (hose->left == 0)
    return false;
  hose->left -= hose->left != HOSE_ENDLESS;
  size_t head = hose->content ? sizeof hose->given : hose->size;
  out->to = hose->to;
  out->head_bytes = (uint16_t)head;
  out->payload = (ShoalPayload){ hose->content, 0, (uint32_t)(hose->size - head) };
  memset (out->head, 0, head);
  memcpy (out->head, &hose->given, sizeof hose->given);
  hose->given++;
  hose->last_given_at = now;
  return true;
}

static ShoalTime
hose_deadline (const ShoalMachine *m)
{
  return ((const Hose *)m)->alarm;
}

static void
hose_wake (ShoalMachine *m, ShoalTime now)
{
  Hose *hose = (Hose *)m;
  (void)now;
  hose->wakes++;
  hose->alarm = hose->alarm_every_ns > 0 ? hose->alarm + hose->alarm_every_ns : SHOAL_NEVER;
}

/* The number of the event is its value. */
static bool
hose_next_event (ShoalMachine *m, ShoalEvent *out)
{
  Hose *hose = (Hose *)m;
  if (hose->events > 0)
    {
      *out = (ShoalEvent){ .kind = SHOAL_EVENT_BLOCK, .value = hose->events-- };
      return true;
    }
  if (!hose->closed || hose->told_closed || hose->left > 0)
    return false;
  hose->told_closed = true;
  *out = (ShoalEvent){ .kind = SHOAL_EVENT_CLOSED };
  return true;
}

static void
hose_set_rates (ShoalMachine *m, ShoalTime now, uint64_t upload_bytes_per_s, uint64_t download_bytes_per_s)
{
  Hose *hose = (Hose *)m;
  (void)now;
  hose->upload_bytes_per_s = upload_bytes_per_s;
  hose->download_bytes_per_s = download_bytes_per_s;
}

static void
hose_close (ShoalMachine *m, ShoalTime now)
{
  (void)now;
  ((Hose *)m)->closed = true;
}

static void
hose_free (ShoalMachine *m)
{
  g_free (m);
}

static const ShoalMachineOps hose_ops = {
  .receive = hose_receive,
  .next_datagram = hose_next_datagram,
  .deadline = hose_deadline,
  .wake = hose_wake,
  .next_event = hose_next_event,
  .set_rates = hose_set_rates,
  .close = hose_close,
  .free = hose_free,
};

static bool
zeros_read (ShoalContent *content, uint64_t offset, uint8_t *into, size_t length)
{
  (void)content;
  (void)offset;
  memset (into, 0, length);
  return true;
}

static const ShoalContentOps zeros_ops = { .read = zeros_read };

Hose *
hose_new (const ShoalAddr *to, size_t size, uint64_t count)
{
  Hose *hose = g_new0 (Hose, 1);
  g_assert (size >= sizeof hose->given);
  hose->machine.ops = &hose_ops;
  hose->to = to ? *to : (ShoalAddr){ 0 };
  hose->size = size;
  hose->zeros.ops = &zeros_ops;
  hose->content = size > SHOAL_HEAD_MAX_BYTES ? &hose->zeros : NULL;
  hose->left = count;
  hose->alarm = SHOAL_NEVER;
  return hose;
}
