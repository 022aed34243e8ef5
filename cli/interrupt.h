/* Ctrl-C, and other signals that ask a program to end. */
#pragma once

#include <glib.h>

/* From now on the first such signal only sets the flag; one more, a second later or more, ends the
 * program at once. */
void shoal_interrupt_catch (void);
/* Number of the signal that came; 0: none. Read and set atomically. */
const gint *shoal_interrupt_flag (void);
