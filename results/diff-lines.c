/* Lines that only one of two texts has: by the longest common subsequence of what lies between the first and the
 * last line that differ. */
#include "results/diff.h"

#include <string.h>

/* Cells of the table at most; beyond, nothing in the middle is taken for common. */
#define CELLS_MAX ((size_t)4 << 20)

typedef struct {
  char **a, **b;
  size_t a_count, b_count;
} Texts;

static void
trim (Texts *t)
{
  while (t->a_count > 0 && t->b_count > 0 && strcmp (t->a[0], t->b[0]) == 0)
    t->a++, t->b++, t->a_count--, t->b_count--;
  while (t->a_count > 0 && t->b_count > 0 && strcmp (t->a[t->a_count - 1], t->b[t->b_count - 1]) == 0)
    t->a_count--, t->b_count--;
}

/* Cell [i][k]: the length of the longest common subsequence of a from i on and b from k on. */
static uint32_t *
fill_table (const Texts *t)
{
  size_t width = t->b_count + 1;
  uint32_t *table = g_new0 (uint32_t, (t->a_count + 1) * width);
  for (size_t i = t->a_count; i-- > 0;)
    for (size_t k = t->b_count; k-- > 0;)
      table[i * width + k] = strcmp (t->a[i], t->b[k]) == 0
                                 ? table[(i + 1) * width + k + 1] + 1
                                 : MAX (table[(i + 1) * width + k], table[i * width + k + 1]);
  return table;
}

static void
add (GPtrArray *out, char sign, const char *line)
{
  g_ptr_array_add (out, g_strdup_printf ("%c%s", sign, line));
}

static void
walk (const Texts *t, const uint32_t *table, GPtrArray *out)
{
  size_t width = t->b_count + 1, i = 0, k = 0;
  while (i < t->a_count || k < t->b_count)
    {
      bool both = i < t->a_count && k < t->b_count;
      if (both && table != NULL && strcmp (t->a[i], t->b[k]) == 0)
        i++, k++;
      else if (k == t->b_count
               || (both && (table == NULL || table[(i + 1) * width + k] >= table[i * width + k + 1])))
        add (out, '-', t->a[i++]);
      else
        add (out, '+', t->b[k++]);
    }
}

GPtrArray *
shoal_diff_lines (const char *a, const char *b)
{
  g_auto (GStrv) a_lines = g_strsplit (a, "\n", -1), b_lines = g_strsplit (b, "\n", -1);
  GPtrArray *out = g_ptr_array_new_with_free_func (g_free);
  Texts t = { a_lines, b_lines, g_strv_length (a_lines), g_strv_length (b_lines) };
  trim (&t);
  bool small = (t.a_count + 1) * (t.b_count + 1) <= CELLS_MAX;
  g_autofree uint32_t *table = small ? fill_table (&t) : NULL;
  walk (&t, table, out);
  return out;
}
