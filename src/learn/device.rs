//! Where the learner runs, decided before libtorch is first asked anything.
//!
//! The worker is linked against libtorch's CPU half alone, so that it starts on a login node. On a
//! GPU node the CUDA half lies beside it and is loaded here; libtorch looks for it once, at the
//! first call that touches a device, so this has to come first.

#![expect(unsafe_code, reason = "loading a shared library runs its initialisers")]

use crate::{
    error::TrainError,
    spec::{BackendChoice, DeviceChoice},
};
use domain::{Phrase, phrase};
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
use std::{
    fs,
    path::{Path, PathBuf},
};

const CUDA_HALF: &str = "libtorch_cuda.so";

/// Which learner runs, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Backend {
    /// The fused kernels on the CPU.
    Fused,
    /// libtorch on this device.
    Torch(tch::Device),
}

impl Backend {
    /// Returns the device's name as records have it: `cpu` or `cuda:0`.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Torch(tch::Device::Cuda(index)) => format!("cuda:{index}"),
            Self::Fused | Self::Torch(_) => "cpu".to_owned(),
        }
    }
}

/// A decision and its reason, for the log and the run's events.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// What was decided.
    pub backend: Backend,
    /// Why, in words.
    pub reason: Phrase,
}

/// Decides where the learner runs, loading libtorch's CUDA half if it may be needed.
///
/// # Errors
/// [`TrainError::NoGpu`] when `cuda` was demanded and there is none.
pub fn choose(device: DeviceChoice, backend: BackendChoice) -> Result<Chosen, TrainError> {
    let on_cpu = |reason: Phrase| Chosen {
        backend: match backend {
            BackendChoice::Torch => Backend::Torch(tch::Device::Cpu),
            BackendChoice::Auto | BackendChoice::Fused => Backend::Fused,
        },
        reason,
    };
    if device == DeviceChoice::Cpu || backend == BackendChoice::Fused {
        return Ok(on_cpu(phrase!("as asked", "설정대로")));
    }
    match find_gpu() {
        Ok(()) => Ok(Chosen {
            backend: Backend::Torch(tch::Device::Cuda(0)),
            reason: phrase!("the first GPU", "첫 번째 GPU"),
        }),
        Err(reason) if device == DeviceChoice::Auto => Ok(on_cpu(reason)),
        Err(reason) => Err(TrainError::NoGpu { reason }),
    }
}

/// Returns whether libtorch can use a GPU, else why not.
fn find_gpu() -> Result<(), Phrase> {
    // Without a driver the CUDA half need not be loaded; it is large and slow to start.
    if !Path::new("/proc/driver/nvidia/version").exists() && !Path::new("/dev/nvidiactl").exists() {
        return Err(phrase!(
            "no NVIDIA driver is running",
            "실행 중인 NVIDIA 드라이버가 없습니다"
        ));
    }
    load_cuda_half()?;
    if tch::Cuda::is_available() {
        Ok(())
    } else {
        Err(phrase!(
            "libtorch finds no usable GPU (check nvidia-smi and the driver's version)",
            "libtorch가 쓸 수 있는 GPU를 찾지 못했습니다(nvidia-smi와 드라이버 버전을 확인하세요)"
        ))
    }
}

fn load_cuda_half() -> Result<(), Phrase> {
    let beside = linked_libtorch().ok_or_else(|| {
        phrase!(
            "the linked libtorch was not found in memory",
            "연결된 libtorch를 메모리에서 찾지 못했습니다"
        )
    })?;
    let path = beside.join(CUDA_HALF);
    if !path.is_file() {
        let path = path.display();
        return Err(phrase!(
            "{path} is not there; start with LD_LIBRARY_PATH=<torch>/lib of an installed torch 2.11.0, or lay it out with `MAKOOK_TORCH=installed make setup`",
            "{path} 파일이 없습니다. 설치된 torch 2.11.0의 LD_LIBRARY_PATH=<torch>/lib로 시작하거나 `MAKOOK_TORCH=installed make setup`을 실행하세요"
        ));
    }
    // SAFETY: the library is libtorch's own second half, of the same build as the one that is
    // already linked; its initialisers register CUDA kernels and have no other effect.
    let library =
        unsafe { Library::open(Some(&path), RTLD_NOW | RTLD_GLOBAL) }.map_err(|error| {
            let path = path.display();
            phrase!(
                "{path} does not load: {error}",
                "{path} 파일을 불러올 수 없습니다: {error}"
            )
        })?;
    // Registered kernels point into it for as long as the process lives.
    std::mem::forget(library);
    Ok(())
}

/// Returns the directory of the libtorch that this process is linked against.
fn linked_libtorch() -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    let path = maps
        .lines()
        .filter_map(|line| line.find('/').map(|start| &line[start..]))
        .find(|path| path.ends_with("/libtorch_cpu.so"))?;
    Path::new(path).parent().map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_names_its_device() {
        assert_eq!(Backend::Fused.label(), "cpu");
        assert_eq!(Backend::Torch(tch::Device::Cpu).label(), "cpu");
        assert_eq!(Backend::Torch(tch::Device::Cuda(0)).label(), "cuda:0");
    }

    #[test]
    fn cpu_never_asks_for_a_gpu() {
        assert_eq!(
            choose(DeviceChoice::Cpu, BackendChoice::Auto)
                .unwrap()
                .backend,
            Backend::Fused
        );
    }

    #[test]
    fn the_linked_libtorch_is_found_in_memory() {
        tch::set_num_threads(1);
        assert!(linked_libtorch().unwrap().join("libtorch_cpu.so").is_file());
    }

    #[test]
    fn without_a_gpu_auto_falls_back_with_a_reason_and_cuda_is_an_environment_error() {
        if find_gpu().is_ok() {
            assert!(matches!(
                choose(DeviceChoice::Auto, BackendChoice::Auto)
                    .unwrap()
                    .backend,
                Backend::Torch(_)
            ));
            return;
        }
        let chosen = choose(DeviceChoice::Auto, BackendChoice::Auto).unwrap();
        assert_eq!(chosen.backend, Backend::Fused);
        assert_ne!(chosen.reason.en, "as asked");
        let error = choose(DeviceChoice::Cuda, BackendChoice::Auto).unwrap_err();
        assert_eq!(error.exit(), domain::Exit::Environment);
        assert!(error.hint().en.contains("device = \"auto\""), "{error}");
    }
}
