// Swift's overlay of glibc leaves <malloc.h> out.
#include <malloc.h>
