#include "scenarios/expect.h"

#include "scenarios/units.h"
#include "scenarios/words.h"

static const char *const stops[] = { "in", "and", "of", "from", "with", NULL };

typedef bool (*ReadValue) (ShoalWords *words, int64_t *value, GError **error);

static char *
quantity (ShoalWords *words)
{
  return shoal_words_until (words, stops);
}

static bool
read_ratio (ShoalWords *words, int64_t *value, GError **error)
{
  g_autofree char *text = quantity (words);
  return shoal_parse_ratio (text, value, error);
}

static bool
read_percent (ShoalWords *words, int64_t *value, GError **error)
{
  g_autofree char *text = quantity (words);
  return shoal_parse_percent (text, value, error);
}

/* One factor of a product: a number or the size of a file. Doubles hold sizes up to 2^53 exactly, and
 * a limit in an expectation needs no more. */
static bool
read_factor (const ShoalScenario *scenario, const char *text, double *product, GError **error)
{
  int64_t ratio;
  int file = shoal_scenario_find_file (scenario, text);
  if (file >= 0)
    {
      *product *= (double)shoal_scenario_file (scenario, (unsigned)file)->size_bytes;
      return true;
    }
  if (!g_ascii_isdigit (text[0]))
    return shoal_fail (
        error, "'%s' is neither a number nor a file; expected for example '1.05 x F1 / 100 kB/s'", text);
  if (!shoal_parse_ratio (text, &ratio, error))
    return false;
  *product *= (double)ratio / (double)SHOAL_ONE;
  return true;
}

/* "1.05 x F1 / 100 kB/s": the time in which so much goes through that rate. */
static bool
read_product (const ShoalScenario *scenario, const char *text, int64_t *value, GError **error)
{
  uint64_t rate;
  double product = 1e9;
  g_auto (GStrv) sides = g_strsplit (text, " / ", 2);
  g_auto (GStrv) factors = g_strsplit (sides[0], " x ", -1);
  for (char **factor = factors; *factor != NULL; factor++)
    if (!read_factor (scenario, *factor, &product, error))
      return false;
  if (!shoal_parse_rate (sides[1], &rate, error))
    return false;
  if (rate == 0)
    return shoal_fail (error, "'%s' divides by an unlimited rate", text);
  *value = (int64_t)MIN (product / (double)rate, (double)SHOAL_MAX_TIME_NS);
  return true;
}

static bool
read_time (ShoalWords *words, int64_t *value, GError **error)
{
  g_autofree char *text = quantity (words);
  if (strstr (text, " / ") != NULL)
    return read_product (words->scenario, text, value, error);
  return shoal_parse_time (text, value, error);
}

/* "drop", "drop + 20 s", "60 s". */
static bool
read_moment (ShoalWords *words, ShoalMoment *moment, GError **error)
{
  const char *first = shoal_words_peek (words);
  moment->mark = -1;
  if (first == NULL || !g_ascii_isalpha (first[0]))
    return read_time (words, &moment->after_ns, error);
  moment->mark = shoal_scenario_find_mark (words->scenario, first);
  moment->after_ns = 0;
  if (moment->mark < 0)
    return shoal_fail (error, "'%s' is neither a time nor marked by an action ('mark: %s')", first, first);
  words->at++;
  return !shoal_words_accept (words, "+") || read_time (words, &moment->after_ns, error);
}

/* Whether "in p2p", "in server-client", "in both models" or "with STRATEGY" comes next, and then the end. */
static bool
begins_case (const ShoalWords *words)
{
  static const char *const models[] = { "p2p", "server-client", "both", NULL };
  const char *in = shoal_words_peek (words), *model = in != NULL ? words->words[words->at + 1] : NULL;
  if (model == NULL)
    return false;
  return strcmp (in, "in") == 0 ? g_strv_contains (models, model)
                                : strcmp (in, "with") == 0 && shoal_strategy_by_name (model) != NULL;
}

