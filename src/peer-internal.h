/* What the parts of the peer share. Not for use outside src/.
 *
 *   peer.c       the machine: commands, dispatch
 *   outbox.c     the order in which things are sent
 *   handshake.c  HELLO, COOKIE, WELCOME: how two peers become neighbours
 *   neighbour.c  a neighbour's life, and the messages of its session
 *   peer-swarm.c one file: what we hold, who else is there
 *   availability.c  telling and learning who holds what
 *   soon.c       telling of blocks before they are here
 *   picker.c     which block next
 *   download.c   the receiving side: window, credits, requests
 *   moving.c     taking blocks from slow senders
 *   downlink.c   how far behind the own downlink is
 *   path.c       how much the path to a neighbour takes
 *   partial.c    blocks in progress
 *   receive.c    data as it comes, verification
 *   waiting.c    what each download waits for, to be told
 *   upload.c     the sending side: credits, queue, data
 *   precedence.c whom to invite, and whose request to serve, before others
 *   choking.c    whom to choke, as a strategy (strategy.c) says
 *   lending.c    whether blocks that were given away are passed on
 *   peer-info.c  what others may ask of a peer */
#pragma once

#include "src/peer-state.h"

/* peer.c */
void shoal_peer_emit_event (ShoalPeer *p, const ShoalEvent *event); /* copied */
void shoal_peer_emit (ShoalPeer *p, ShoalEventKind kind, const ShoalSwarm *s, const ShoalAddr *who,
                      uint64_t value);
/* outbox.c */
/* Writes the next datagram; false: nothing to send. */
bool shoal_outbox_next (ShoalPeer *p, ShoalTime now, ShoalDatagram *out);
void shoal_peer_mark_dirty (ShoalPeer *p, ShoalNeighbour *n);
/* Both send a datagram outside any session: to a stranger, after control messages, dropped when too many
 * wait; and before all else, to one who has proved its address (welcomes, farewells). */
void shoal_peer_send_raw (ShoalPeer *p, const ShoalAddr *to, const ShoalWriter *w);
void shoal_peer_send_first (ShoalPeer *p, const ShoalAddr *to, const ShoalWriter *w);
/* The announcer, to call it: what it wants is looked at again afterwards. NULL: no tracker. */
static inline ShoalAnnouncer *
shoal_peer_announcer (ShoalPeer *p)
{
  p->announcer_changed = p->announcer != NULL;
  return p->announcer;
}
/* The neighbour whose datagrams carry this connection id; NULL: none. */
ShoalNeighbour *shoal_peer_neighbour (const ShoalPeer *p, uint32_t cid);
/* Remembers a node, to be asked when a file is wanted. */
void shoal_peer_meet (ShoalPeer *p, const ShoalAddr *addr);
/* The tick is wanted soon (something has a timer now). */
void shoal_peer_arm (ShoalPeer *p, ShoalTime now);
ShoalSwarm *shoal_peer_swarm (const ShoalPeer *p, const ShoalFid *fid);

/* handshake.c */
void shoal_handshake_call (ShoalSwarm *s, ShoalTime now, ShoalCandidate *candidate);
void shoal_handshake_datagram (ShoalNeighbour *n, ShoalTime now, ShoalWriter *w);
void shoal_handshake_receive (ShoalPeer *p, ShoalTime now, const ShoalAddr *from, ShoalReader r);
void shoal_handshake_tick (ShoalNeighbour *n, ShoalTime now);
void shoal_handshake_overtaken (ShoalNeighbour *n, ShoalTime now);

/* places.c */
/* Whether the newcomer may have a place. When all are taken, a host that holds many of them, and more than the
 * newcomer's would, loses one. */
bool shoal_places_make_room (ShoalSwarm *s, ShoalTime now, const ShoalAddr *newcomer);

