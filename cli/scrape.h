/* Asks a tracker how many have a file (BEP 15, scrape). */
#pragma once

#include "src/bep15.h"

#include <gio/gio.h>

/* Waits some seconds at most. False and error: no answer, or an error that the tracker sent. */
bool shoal_scrape (const ShoalAddr *tracker, const ShoalFid *fid, ShoalBep15ScrapeEntry *entry,
                   GError **error);
