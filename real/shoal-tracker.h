/* Who knows which file is where. Part of shoal.h. */
#pragma once

#include "shoal-node.h"

G_BEGIN_DECLS

/**
 * ShoalTracker:
 *
 * Tells those who want a file of those who hold it, or get it, too; it has addresses only, never content. It
 * speaks the UDP tracker protocol of BitTorrent (BEP 15), and serves other programs, too.
 */
#define SHOAL_TYPE_TRACKER (shoal_tracker_get_type ())
SHOAL_EXTERN
G_DECLARE_FINAL_TYPE (ShoalTracker, shoal_tracker, SHOAL, TRACKER, ShoalNode)

/**
 * shoal_tracker_new:
 * @port: where to bind; 0: a free port
 * @upload_rate: bytes per second, 0: unlimited
 * @download_rate: bytes per second, 0: unlimited
 * @error: where to put what went wrong
 *
 * Returns: (transfer full): a tracker at work
 */
SHOAL_EXTERN ShoalTracker *shoal_tracker_new (guint16 port, guint64 upload_rate, guint64 download_rate,
                                              GError **error);
/**
 * shoal_tracker_get_tracker_status:
 * @tracker: a tracker
 *
 * Returns: (transfer full): what it has to do; of a closed one that of its end
 */
SHOAL_EXTERN ShoalTrackerStatus *shoal_tracker_get_tracker_status (ShoalTracker *tracker);

G_END_DECLS