/* neighbour.c */
ShoalNeighbour *shoal_neighbour_new (ShoalSwarm *s, ShoalTime now, const ShoalAddr *addr);
/* The handshake is done: tells what the other needs to know. */
void shoal_neighbour_up (ShoalNeighbour *n, ShoalTime now, uint8_t hello_flags);
/* Takes the neighbour out of everything and frees it. farewell: say goodbye first. */
void shoal_neighbour_down (ShoalNeighbour *n, ShoalTime now, ShoalDownReason reason, bool farewell);
void shoal_neighbour_receive (ShoalPeer *p, ShoalTime now, const ShoalInput *input);
/* False: the neighbour is gone. */
bool shoal_neighbour_tick (ShoalNeighbour *n, ShoalTime now);
/* Something with a timer of its own is open. */
bool shoal_neighbour_busy (const ShoalNeighbour *n);
void shoal_neighbour_say (ShoalNeighbour *n, uint8_t type);
/* Tells whether we want blocks of it. */
void shoal_neighbour_say_interest (ShoalNeighbour *n, bool interested);
/* It chokes us, or not any more. */
void shoal_neighbour_choked_by (ShoalNeighbour *n, bool choked);
void shoal_neighbour_say_block (ShoalNeighbour *n, uint8_t type, uint32_t block);
void shoal_neighbour_send_info (ShoalNeighbour *n);

/* peer-swarm.c */
ShoalSwarm *shoal_swarm_new (ShoalPeer *p, const ShoalFid *fid);
void shoal_swarm_free (ShoalSwarm *s);
/* The dictionary is known: makes room for blocks. */
void shoal_swarm_set_info (ShoalSwarm *s, const ShoalFile *file);
/* Others may have from us what we hold of it: they are told of blocks, and served. */
static inline bool
shoal_swarm_serves (const ShoalSwarm *s)
{
  const ShoalPeerOptions *options = &s->peer->options;
  return !options->never_upload && (s->registered || !options->serve_registered_only);
}
ShoalNeighbour *shoal_swarm_neighbour (const ShoalSwarm *s, const ShoalAddr *addr);
void shoal_swarm_add_candidate (ShoalSwarm *s, const ShoalAddr *addr);
ShoalCandidate *shoal_swarm_candidate (const ShoalSwarm *s, const ShoalAddr *addr);
/* Its owner sent bad data: it is left alone for a while, for longer each time. */
void shoal_swarm_avoid (ShoalSwarm *s, ShoalTime now, const ShoalAddr *addr);
/* Calls candidates until there are enough neighbours. */
void shoal_swarm_connect (ShoalSwarm *s, ShoalTime now);
void shoal_swarm_tick (ShoalSwarm *s, ShoalTime now);
bool shoal_swarm_busy (const ShoalSwarm *s);
/* Next time at which something is due in the swarm itself. */
ShoalTime shoal_swarm_deadline (const ShoalSwarm *s);
/* False: it is not the file's dictionary. */
bool shoal_swarm_info_received (ShoalSwarm *s, ShoalTime now, const uint8_t *bytes, size_t length);
/* There is a block that others may ask for, though it is not held, and that they are to be told of. */
void shoal_swarm_offer (ShoalSwarm *s, uint32_t block);
/* A block was verified: held from now on. */
void shoal_swarm_block_held (ShoalSwarm *s, ShoalTime now, uint32_t block);
/* Everything is here: the download is done. */
void shoal_swarm_complete (ShoalSwarm *s, ShoalTime now);
void shoal_swarm_fail (ShoalSwarm *s, ShoalTime now, ShoalFailure failure);
/* Leaves: neighbours and tracker are told, nothing more is sent. */
void shoal_swarm_leave (ShoalSwarm *s, ShoalTime now);
void shoal_swarm_drop_useless (ShoalSwarm *s, ShoalTime now);

/* availability.c */
void shoal_availability_tell_all (ShoalNeighbour *n);
/* A block is held now, or will be soon: there is news of it. In a small swarm each waits for what few have; in a large one
 * there is other work, and to tell everybody at once would cost a tenth of the CPU for nothing. */