/* "<= V", ">= V", "between V and V". */
static bool
read_limits (ShoalWords *words, ReadValue read, ShoalExpect *expect, GError **error)
{
  if (shoal_words_accept (words, "<="))
    return read (words, &expect->most, error);
  if (shoal_words_accept (words, ">="))
    return read (words, &expect->least, error);
  if (shoal_words_accept (words, "between"))
    return read (words, &expect->least, error)
           && shoal_words_need (words, "and", "makespan between 60 s and 65 s", error)
           && read (words, &expect->most, error);
  const char *found = shoal_words_peek (words);
  return shoal_fail (error, "expected '<=', '>=' or 'between … and …'%s%s%s",
                     found ? ", found '" : " at the end", found ? found : "", found ? "'" : "");
}

static bool
read_optional_file (ShoalWords *words, const char *preposition, ShoalExpect *expect, GError **error)
{
  unsigned file;
  if (preposition != NULL && !shoal_words_accept (words, preposition))
    return true;
  if (!shoal_words_file (words, &file, error))
    return false;
  expect->file = (int)file;
  return true;
}

/* What an expectation ends with begins: no file has such a name. */
static bool
is_preposition (const char *word)
{
  return strcmp (word, "in") == 0 || strcmp (word, "with") == 0;
}

/* After "completes": "[FILE] [by TIME]". */
static bool
read_completion (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  const char *next = shoal_words_peek (words);
  expect->kind = SHOAL_EXPECT_COMPLETE;
  if (next != NULL && strcmp (next, "by") != 0 && !is_preposition (next)
      && !read_optional_file (words, NULL, expect, error))
    return false;
  return !shoal_words_accept (words, "by") || read_time (words, &expect->most, error);
}

/* After "finishes": "[FILE] before NODES". */
static bool
read_order (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  expect->kind = SHOAL_EXPECT_ORDER;
  if (g_strcmp0 (shoal_words_peek (words), "before") != 0 && !read_optional_file (words, NULL, expect, error))
    return false;
  return shoal_words_need (words, "before", "B finishes F1 before C", error)
         && shoal_words_nodes (words, expect->others, error);
}

static bool
read_count (ShoalWords *words, int64_t *value, GError **error)
{
  guint64 count;
  const char *text = shoal_words_peek (words);
  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &count, NULL))
    return shoal_fail (error, "expected a whole number%s%s%s", text ? ", found '" : " at the end",
                       text ? text : "", text ? "'" : "");
  words->at++;
  *value = (int64_t)count;
  return true;
}

/* After "got", when it ends with "bad blocks": "<= 1 bad blocks [of FILE] [from NODES]". */
static bool
read_bad_blocks (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  static const char example[] = "A got <= 1 bad blocks";
  expect->kind = SHOAL_EXPECT_BAD_BLOCKS;
  if (shoal_words_accept (words, "no"))
    expect->most = 0;
  else if (!read_limits (words, read_count, expect, error))
    return false;
  return shoal_words_need (words, "bad", example, error) && shoal_words_need (words, "blocks", example, error)
         && read_optional_file (words, "of", expect, error)
         && (!shoal_words_accept (words, "from") || shoal_words_nodes (words, expect->others, error));
}

/* "[between MOMENT and MOMENT]". */
static bool
read_span (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  if (!shoal_words_accept (words, "between"))
    return true;
  if (!read_moment (words, &expect->since, error)
      || !shoal_words_need (words, "and", "B got >= 50 % of F1 from A between 10 s and 20 s", error)
      || !read_moment (words, &expect->until, error))
    return false;
  return expect->since.mark != expect->until.mark || expect->since.after_ns < expect->until.after_ns
         || shoal_fail (error, "the span of time ends before it begins");
}

