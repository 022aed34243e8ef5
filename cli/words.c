/* Words on the command line and to the user. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT 0xfffd /* what g_utf8_make_valid() takes, too */

char *
shoal_printable (const char *text, bool is_line)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  GString *out = g_string_new (NULL);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      bool is_kept = !g_unichar_iscntrl (c) || (c == '\n' && !is_line);
      g_string_append_unichar (out, is_kept ? c : REPLACEMENT);
    }
  return g_string_free (out, FALSE);
}

void
shoal_complain (const char *format, ...)
{
  va_list values;
  va_start (values, format);
  g_autofree char *text = g_strdup_vprintf (format, values);
  va_end (values);
  g_autofree char *printable = shoal_printable (text, false);
  fprintf (stderr, "shoal: %s\n", printable);
}

ShoalExit
shoal_complain_usage (const char *command, const char *format, ...)
{
  va_list values;
  va_start (values, format);
  g_autofree char *text = g_strdup_vprintf (format, values);
  va_end (values);
  g_autofree char *printable = shoal_printable (text, false);
  fprintf (stderr, "shoal %s: %s\n`shoal %s --help` tells the options\n", command, printable, command);
  return SHOAL_EXIT_USAGE;
}

/* The entry of a short option that takes a value; NULL: there is none. */
static const GOptionEntry *
find_valued (const GOptionEntry *entries, char letter)
{
  for (; entries->long_name != NULL; entries++)
    if (entries->short_name == letter && entries->arg != G_OPTION_ARG_NONE)
      return entries;
  return NULL;
}

/* GOption knows `-j 4` and `--jobs=4`, but not `-j4`: such words are written out. Strings that are made
 * live in *made. */
static void
split_short_options (const GOptionEntry *entries, char **argv, GPtrArray *made)
{
  for (unsigned i = 1; argv[i] != NULL && strcmp (argv[i], "--") != 0; i++)
    {
      const char *word = argv[i];
      if (word[0] != '-' || word[1] == '-' || word[1] == '\0')
        continue;
      const GOptionEntry *entry = find_valued (entries, word[1]);
      if (entry == NULL)
        continue;
      if (word[2] == '\0')
        {
          if (argv[i + 1] != NULL)
            i++; /* its value, whatever that looks like */
          continue;
        }
      argv[i] = g_strdup_printf ("--%s=%s", entry->long_name, word + 2);
      g_ptr_array_add (made, argv[i]);
    }
}

bool
shoal_parse_options (const char *command, const char *words, const char *summary, const char *description,
                     const GOptionEntry *entries, int *argc, char ***argv, ShoalExit *status)
{
  gboolean help = FALSE;
  const GOptionEntry help_entry[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &help, "Show this help", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (words);
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_strconcat ("shoal ", command, NULL);
  g_set_prgname (name); /* GOption's "Usage:" line begins with it */
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, description);
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_add_main_entries (context, help_entry, NULL);
  *status = SHOAL_EXIT_DONE;
  split_short_options (entries, *argv, made);
  if (!g_option_context_parse (context, argc, argv, &error))
    *status = shoal_complain_usage (command, "%s", error->message);
  else if (help)
    {
      g_autofree char *text = g_option_context_get_help (context, TRUE, NULL);
      fputs (text, stdout);
    }
  return error == NULL && !help;
}

ShoalExit
shoal_finish_output (ShoalExit status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  shoal_complain ("the output could not be written: %s", g_strerror (errno));
  return status == SHOAL_EXIT_DONE ? SHOAL_EXIT_FAILED : status;
}

/* Optimal string alignment distance. */
unsigned
shoal_word_distance (const char *a, const char *b)
{
  size_t n = strlen (a), m = strlen (b);
  g_autofree unsigned *table = g_new0 (unsigned, (n + 1) * (m + 1));
#define AT(i, j) table[(i) * (m + 1) + (j)]
  for (size_t i = 0; i <= n; i++)
    for (size_t j = 0; j <= m; j++)
      {
        if (i == 0 || j == 0)
          {
            AT (i, j) = (unsigned)(i + j);
            continue;
          }
        unsigned best = AT (i - 1, j - 1) + (a[i - 1] != b[j - 1]);
        best = MIN (best, MIN (AT (i - 1, j), AT (i, j - 1)) + 1);
        if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
          best = MIN (best, AT (i - 2, j - 2) + 1);
        AT (i, j) = best;
      }
  return AT (n, m);
#undef AT
}

const char *
shoal_nearest_word (const char *word, const char *const *words)
{
  const char *nearest = NULL;
  size_t length = strlen (word);
  unsigned least = (unsigned)MIN (length, 64) / 3 + 1; /* more would be another word */
  if (length > 64)
    return NULL;
  for (; *words != NULL; words++)
    {
      unsigned distance = shoal_word_distance (word, *words);
      bool begins = length > 0 && g_str_has_prefix (*words, word);
      if (distance <= least || (begins && nearest == NULL))
        {
          least = distance > 0 ? MIN (least, distance - 1) : 0;
          nearest = *words;
        }
    }
  return nearest;
}

bool
shoal_parse_number (const char *text, guint64 least, guint64 most, guint64 *out)
{
  return g_ascii_string_to_unsigned (text, 10, least, most, out, NULL);
}