void shoal_availability_offered (ShoalSwarm *s, ShoalTime now, uint32_t block);
/* Tells, with what is sent next, that we hold the block. */
void shoal_availability_tell_held (ShoalNeighbour *n, uint32_t block);
/* The uplink is so fast that news rides on data within a millisecond or so. */
bool shoal_availability_is_fast (const ShoalPeer *p);
/* Writes news of blocks into the channel. */
void shoal_availability_flush (ShoalNeighbour *n, ShoalTime now);
static inline uint32_t
shoal_availability_untold (const ShoalNeighbour *n)
{
  return n->swarm->log_length - n->told;
}
/* It has this block (by its own words, or because we sent it). */
void shoal_availability_learn (ShoalNeighbour *n, uint32_t block);
/* It has this block no more. */
void shoal_availability_unlearn (ShoalNeighbour *n, uint32_t block);
bool shoal_availability_receive (ShoalNeighbour *n, ShoalTime now, const ShoalMessage *m);
void shoal_availability_forget (ShoalNeighbour *n);
void shoal_availability_tick (ShoalNeighbour *n, ShoalTime now);

/* soon.c */
/* The block was asked for, for the first time. If all of it will be here soon, and nobody else but its source has it or
 * will have it, others are told. */
void shoal_soon_asked (ShoalNeighbour *from, ShoalTime now, const ShoalPartial *partial);
/* It will not be, as far as we know: others are told. Nothing happens if they were not told that it will. */
void shoal_soon_not (ShoalSwarm *s, uint32_t block);
/* It is here. */
void shoal_soon_held (ShoalSwarm *s, uint32_t block);
/* The neighbour says that it will have it soon. */
void shoal_soon_heard (ShoalNeighbour *n, uint32_t block);
/* It says that it has it, or shows it. */
void shoal_soon_came (ShoalNeighbour *n, uint32_t block);
/* Whether the neighbour may be asked for it: it has it, or will have it and does not wait for the same as we. */
bool shoal_soon_may_ask (const ShoalNeighbour *n, uint32_t block);
/* The neighbour has the block, and does not only expect it. The dictionary is known. */
static inline bool
shoal_soon_is_held_by (const ShoalNeighbour *n, uint32_t block)
{
  return shoal_bitmap_get (&n->have, block) && !shoal_bitmap_get (&n->soon, block);
}
/* We have the block, or will have it soon. */
static inline bool
shoal_soon_or_held (const ShoalSwarm *s, uint32_t block)
{
  return shoal_bitmap_get (&s->have, block) || shoal_bitmap_get (&s->soon, block);
}

/* picker.c */
/* The member of `from` and not of `without` with the smallest key; ties fall by lot. UINT32_MAX:
 * none. Large maps are sampled. */
uint32_t shoal_pick (const ShoalBitmap *from, const ShoalBitmap *without, const uint16_t *first_key,
                     const uint16_t *second_key, ShoalRandom *random);

/* path.c */
void shoal_path_init (ShoalPath *path, ShoalTime now);
/* Data came that the neighbour's uplink had sent by sent_us (its clock, wrapping). arrived_at: at the own proxy,
 * before it waited there. */
void shoal_path_data (ShoalNeighbour *n, ShoalTime arrived_at, uint32_t sent_us, uint32_t bytes);
/* Data from it was lost. */
void shoal_path_loss (ShoalNeighbour *n, ShoalTime now);

/* partial.c */
/* Bytes of these units of a block: the last unit of a file may be short. */
uint32_t shoal_partial_units_bytes (const ShoalSwarm *s, uint32_t block, uint16_t units);
/* The units that a block has. */
uint16_t shoal_partial_all_units (const ShoalSwarm *s, uint32_t block);
/* NULL: the block is not in progress. */
ShoalPartial *shoal_partial_find (const ShoalSwarm *s, uint32_t block);
ShoalPartial *shoal_partial_new (ShoalSwarm *s, uint32_t block);
/* More of it (or less, when negative) is outstanding at `from`. */
void shoal_partial_owed (ShoalPartial *partial, int64_t more_bytes);
/* Takes the request back, if it was asked for: somebody else is about to be asked for the block, or it is here. */
void shoal_partial_detach (ShoalPartial *partial);
/* The same, and the block is an orphan, to be asked of whoever has a credit for us next: nobody knows when it comes. */
void shoal_partial_orphan (ShoalPartial *partial);
/* All is here, and is being hashed; and the hash is there. */
void shoal_partial_set_hashing (ShoalPartial *partial, bool hashing);
/* What came of it is thrown away, and late parts from who was asked for it are not taken. Nobody may be asked. */
void shoal_partial_restart (ShoalPartial *partial);
/* The block is done with: frees it. */
void shoal_partial_end (ShoalPartial *partial);
void shoal_download_drop_partials (ShoalSwarm *s);

