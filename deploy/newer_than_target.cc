// Linked into the portable worker only: what the building host's C++ headers call in libraries that
// are newer than those of the hosts the worker has to start on. Each definition says the same as
// the library's own, so that it may stand in for it everywhere.

// glibc 2.32: whether there is one thread only. Zero is always right; it costs an atomic operation
// where a plain one would do.
extern "C" char __libc_single_threaded;
char __libc_single_threaded = 0;
