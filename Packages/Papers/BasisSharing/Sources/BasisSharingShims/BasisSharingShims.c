// Everything is in the header; SwiftPM wants one source file per C target.
#include "BasisSharingShims.h"
