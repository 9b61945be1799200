//! Which vector instructions this processor offers, found once at run time.
//!
//! Owns the only calls that need an instruction set to be present. A [`Kernel`] is written once over
//! [`Lanes`] and compiled once per set.

#![expect(
    unsafe_code,
    reason = "calling a function compiled for AVX-512 or AVX2 needs a check that the processor has it"
)]

use crate::lanes::{Lanes, Quad};

/// An instruction set that this processor has; cannot be made for one it lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    Portable,
}

/// Arithmetic that is compiled for every instruction set.
///
/// `run` must be `#[inline(always)]`, else it is compiled without the set's instructions.
pub(crate) trait Kernel {
    /// What the kernel returns.
    type Output;
    /// Runs with vectors of kind `L`.
    fn run<L: Lanes>(self) -> Self::Output;
}

impl Isa {
    /// Returns the fastest set of this processor.
    #[must_use]
    pub fn best() -> Self {
        Self::available()[0]
    }

    /// Returns every set this processor has, fastest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2 && is_x86_feature_detected!("avx512f") {
                sets.push(Self(Level::Avx512));
            }
            if avx2 {
                sets.push(Self(Level::Avx2));
            }
        }
        sets.push(Self(Level::Portable));
        sets
    }

    /// Returns the set's name for logs and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => "AVX-512F",
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => "AVX2+FMA",
            Level::Portable => "portable",
        }
    }

    /// Runs `kernel` as compiled for this set.
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Level::Avx512` is only made after avx512f, avx2 and fma were detected.
            Level::Avx512 => unsafe { avx512(kernel) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `Level::Avx2` is only made after avx2 and fma were detected.
            Level::Avx2 => unsafe { avx2(kernel) },
            Level::Portable => portable(kernel),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx2,fma")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<std::arch::x86_64::__m512>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<std::arch::x86_64::__m256>()
}

fn portable<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Quad>()
}
