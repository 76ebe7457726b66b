#include "TinyTensorShims.h"

#include <stddef.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

static _Thread_local int32_t inside_parallel = 0;

int32_t tt_is_inside_parallel(void) { return inside_parallel; }
void tt_set_inside_parallel(int32_t inside) { inside_parallel = inside; }

void tt_advise_huge_pages(void *pointer, uint64_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  (void)madvise(pointer, (size_t)bytes, MADV_HUGEPAGE);
#else
  (void)pointer;
  (void)bytes;
#endif
}
