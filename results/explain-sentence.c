/* What is said of a download: what it waited for most, and what could have been saved. */
#include "results/explain.h"

static double
seconds (int64_t ns)
{
  return (double)ns / 1e9;
}

/* The cause that took most; NULL: there is none. */
static const char *
chief_cause (const ShoalExplanation *explanation)
{
  const char *chief = NULL;
  for (unsigned i = 0; i < explanation->shares->len; i++)
    {
      const char *cause = ((const ShoalShare *)g_ptr_array_index (explanation->shares, i))->cause;
      if (chief == NULL
          || shoal_explanation_of_cause (explanation, cause)
                 > shoal_explanation_of_cause (explanation, chief))
        chief = cause;
    }
  return chief;
}

/* The neighbour that had the larger half of it; NULL: none had. Shares are in order of size. */
static const ShoalShare *
chief_peer (const ShoalExplanation *explanation, const char *cause)
{
  int64_t all = shoal_explanation_of_cause (explanation, cause);
  for (unsigned i = 0; i < explanation->shares->len; i++)
    {
      const ShoalShare *share = g_ptr_array_index (explanation->shares, i);
      if (g_str_equal (share->cause, cause))
        return share->peer != NULL && share->ns > all / 2 ? share : NULL;
    }
  return NULL;
}

/* Where a neighbour is named, only what it is the reason of is told. */
static char *
say_cause (const ShoalExplanation *explanation, const char *cause, int64_t *ns)
{
  static const struct {
    const char *cause, *of_all, *of_one;
  } phrases[] = {
    { "tracker", "waited for the tracker", NULL },
    { "handshake", "waited for a neighbour's answer", NULL },
    { "choked", "was choked by all who had what it lacked", NULL },
    { "nothing-useful", "found nothing useful at its neighbours", NULL },
    { "uplinks", "was limited by the uplinks of its sources", "was limited by %s's uplink" },
    { "downlink", "was limited by its own downlink", NULL },
    { "verification", "waited for hashes", NULL },
    { "stall", "was stalled by losses or silence",
      "was stalled by %s's silence, or loss on the way from it" },
  };
  const ShoalShare *share = chief_peer (explanation, cause);
  *ns = shoal_explanation_of_cause (explanation, cause);
  for (unsigned i = 0; i < G_N_ELEMENTS (phrases); i++)
    if (g_str_equal (phrases[i].cause, cause))
      {
        if (share == NULL || phrases[i].of_one == NULL)
          return g_strdup (phrases[i].of_all);
        g_auto (GStrv) parts = g_strsplit (phrases[i].of_one, "%s", 2);
        *ns = share->ns;
        return g_strconcat (parts[0], share->peer, parts[1], NULL);
      }
  return g_strdup_printf ("waited (%s)", cause);
}

static char *
say_bound (const ShoalExplanation *explanation)
{
  if (explanation->bound_ns == SHOAL_ROW_NO_TIME)
    return g_strdup ("");
  int64_t rest = explanation->took_ns - explanation->bound_ns;
  const char *who =
      explanation->limit == SHOAL_LIMIT_DOWNLINK ? "its downlink needs" : "the offerers' uplinks need";
  return g_strdup_printf ("; no protocol could have saved it more than %.3f s (%s %.3f s)",
                          seconds (MAX (rest, 0)), who, seconds (explanation->bound_ns));
}

char *
shoal_explanation_sentence (const ShoalExplanation *explanation)
{
  const char *cause = chief_cause (explanation);
  g_autofree char *bound = say_bound (explanation);
  int64_t ns;
  if (cause == NULL)
    return g_strdup_printf ("%s waited for nothing: %s took no time", explanation->node, explanation->file);
  g_autofree char *what = say_cause (explanation, cause, &ns);
  return g_strdup_printf ("%s %s for %.3f of %.3f s%s", explanation->node, what, seconds (ns),
                          seconds (explanation->took_ns), bound);
}
