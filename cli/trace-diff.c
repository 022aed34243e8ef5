#define _POSIX_C_SOURCE 200809L
#include "cli/trace-diff.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Lines told before and after the place. */
enum {
  CONTEXT = 3,
};

/* One trace, line by line. */
typedef struct {
  FILE *file;
  const char *name;
  char *line; /* without its newline; of getline() */
  size_t room;
  bool ended;
} Reader;

static void
advance (Reader *r)
{
  ssize_t length = getline (&r->line, &r->room, r->file);
  r->ended = length < 0;
  if (length > 0 && r->line[length - 1] == '\n')
    r->line[length - 1] = '\0';
}

static bool
is_same (const Reader *a, const Reader *b)
{
  return a->ended || b->ended ? a->ended && b->ended : strcmp (a->line, b->line) == 0;
}

static void
append_rest (GString *out, Reader *r)
{
  g_string_append_printf (out, "%s:\n", r->name);
  if (r->ended)
    g_string_append (out, "  (ends here)\n");
  for (unsigned i = 0; i <= CONTEXT && !r->ended; i++, advance (r))
    g_string_append_printf (out, "%c %s\n", i == 0 ? '>' : ' ', r->line);
}

static char *
describe (GQueue *before, uint64_t number, Reader *a, Reader *b)
{
  GString *out = g_string_new (NULL);
  g_string_append_printf (out, "the first event that differs is number %" PRIu64 "\n", number);
  if (before->length > 0)
    g_string_append (out, "before it, in both:\n");
  for (const GList *l = before->head; l != NULL; l = l->next)
    g_string_append_printf (out, "  %s\n", (const char *)l->data);
  append_rest (out, a);
  append_rest (out, b);
  return g_string_free (out, FALSE);
}

char *
shoal_trace_difference (FILE *a, const char *a_name, FILE *b, const char *b_name)
{
  Reader x = { .file = a, .name = a_name }, y = { .file = b, .name = b_name };
  GQueue before = G_QUEUE_INIT;
  uint64_t number = 0;
  do
    {
      if (number++ > 0)
        g_queue_push_tail (&before, g_strdup (x.line));
      if (before.length > CONTEXT)
        g_free (g_queue_pop_head (&before));
      advance (&x);
      advance (&y);
    }
  while (is_same (&x, &y) && !x.ended);
  char *text = is_same (&x, &y) ? NULL : describe (&before, number, &x, &y);
  g_queue_clear_full (&before, g_free);
  free (x.line);
  free (y.line);
  return text;
}
