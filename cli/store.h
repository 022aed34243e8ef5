/* The store that a subcommand reads or writes. */
#pragma once

#include "cli/cli.h"
#include "results/store.h"

/* What is used where no --store is given. */
#define SHOAL_DEFAULT_STORE "shoal.db"

/* Says what went wrong. Usage, where the store, a run or something in it that was named is not there. */
ShoalExit shoal_complain_store (const GError *error);