/* "within TIME of MOMENT". */
static bool
read_within (ShoalWords *words, const char *example, ShoalExpect *expect, GError **error)
{
  ShoalTime span;
  if (!shoal_words_need (words, "within", example, error) || !read_time (words, &span, error)
      || !shoal_words_need (words, "of", example, error) || !read_moment (words, &expect->since, error))
    return false;
  expect->until = expect->since;
  expect->until.after_ns += span;
  return span > 0 || shoal_fail (error, "expected a time of more than 0");
}

/* "[N of] NODES": at least so many of them. */
static bool
read_some (ShoalWords *words, GArray *nodes, ShoalExpect *expect, GError **error)
{
  int64_t some = 0;
  const char *first = shoal_words_peek (words);
  if (first != NULL && g_ascii_isdigit (first[0])
      && (!read_count (words, &some, error)
          || !shoal_words_need (words, "of", "6 of L serve A again", error)))
    return false;
  if (!shoal_words_nodes (words, nodes, error))
    return false;
  expect->quorum = (unsigned)MIN (some, G_MAXINT);
  return expect->quorum <= nodes->len
         || shoal_fail (error, "'%u of' so many: they are only %u", expect->quorum, nodes->len);
}

/* After "choked": "by [N of] NODES within TIME of MOMENT". */
static bool
read_choked (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  static const char example[] = "A choked by B within 20 s of drop";
  expect->kind = SHOAL_EXPECT_CHOKED;
  return shoal_words_need (words, "by", example, error) && read_some (words, expect->others, expect, error)
         && read_within (words, example, expect, error);
}

/* After "[N of] NODES serve": "NODES again within TIME of MOMENT". */
static bool
read_serves (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  static const char example[] = "A serves B again within 40 s of recovery";
  expect->kind = SHOAL_EXPECT_SERVES_AGAIN;
  return shoal_words_nodes (words, expect->others, error) && shoal_words_need (words, "again", example, error)
         && read_within (words, example, expect, error);
}

static bool
read_times (ShoalWords *words, int64_t *value, GError **error)
{
  static const char *const ends[] = { "times", "and", NULL };
  g_autofree char *text = shoal_words_until (words, ends);
  return shoal_parse_ratio (text, value, error);
}

/* After "takes": "LIMITS times as long as NODES [for FILE]". */
static bool
read_times_as_long (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  static const char *const then[] = { "times", "as", "long", "as" };
  expect->kind = SHOAL_EXPECT_TIMES_AS_LONG;
  if (!read_limits (words, read_times, expect, error))
    return false;
  for (unsigned i = 0; i < G_N_ELEMENTS (then); i++)
    if (!shoal_words_need (words, then[i], "A takes >= 1.3 times as long as B", error))
      return false;
  return shoal_words_nodes (words, expect->others, error) && read_optional_file (words, "for", expect, error);
}

/* After "got": "all of FILE from NODES", ">= 50 % of FILE from NODES". */
static bool
read_got (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  if (g_strv_contains ((const char *const *)words->words, "bad"))
    return read_bad_blocks (words, expect, error);
  expect->kind = SHOAL_EXPECT_GOT;
  if (shoal_words_accept (words, "all"))
    expect->least = SHOAL_ONE;
  else if (shoal_words_accept (words, "nothing"))
    expect->most = 0;
  else if (!read_limits (words, read_percent, expect, error))
    return false;
  return shoal_words_need (words, "of", "B got all of F1 from A", error)
         && read_optional_file (words, NULL, expect, error)
         && shoal_words_need (words, "from", "B got all of F1 from A", error)
         && shoal_words_nodes (words, expect->others, error) && read_span (words, expect, error);
}

