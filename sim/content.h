/* File contents of which nothing exists but block numbers. */
#pragma once

#include "src/content.h"

/* Writes succeed, and what was not spoilt on the way is whole. */
ShoalContent *shoal_virtual_content_new (void);