/* receive.c */
void shoal_download_data (ShoalNeighbour *n, ShoalTime now, ShoalReader r, const ShoalInput *input);
/* The hash of a block is there; NULL: it could not be read. */
void shoal_download_block_hashed (ShoalSwarm *s, ShoalTime now, uint32_t block, const uint8_t *hash);
/* All units are here: verifies the block, or asks for the hashes that lack. n: who sent the last. */
void shoal_download_block_whole (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial);

/* download.c */
/* Data came after this wait in the own download queue: the window follows. */
void shoal_download_adapt_window (ShoalPeer *p, ShoalTime waited, uint32_t bytes);
/* All credits of this swarm may be of use again. */
void shoal_download_consider_all (ShoalSwarm *s);
/* Asks a neighbour for what is missing of a block. False: nothing was, and it is verified already. */
bool shoal_download_ask (ShoalNeighbour *n, ShoalTime now, ShoalPartial *partial);
void shoal_download_init (ShoalPeer *p);
void shoal_download_set_rate (ShoalPeer *p);
/* Uses credits as long as the window has room. */
void shoal_download_fill (ShoalPeer *p, ShoalTime now);
void shoal_download_credit (ShoalNeighbour *n, ShoalTime now, ShoalReader body);
/* The neighbour has something that we lack and did not know of. */
void shoal_download_news (ShoalNeighbour *n);
/* The neighbour sent all that was asked of a block. */
void shoal_download_sent (ShoalNeighbour *n, ShoalTime now, uint32_t block);
/* The neighbour will not serve this block. */
void shoal_download_rejected (ShoalNeighbour *n, ShoalTime now, uint32_t block);
/* The neighbour choked us or is gone: what was asked of it is open again. */
void shoal_download_withdraw (ShoalNeighbour *n);
void shoal_download_tick (ShoalNeighbour *n, ShoalTime now);
/* It does not answer what it was asked, for longer than is usual. */
bool shoal_download_is_silent (const ShoalNeighbour *n, ShoalTime now);
void shoal_download_tick_all (ShoalPeer *p, ShoalTime now);

/* moving.c */
/* The block that others owe us and that should rather come from n; NULL: there is none. */
ShoalPartial *shoal_moving_slowest (ShoalNeighbour *n, ShoalTime now);

/* downlink.c */
/* How long the own downlink takes for a datagram. */
ShoalTime shoal_downlink_service_ns (const ShoalPeer *p, const ShoalInput *input);
/* When a datagram that comes out of the downlink now had come to it. */
ShoalTime shoal_downlink_arrived_at (const ShoalPeer *p, ShoalTime now, const ShoalInput *input);
/* Nothing came out of it for as long as the largest datagram takes. */
bool shoal_downlink_is_idle (const ShoalPeer *p, ShoalTime now);
/* To be told of each datagram. */
void shoal_downlink_delivered (ShoalPeer *p, ShoalTime now, const ShoalInput *input);
/* For how long nothing can have come of what was due from `since` on. It is less than the time that has passed: an answer
 * may wait in the downlink. */
ShoalTime shoal_downlink_silence_ns (const ShoalPeer *p, ShoalTime now, ShoalTime since);