/* After "fails": "[FILE] [because WORDS]". What comes after the last "in" is about the model, if it says so. */
static bool
read_failure (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  const char *next = shoal_words_peek (words);
  expect->kind = SHOAL_EXPECT_FAILS;
  if (next != NULL && strcmp (next, "because") != 0 && !is_preposition (next)
      && !read_optional_file (words, NULL, expect, error))
    return false;
  if (!shoal_words_accept (words, "because"))
    return true;
  g_autoptr (GString) reason = g_string_new (NULL);
  while ((next = shoal_words_peek (words)) != NULL && !begins_case (words))
    {
      g_string_append_printf (reason, "%s%s", reason->len > 0 && strcmp (next, ",") != 0 ? " " : "", next);
      words->at++;
    }
  expect->reason = g_strdup (reason->str);
  return reason->len > 0
         || shoal_fail (error, "expected words of the reason, as in 'B fails because it crashed'");
}

/* After "each download": "[of FILE] [by NODES] LIMITS". */
static bool
read_download_time (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  expect->kind = SHOAL_EXPECT_DOWNLOAD_TIME;
  return shoal_words_need (words, "download", "each download of F1 <= 2 s", error)
         && read_optional_file (words, "of", expect, error)
         && (!shoal_words_accept (words, "by") || shoal_words_nodes (words, expect->nodes, error))
         && read_limits (words, read_time, expect, error);
}

static bool
read_spread (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  expect->kind = SHOAL_EXPECT_SPREAD;
  return shoal_words_need (words, "of", "spread of F1 <= 1 s", error)
         && read_optional_file (words, NULL, expect, error) && read_limits (words, read_time, expect, error);
}

typedef struct {
  const char *word;
  ShoalExpectKind kind;
  ReadValue read;
} Figure;

static const Figure figures[] = {
  { "makespan", SHOAL_EXPECT_MAKESPAN, read_time },    { "mean", SHOAL_EXPECT_MEAN, read_time },
  { "stretch", SHOAL_EXPECT_STRETCH, read_ratio },     { "speedup", SHOAL_EXPECT_SPEEDUP, read_ratio },
  { "overhead", SHOAL_EXPECT_OVERHEAD, read_percent },
};

/* "B, C complete …", "B finishes …", "B got …". */
static bool
read_about_nodes (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  if (!read_some (words, expect->nodes, expect, error))
    return false;
  if (shoal_words_accept (words, "serves") || shoal_words_accept (words, "serve"))
    return read_serves (words, expect, error);
  if (expect->quorum > 0)
    return shoal_fail (error, "'%u of' goes with 'serve' and 'choked by' only", expect->quorum);
  if (shoal_words_accept (words, "completes") || shoal_words_accept (words, "complete"))
    return read_completion (words, expect, error);
  if (shoal_words_accept (words, "finishes") || shoal_words_accept (words, "finish"))
    return read_order (words, expect, error);
  if (shoal_words_accept (words, "fails") || shoal_words_accept (words, "fail"))
    return read_failure (words, expect, error);
  if (shoal_words_accept (words, "got"))
    return read_got (words, expect, error);
  if (shoal_words_accept (words, "takes") || shoal_words_accept (words, "take"))
    return read_times_as_long (words, expect, error);
  if (shoal_words_accept (words, "choked"))
    return read_choked (words, expect, error);
  const char *found = shoal_words_peek (words);
  return shoal_fail (
      error,
      "expected 'completes', 'finishes', 'fails', 'got', 'takes', 'choked' or 'serves' after the "
      "nodes%s%s%s",
      found ? ", found '" : "", found ? found : "", found ? "'" : "");
}

static bool
fail_unknown_start (const char *word, GError **error)
{
  return shoal_fail (
      error,
      "'%s' begins no expectation; expected everybody, makespan, mean, stretch, speedup, overhead, "
      "each download, spread of, or the name of a node",
      word);
}

