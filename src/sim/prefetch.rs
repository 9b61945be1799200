//! Asks the processor for memory ahead of its use. The only unsafe code of the crate.
//!
//! Environments sit at random places of a matrix that is larger than the caches; without this
//! the loop waits for memory most of its time.
#![expect(unsafe_code, reason = "prefetch instructions take a raw pointer")]

/// Bytes of one cache line.
const LINE: usize = 64;

/// Requests the cache lines of `values`; no effect but on time.
#[inline]
pub(crate) fn prefetch<T>(values: &[T]) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let bytes = size_of_val(values);
        let start = values.as_ptr().cast::<i8>();
        // The last byte too: a row seldom starts at the start of a line.
        for offset in (0..bytes).step_by(LINE) {
            // SAFETY: `offset` lies within the slice, and a prefetch reads nothing.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.add(offset)) };
        }
        // SAFETY: as above; an empty slice's own address is asked for instead.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(start.add(bytes.saturating_sub(1))) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (values, LINE);
}
