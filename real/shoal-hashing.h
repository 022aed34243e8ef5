/* Hashes of a download's blocks, from the thread that makes them to the core's. */
#pragma once

#include "real/shoal-core.h"
#include "src/content.h"

/* Has the content of a download of this file hash its blocks apart. */
void shoal_hashing_begin (ShoalCore *core, const ShoalFid *fid, ShoalContent *content);
