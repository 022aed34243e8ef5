/* Ctrl-C, and other signals that ask a program to end. */
#pragma once

#include <glib.h>

/* From now on the first such signal only sets the flag; one more, a second later or more, ends the
 * program at once. Without descriptors for a pipe nothing changes: each such signal ends the program. */
void shoal_interrupt_catch (void);
/* Number of the signal that came; 0: none. Read and set atomically. */
const gint *shoal_interrupt_flag (void);
/* Readable when the flag is set, for who waits for events; not to be read from. -1: nothing is caught. */
int shoal_interrupt_fd (void);
