/* What the files of the store share. Private to results/. */
#pragma once

#include "results/store.h"

typedef enum {
  SHOAL_INSERT_RUN,
  SHOAL_INSERT_NODE,
  SHOAL_INSERT_TRANSFER,
  SHOAL_INSERT_SOURCE,
  SHOAL_INSERT_ARRIVAL,
  SHOAL_INSERT_WAIT,
  SHOAL_INSERT_SAMPLE,
  SHOAL_INSERT_EVENT,
  SHOAL_INSERT_EXPECTATION,
  SHOAL_INSERTS,
} ShoalInsert;

struct ShoalStore {
  sqlite3 *db;
  char *path;
  sqlite3_stmt *inserts[SHOAL_INSERTS]; /* prepared; NULL in a store opened for reading */
};