/* waiting.c; only for peers with tells_waits */
void shoal_waiting_begin (ShoalSwarm *s, ShoalTime now);
/* This one has data; before it is taken. */
void shoal_waiting_data (ShoalSwarm *s, ShoalTime now, const ShoalInput *input);
/* At the end of each step. */
void shoal_waiting_look (ShoalPeer *p, ShoalTime now);
/* At each tick, before anything is done about what is lost. */
void shoal_waiting_tick (ShoalPeer *p, ShoalTime now);

/* upload.c */
void shoal_upload_init (ShoalPeer *p);
void shoal_upload_set_rate (ShoalPeer *p);
/* Gives credits as long as the pipeline has room. */
void shoal_upload_fill (ShoalPeer *p, ShoalTime now);
void shoal_upload_request (ShoalNeighbour *n, ShoalTime now, const ShoalRequest *request);
void shoal_upload_cancel (ShoalNeighbour *n, uint32_t block);
/* The block is here, and what waits for it can go out. */
void shoal_upload_held (ShoalSwarm *s, uint32_t block);
/* Some data can be sent now. */
static inline bool
shoal_upload_has_data (const ShoalPeer *p)
{
  return p->up.queue.length > p->up.waiting;
}
/* That the block came need not be told to this neighbour: it asked for it, and the data will say so. */
bool shoal_upload_says_it_holds (ShoalNeighbour *n, uint32_t block);
/* The neighbour's request for this block, if there is one, cannot be served any more. */
void shoal_upload_reject (ShoalNeighbour *n, uint32_t block);
/* Forgets the neighbour's requests and credits. */
void shoal_upload_withdraw (ShoalNeighbour *n);
/* Writes the next part of data to send. False: none. */
ShoalNeighbour *shoal_upload_next (ShoalPeer *p);
void shoal_upload_write (ShoalPeer *p, ShoalTime now, ShoalWriter *w, ShoalPayload *payload);
void shoal_upload_tick (ShoalNeighbour *n, ShoalTime now);
/* Blocks that it was promised and has not had: requests in our queue, and credits. */
static inline uint32_t
shoal_upload_promises (const ShoalNeighbour *n)
{
  return n->queued + n->credits_out;
}

/* precedence.c */
/* Who of a swarm's candidates is given the next credit; NULL: there are none. */
ShoalNeighbour *shoal_precedence_first (const GPtrArray *candidates);
/* Whether a is given it before b; who lags is as it was found when each was last a candidate. */
bool shoal_precedence_invites (const ShoalNeighbour *a, const ShoalNeighbour *b);
/* Whether request a is begun before b, of which nothing is out either. */
bool shoal_precedence_serves (const ShoalUpload *a, const ShoalUpload *b);
/* Few of our neighbours have the block that is asked for, or the request has waited for long. */
bool shoal_precedence_is_urgent (const ShoalUpload *u);

/* lending.c; all do nothing in a peer that serves everybody, or does not hold everything. */
/* Whether this neighbour, which holds everything, is told what we get. */
bool shoal_lending_tells (const ShoalNeighbour *n);
/* It says that it holds the block. True: there is nothing else to do about it. */
bool shoal_lending_heard (ShoalNeighbour *n, uint32_t block);
/* It says that it holds everything. */
void shoal_lending_heard_all (ShoalNeighbour *n);
/* All of the block went to it. */
void shoal_lending_gave (ShoalNeighbour *n, uint32_t block);
/* Some blocks nobody has passed on yet. */
bool shoal_lending_scarce (ShoalSwarm *s);
/* Counts what was passed on since the last turn. */
void shoal_lending_settle (ShoalNeighbour *n);
/* What the neighbour keeps is given to others as if it had not gone out. */
void shoal_lending_give_up (ShoalNeighbour *n);
void shoal_lending_free (ShoalSwarm *s);

/* choking.c */
/* Says the defaults of what the options leave open. */
void shoal_choking_init (ShoalPeer *p);
/* Decides whether a neighbour is choked until the next turn, at its start and when its interest changed. */
void shoal_choking_apply (ShoalNeighbour *n, ShoalTime now);
/* Takes a turn when it is time to: asks the strategy whom to serve. */
void shoal_choking_tick (ShoalSwarm *s, ShoalTime now);
