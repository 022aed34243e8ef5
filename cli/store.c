#include "cli/store.h"

ShoalExit
shoal_complain_store (const GError *error)
{
  bool is_usage = g_error_matches (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_MISSING)
                  || g_error_matches (error, SHOAL_STORE_ERROR, SHOAL_STORE_ERROR_UNKNOWN);
  shoal_complain ("%s", error->message);
  return is_usage ? SHOAL_EXIT_USAGE : SHOAL_EXIT_FAILED;
}