static bool
read_statement (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (figures); i++)
    if (shoal_words_accept (words, figures[i].word))
      {
        expect->kind = figures[i].kind;
        return read_limits (words, figures[i].read, expect, error);
      }
  if (shoal_words_accept (words, "each"))
    return read_download_time (words, expect, error);
  if (shoal_words_accept (words, "spread"))
    return read_spread (words, expect, error);
  if (shoal_words_accept (words, "everybody"))
    return shoal_words_need (words, "completes", "everybody completes", error)
           && read_completion (words, expect, error);
  const char *first = shoal_words_peek (words);
  if (first == NULL)
    return shoal_fail (error, "an expectation that says nothing");
  const char *second = words->words[words->at + 1];
  bool sentence = second != NULL && (strcmp (second, ",") == 0 || g_ascii_isalpha (second[0]));
  return sentence ? read_about_nodes (words, expect, error) : fail_unknown_start (first, error);
}

/* After "in": "p2p", "server-client", "both models". */
static bool
read_models (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  expect->in_server_client = true;
  if (shoal_words_accept (words, "both"))
    return shoal_words_need (words, "models", "everybody completes in both models", error);
  expect->in_p2p = false;
  if (shoal_words_accept (words, "server-client"))
    return true;
  expect->in_p2p = true;
  expect->in_server_client = false;
  return shoal_words_accept (words, "p2p")
         || shoal_fail (error, "expected 'in p2p', 'in server-client' or 'in both models'");
}

/* After "with": the name of a strategy. */
static bool
read_strategy (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  const char *name = shoal_words_peek (words);
  if (name == NULL)
    return shoal_fail (error, "expected the name of a strategy at the end, as in 'with tit-for-tat'");
  expect->with = shoal_parse_strategy_name (name, error);
  if (expect->with == NULL)
    return false;
  words->at++;
  return !expect->in_server_client
         || shoal_fail (error, "'with %s' is about p2p: in server-client there is no strategy", name);
}

/* "[in p2p | in server-client | in both models] [with STRATEGY]". */
static bool
read_case (ShoalWords *words, ShoalExpect *expect, GError **error)
{
  expect->in_p2p = true;
  if (shoal_words_accept (words, "in") && !read_models (words, expect, error))
    return false;
  if (shoal_words_accept (words, "with") && !read_strategy (words, expect, error))
    return false;
  return shoal_words_end (words, error);
}

static gboolean
append_scaled (const GMatchInfo *match, GString *out, void *data)
{
  const int64_t *factor = data;
  uint64_t rate;
  g_autofree char *found = g_match_info_fetch (match, 0);
  bool ok = shoal_parse_rate (found, &rate, NULL) && shoal_scale_rate (&rate, *factor, NULL);
  g_autofree char *scaled = ok ? shoal_format_rate (rate) : NULL;
  g_string_append (out, ok ? scaled : found); /* what is no rate is told when the sentence is read */
  return FALSE;
}

/* The sentence with its rates times the scenario's factor, as it would have been written for that. */
static char *
scale_rates (const char *text, int64_t factor)
{
  g_autoptr (GRegex) rate = g_regex_new ("\\d[\\d.]* *[A-Za-z]+/s\\b", 0, 0, NULL);
  return g_regex_replace_eval (rate, text, -1, 0, 0, append_scaled, &factor, NULL);
}

bool
shoal_expect_parse (const ShoalScenario *scenario, const char *text, ShoalExpect *expect, GError **error)
{
  const ShoalMoment not_said = { .mark = -1, .after_ns = SHOAL_NEVER };
  *expect = (ShoalExpect){
    .least = INT64_MIN, .most = INT64_MAX, .file = -1, .since = not_said, .until = not_said
  };
  expect->text =
      scenario->rate_factor == SHOAL_ONE ? g_strdup (text) : scale_rates (text, scenario->rate_factor);
  expect->nodes = g_array_new (FALSE, FALSE, sizeof (unsigned));
  expect->others = g_array_new (FALSE, FALSE, sizeof (unsigned));
  ShoalWords words = shoal_words_new (scenario, expect->text);
  bool ok = read_statement (&words, expect, error) && read_case (&words, expect, error);
  shoal_words_clear (&words);
  if (ok && expect->least > expect->most)
    return shoal_fail (error, "'%s' can never be met: the lower limit is above the upper one", text);
  return ok;
}
